"""The password call: what is certain, what is unknown, and that it is never sent twice."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.orgs import OrgConfig
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.org import Org
from services.salesforce.records import SalesforceUser
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.conftest import NOW
from tests.unit.salesforce.stub import Stub, error, rows
from tests.unit.salesforce.test_org_reads import user_row

ADA = SalesforceUser(
    id=sf.USER_ID,
    username="ada@acme.example",
    email="ada@acme.example",
    name="Ada",
    is_active=True,
    user_type="Standard",
)


async def warm(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows())
    await org.user(sf.USER_ID)
    stub.asked.clear()


async def test_it_is_one_request(stub: Stub, org: Org) -> None:
    await warm(stub, org)
    stub.on(sf.PASSWORD, JSONResponse({"NewPassword": "hunter2"}))
    await org.reset_password(sf.USER_ID)
    assert [(one.method, one.path) for one in stub.asked] == [("DELETE", sf.PASSWORD)]


@pytest.mark.parametrize(
    "answer",
    [
        # The status says that it is done; the rest of the answer is a secret that nobody needs.
        Response('{"NewPass', 200, media_type="application/json"),
        Response('{"x": 1}', 200, {"Content-Length": "500"}, media_type="application/json"),
        Response(status_code=204),
    ],
)
async def test_a_success_counts_by_its_status_alone(stub: Stub, org: Org, answer: Response) -> None:
    stub.on(sf.PASSWORD, answer)
    await org.reset_password(sf.USER_ID)
    assert stub.paths.count(sf.PASSWORD) == 1


async def never(_: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (never, "read_timeout"),
        (sf.cut, "connection_broken"),
        (error(500, "UNKNOWN_EXCEPTION"), "http_500"),
        (error(503, "SERVER_UNAVAILABLE"), "SERVER_UNAVAILABLE"),
        (Response("<html>", 502), "http_502"),
        (Response("", 302, {"Location": "/"}), "http_302"),
        (Response("<html>", 200, media_type="text/html"), "not_json"),
        (error(408, "X"), "http_408"),
        (Response("<html>", 400), "http_400"),
        (JSONResponse({"errorCode": "not a list"}, 400), "http_400"),
    ],
)
async def test_what_may_have_been_done_is_unknown_and_not_repeated(
    stub: Stub, org: Org, answer: sf.Answer, code: str
) -> None:
    stub.on(sf.PASSWORD, answer)
    with pytest.raises(OutcomeUnknown) as caught:
        await org.reset_password(sf.USER_ID)
    assert caught.value.code == code
    assert stub.paths.count(sf.PASSWORD) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached),
        (error(400, "UNABLE_TO_LOCK_ROW"), Unavailable),
        (error(409, "UNABLE_TO_LOCK_ROW"), Unavailable),
        (error(429, "X"), Unavailable),
        (error(403, "INSUFFICIENT_ACCESS"), NotPermitted),
        (error(404, "NOT_FOUND"), NotFound),
        (error(400, "SECRET_CODE"), Unexpected),
    ],
)
async def test_what_was_refused_is_known_to_be_undone(
    stub: Stub, org: Org, answer: Response, expected: type[SalesforceError]
) -> None:
    stub.on(sf.PASSWORD, answer)
    with pytest.raises(expected) as caught:
        await org.reset_password(sf.USER_ID)
    assert "SECRET" not in repr(caught.value)
    assert stub.paths.count(sf.PASSWORD) == 1


@pytest.mark.parametrize("refused", [error(401, "INVALID_SESSION_ID"), Response("<html>", 401)])
async def test_an_expired_session_was_refused_so_it_is_asked_once_more(
    stub: Stub, org: Org, refused: Response
) -> None:
    stub.on(sf.PASSWORD, refused, JSONResponse({"NewPassword": "hunter2"}))
    await org.reset_password(sf.USER_ID)
    assert stub.paths == [sf.TOKEN, sf.PASSWORD, sf.TOKEN, sf.PASSWORD]
    stub.on(sf.PASSWORD, refused)
    with pytest.raises(LoginRefused):
        await org.reset_password(sf.USER_ID)


async def test_a_call_that_never_left_has_changed_nothing(
    config: OrgConfig, executor: ThreadPoolExecutor, stub: Stub
) -> None:
    # The session comes from the stub, the instance behind it is gone.
    org = Org(config, lambda: NOW, executor)
    stub.on(sf.QUERY, rows())
    await org.user(sf.USER_ID)
    object.__setattr__(org._session.current(), "instance_url", "http://127.0.0.1:1")
    with pytest.raises(Unavailable) as caught:
        await org.reset_password(sf.USER_ID)
    assert caught.value.code == "connect_failed"
    await org.close()


def trail(display: str, by: str = "bot@acme.example") -> Response:
    return rows({"Display": display, "CreatedBy": {"Username": by}, "CreatedDate": "x"})


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (rows(), False),
        (trail("Reset password for user Ada@acme.example"), True),
        (trail("Reset password for user ada@acme.example."), True),
        (trail("Reset password for user ada@acme.example", by="Ben@acme.example"), False),
        (trail("Reset password for user ada@acme.example.uat"), False),
        (trail("Reset password for user grada@acme.example"), False),
        (trail("Reset password for user Ada"), False),
        (rows({"Display": None, "CreatedBy": {"Username": "bot@acme.example"}}), False),
        (rows({"Display": "x", "CreatedBy": None}), False),
    ],
)
async def test_only_our_own_reset_of_that_user_is_evidence(
    stub: Stub, org: Org, answer: Response, seen: bool
) -> None:
    stub.on(sf.QUERY, answer)
    assert await org.password_reset_seen(ADA, NOW) is seen
    assert "CreatedDate >= 2026-03-01T12:00:00Z" in stub.asked[-1].query["q"]
    assert stub.paths == [sf.TOKEN, sf.QUERY]


@pytest.mark.parametrize(("minutes", "seen"), [(-1, False), (1, True)])
async def test_without_the_trail_the_last_password_change_stands_in(
    stub: Stub, org: Org, minutes: int, seen: bool
) -> None:
    changed = (NOW + timedelta(minutes=minutes)).isoformat()
    stub.on(sf.QUERY, error(400, "INVALID_TYPE"), rows(user_row(LastPasswordChangeDate=changed)))
    assert await org.password_reset_seen(ADA, NOW) is seen
