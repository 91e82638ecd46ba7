"""An effect in trouble: what is unknown, what was surely refused, and what that stops."""

import asyncio
import logging

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.salesforce.assertion import Grant
from services.salesforce.errors import (
    LimitReached,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.home import Home
from services.salesforce.http import Timeouts
from services.salesforce.org import Org
from services.salesforce.records import Ended
from services.salesforce.revoking import revoke
from tests.unit.salesforce import breach
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.breach import FREEZE, SESSIONS, TOKENS, effects, oauth_error
from tests.unit.salesforce.stub import Stub, error

DONE = Response(status_code=204)
PAGE = Response("<html>", 200, media_type="text/html")


async def never(_: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


UNKNOWN: list[tuple[sf.Answer, str]] = [
    (never, "read_timeout"),
    (sf.cut, "connection_broken"),
    (error(500, "UNKNOWN_EXCEPTION"), "http_500"),
    (error(503, "SERVER_UNAVAILABLE"), "SERVER_UNAVAILABLE"),
    (Response("<html>", 502), "http_502"),
    (Response("", 302, {"Location": "/"}), "http_302"),
    (PAGE, "not_json"),
    (error(408, "X"), "http_408"),
    (Response("<html>", 400), "http_400"),
]
LOCKED = error(400, "UNABLE_TO_LOCK_ROW")
REFUSED: list[tuple[sf.Answer, type[SalesforceError]]] = [
    (error(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached),
    (error(429, "X"), Unavailable),
    (error(403, "INSUFFICIENT_ACCESS"), NotPermitted),
]


@pytest.mark.parametrize(("answer", "code"), UNKNOWN)
async def test_a_freeze_that_may_have_happened_is_unknown(
    stub: Stub, org: Org, answer: sf.Answer, code: str
) -> None:
    breach.open_for(stub)
    stub.on(FREEZE, answer)
    with pytest.raises(OutcomeUnknown) as caught:
        await org.control.set_frozen(sf.USER_ID, frozen=True)
    assert caught.value.code == code
    assert effects(stub) == [FREEZE]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        *REFUSED,
        (LOCKED, Unavailable),
        (error(404, "NOT_FOUND"), NotFound),
        (error(400, "SECRET_CODE"), Unexpected),
    ],
)
async def test_a_freeze_that_was_refused_is_known_to_be_undone(
    stub: Stub, org: Org, answer: sf.Answer, expected: type[SalesforceError]
) -> None:
    breach.open_for(stub)
    stub.on(FREEZE, answer)
    with pytest.raises(expected) as caught:
        await org.control.set_frozen(sf.USER_ID, frozen=True)
    assert "SECRET" not in repr(caught.value)
    assert effects(stub) == [FREEZE]


@pytest.mark.parametrize(
    ("answer", "code"),
    [*UNKNOWN, (Response("<html>", 404), "http_404"), (error(400, "SECRET_CODE"), "http_400")],
)
async def test_a_session_that_may_live_stops_no_other(
    stub: Stub, org: Org, answer: sf.Answer, code: str
) -> None:
    breach.open_for(stub)
    stub.on(SESSIONS[1], answer)
    ended = await org.control.end_sessions(sf.USER_ID)
    assert ended == Ended(ended=2, failed=(code,))
    assert effects(stub) == list(SESSIONS)


@pytest.mark.parametrize("code", ["NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"])
async def test_a_session_that_is_gone_has_ended(stub: Stub, org: Org, code: str) -> None:
    breach.open_for(stub)
    stub.on(SESSIONS[1], error(404, code))
    assert await org.control.end_sessions(sf.USER_ID) == Ended(ended=3)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *UNKNOWN,
        (Response("<html>", 404), "http_404"),
        (error(401, "INVALID_SESSION_ID"), "http_401"),
        (oauth_error("invalid_request"), "http_400"),
    ],
)
async def test_a_grant_that_may_live_stops_no_other(
    stub: Stub, org: Org, answer: sf.Answer, code: str
) -> None:
    breach.open_for(stub)
    stub.on(sf.REVOKE, Response(), answer, Response())
    ended = await org.control.revoke_grants(sf.USER_ID)
    assert ended == Ended(ended=2, failed=(code,))
    assert [one.form["token"] for one in stub.asked[2:]] == list(TOKENS)
    assert stub.logins == 1


@pytest.mark.parametrize("name", ["unsupported_token_type", "invalid_token"])
async def test_a_grant_that_is_gone_has_ended(stub: Stub, org: Org, name: str) -> None:
    breach.open_for(stub)
    stub.on(sf.REVOKE, oauth_error(name), JSONResponse({}))
    assert await org.control.revoke_grants(sf.USER_ID) == Ended(ended=3)


async def test_a_row_that_somebody_else_changes_stops_no_other(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    stub.on(SESSIONS[0], LOCKED)
    for one in SESSIONS[1:]:
        stub.on(one, DONE)
    ended = await org.control.end_sessions(sf.USER_ID)
    assert ended == Ended(ended=len(SESSIONS) - 1, failed=("UNABLE_TO_LOCK_ROW",))
    assert effects(stub) == list(SESSIONS)


@pytest.mark.parametrize(("answer", "expected"), REFUSED)
async def test_what_would_meet_the_others_too_stops_them(
    stub: Stub, org: Org, answer: sf.Answer, expected: type[SalesforceError]
) -> None:
    breach.open_for(stub)
    stub.on(SESSIONS[0], answer)
    with pytest.raises(expected) as caught:
        await org.control.end_sessions(sf.USER_ID)
    assert effects(stub) == [SESSIONS[0]]
    stub.asked.clear()
    stub.on(SESSIONS[0], DONE)
    stub.on(SESSIONS[1], answer)
    ended = await org.control.end_sessions(sf.USER_ID)
    assert ended == Ended(ended=1, failed=(caught.value.code,))
    assert effects(stub) == list(SESSIONS[:2])


async def test_what_may_have_happened_isnt_denied_by_what_stops_later(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    stub.on(sf.REVOKE, sf.cut, error(429, "X"))
    ended = await org.control.revoke_grants(sf.USER_ID)
    assert ended == Ended(ended=0, failed=("connection_broken", "http_429"))


async def test_a_token_goes_to_no_other_host(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    await org.control.read_standing(sf.USER_ID)
    listed = stub.answers.pop(sf.COMPOSITE)
    session = org._session.current()

    async def answer_and_move(request: Request) -> Response:
        object.__setattr__(session, "instance_url", "https://acme.example")
        assert not isinstance(listed[0], Response)
        return await listed[0](request)

    stub.on(sf.COMPOSITE, answer_and_move)
    stub.asked.clear()
    ended = await org.control.revoke_grants(sf.USER_ID)
    assert ended == Ended(ended=0, failed=("foreign_instance",) * 3)
    assert stub.paths == [sf.COMPOSITE]


def test_a_revocation_that_never_left_has_changed_nothing() -> None:
    gone = "http://127.0.0.1:1"
    with pytest.raises(Unavailable, match="connect_failed"):
        revoke(SecretStr(TOKENS[0]), Grant("x", gone), Home(gone), Timeouts(connect=1.0))


@pytest.mark.parametrize(
    "answer",
    [
        never,
        sf.cut,
        PAGE,
        error(500, "DELETE-TOKEN-1"),
        oauth_error("DELETE-TOKEN-1"),
        Response("DELETE-TOKEN-1", 302, {"Location": "/?token=DELETE-TOKEN-1"}),
    ],
)
async def test_no_token_is_told_to_anybody(
    stub: Stub, org: Org, caplog: pytest.LogCaptureFixture, answer: sf.Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    breach.open_for(stub)
    stub.on(sf.REVOKE, answer)
    ended = await org.control.revoke_grants(sf.USER_ID)
    assert ended.ended == 0
    assert len(ended.failed) == 3
    assert "urllib3" in {record.name.partition(".")[0] for record in caplog.records}
    assert "DELETE-TOKEN" not in caplog.text + repr(ended)
