"""Several queries in one request: how they are asked, and how each answer stands by itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response
from structlog.testing import LogCapture

from services.salesforce import composite
from services.salesforce import org as org_module
from services.salesforce.composite import Answer, Question, Rows
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.org import Org
from services.salesforce.refusals import SessionExpired
from services.salesforce.soql import MOST_USERS
from tests.unit.salesforce import parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.conftest import NOW
from tests.unit.salesforce.stub import Stub, cut, error

THEN = datetime(2026, 2, 28, 10, tzinfo=UTC)
SINCE = datetime(2026, 2, 28, 9, 30, 15, 999_000, tzinfo=UTC)
ASKED = {"one": Question("SELECT Id FROM User", "View All Users")}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def user_id(number: int) -> str:
    return f"005{number:012}AAA"


def part(**changes: object) -> dict[str, object]:
    return {"referenceId": "one", **parts.found({"Id": "x"}), **changes}


async def test_an_account_is_read_in_one_request(stub: Stub, org: Org) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account()))
    reading = await org.read_account(sf.USER_ID, 30)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE]
    assert (reading.days, reading.read_at) == (30, NOW)
    assert reading.logins is not None
    (login,) = reading.logins
    assert (login.time, login.application, login.source_ip) == (THEN, "Data Loader", "192.0.2.1")
    assert reading.groups is not None
    (group,) = reading.groups
    assert (group.logins, group.last, group.login_type) == (12, THEN, "Other Apex API")
    assert reading.grants is not None
    (grant,) = reading.grants
    assert (grant.app, grant.last_used, grant.uses) == ("Outlook", THEN, 3)
    assert reading.lock is not None
    assert (reading.lock.is_frozen, reading.lock.is_password_locked) == (False, True)
    assert reading.lock.changed_at == THEN
    assert reading.rules is not None
    assert (reading.rules.mfa_for_api, reading.rules.is_sso_enabled) == (True, False)
    assert not reading.logins_cut
    assert not reading.groups_cut
    assert reading.needs is None


async def test_what_is_asked_of_an_account(stub: Stub, org: Org) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account()))
    await org.read_account(sf.USER_ID, 30)
    asked = stub.asked[-1]
    assert asked.method == "POST"
    assert json.loads(asked.body)["allOrNone"] is False
    queries = parts.queries(asked)
    assert len(queries) == composite.MOST_QUERIES
    assert all(f"= '{sf.USER_ID}'" in query for query in queries.values())
    for name in ("logins", "groups"):
        assert "LoginTime = LAST_N_DAYS:30" in queries[name]
    by = "Application, ApiType, ClientVersion, LoginType"
    assert f"GROUP BY {by} ORDER BY MAX(LoginTime) DESC" in queries["groups"]
    assert "Token" not in queries["grants"].replace("FROM OauthToken", "")


async def test_nothing_in_an_address_is_left_unquoted(stub: Stub, org: Org) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account()))
    await org.read_account(sf.USER_ID, 30)
    for one in json.loads(stub.asked[-1].body)["compositeRequest"]:
        path, _, query = one["url"].partition("?q=")
        assert path == sf.QUERY
        assert query
        assert not set(query) & set(" '\"@{}&#+")


@pytest.mark.parametrize("name", ["logins", "groups", "grants", "lock", "rules"])
@pytest.mark.parametrize(
    "answer",
    [
        parts.refused(400, "INVALID_TYPE"),
        parts.refused(400, "INVALID_FIELD"),
        parts.refused(400, "MALFORMED_QUERY"),
        parts.refused(400, "QUERY_TIMEOUT"),
        parts.refused(403, "REQUEST_LIMIT_EXCEEDED"),
        parts.refused(500, "UNKNOWN_EXCEPTION"),
        parts.refused(404, "NOT_FOUND"),
        {"httpStatusCode": 200, "body": None},
        {"httpStatusCode": 200, "body": {"records": [7], "done": True}},
        {"httpStatusCode": "200", "body": {"records": [], "done": True}},
    ],
)
async def test_a_part_that_fails_takes_nothing_from_the_others(
    stub: Stub, org: Org, name: str, answer: dict[str, object]
) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account(**{name: answer})))
    reading = await org.read_account(sf.USER_ID, 90)
    names = ("logins", "groups", "grants", "lock", "rules")
    assert [one for one in names if getattr(reading, one) is None] == [name]
    assert stub.paths.count(sf.COMPOSITE) == 1


@pytest.mark.parametrize(
    ("answer", "needs"),
    [
        (parts.refused(400, "INVALID_TYPE"), "Manage Users"),
        (parts.refused(403, "INSUFFICIENT_ACCESS"), "Manage Users"),
        (parts.refused(403, "API_DISABLED_FOR_ORG"), "API Enabled"),
        (parts.refused(400, "INVALID_FIELD"), None),
    ],
)
async def test_the_missing_permission_is_named_where_that_is_why(
    stub: Stub, org: Org, answer: dict[str, object], needs: str | None
) -> None:
    stub.on(
        sf.COMPOSITE,
        parts.composite(parts.account(logins=answer)),
        parts.composite(
            {
                "logins": answer,
                "shown": parts.found({"Id": "0Ya000000000001AAA"}),
                "locks": parts.found(),
            }
        ),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.needs) == (None, needs)
    later = await org.read_new_logins([sf.USER_ID], SINCE)
    assert (later.logins, later.needs, later.locks) == (None, needs, {})


@pytest.mark.parametrize(
    "answer", [parts.refused(400, "QUERY_TIMEOUT"), parts.refused(500, "UNKNOWN_EXCEPTION")]
)
async def test_a_refusal_that_passes_names_no_permission(
    stub: Stub, org: Org, answer: dict[str, object]
) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account(logins=answer)))
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.needs) == (None, None)


async def test_what_wasnt_answered_is_logged_by_its_name_and_code(
    stub: Stub, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = LogCapture()
    monkeypatch.setattr(org_module, "log", structlog.wrap_logger(None, processors=[capture]))
    answers = parts.account(grants=parts.refused(400, "INVALID_TYPE"))
    stub.on(sf.COMPOSITE, parts.composite(answers))
    await org.read_account(sf.USER_ID, 90)
    assert capture.entries == [
        {
            "event": "salesforce.unanswered",
            "log_level": "info",
            "org": "production",
            "part": "grants",
            "code": "INVALID_TYPE",
        }
    ]


async def test_no_rows_are_not_an_error(stub: Stub, org: Org) -> None:
    names = ("logins", "groups", "grants", "rules")
    stub.on(sf.COMPOSITE, parts.composite(parts.account(**dict.fromkeys(names, parts.found()))))
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.groups, reading.grants) == ((), (), ())
    assert (reading.lock is None, reading.rules, reading.needs) == (False, None, None)


@pytest.mark.parametrize(
    "rows",
    [parts.found(parts.login_row(), done=False), parts.found(*[parts.login_row()] * 2000)],
)
async def test_more_logins_than_an_answer_holds_are_said_to_be_cut(
    stub: Stub, org: Org, rows: dict[str, object]
) -> None:
    stub.on(
        sf.COMPOSITE,
        parts.composite(parts.account(logins=rows)),
        parts.composite(
            {
                "logins": rows,
                "shown": parts.found({"Id": "0Ya000000000001AAA"}),
                "locks": parts.found(),
            }
        ),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert reading.logins_cut
    assert not reading.groups_cut
    assert (await org.read_new_logins([sf.USER_ID], SINCE)).cut


async def test_new_logins_are_read_oldest_first_with_everybodys_lock(stub: Stub, org: Org) -> None:
    rows = [
        parts.login_row(Id="2", LoginTime="2026-02-28T10:00:01.500+0000"),
        parts.login_row(Id="1"),
    ]
    lock = {"UserId": sf.USER_ID, "IsFrozen": True, "IsPasswordLocked": False}
    stub.on(
        sf.COMPOSITE,
        parts.composite(
            {
                "logins": parts.found(*rows),
                "shown": parts.found({"Id": "0Ya000000000001AAA"}),
                "locks": parts.found(lock),
            }
        ),
    )
    found = await org.read_new_logins([sf.USER_ID, user_id(7), sf.USER_ID], SINCE)
    assert found.logins is not None
    assert [login.id for login in found.logins] == ["1", "2"]
    assert {login.user_id for login in found.logins} == {sf.USER_ID}
    assert found.locks is not None
    assert list(found.locks) == [sf.USER_ID[:15]]
    assert found.locks[sf.USER_ID[:15]].is_frozen
    assert not found.cut
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE]
    asked = parts.queries(stub.asked[-1])
    assert "LoginTime >= 2026-02-28T09:30:15Z ORDER BY LoginTime ASC" in asked["logins"]
    for query in asked.values():
        assert f"UserId IN ('{sf.USER_ID}','{user_id(7)}')" in query


async def test_as_many_users_as_one_request_holds(stub: Stub, org: Org) -> None:
    stub.on(
        sf.COMPOSITE,
        parts.composite(
            {
                "logins": parts.found(),
                "shown": parts.found({"Id": "0Ya000000000001AAA"}),
                "locks": parts.found(),
            }
        ),
    )
    ids = [user_id(number) for number in range(MOST_USERS)]
    await org.read_new_logins(ids, SINCE)
    body = json.loads(stub.asked[-1].body)
    assert all(len(one["url"]) < 16_000 for one in body["compositeRequest"])
    asked = len(stub.asked)
    for wrong in ([*ids, user_id(MOST_USERS)], []):
        with pytest.raises(ValueError, match="1 to 400 users"):
            await org.read_new_logins(wrong, SINCE)
    assert len(stub.asked) == asked


async def test_a_moment_is_asked_for_in_utc(stub: Stub, org: Org) -> None:
    stub.on(
        sf.COMPOSITE,
        parts.composite(
            {
                "logins": parts.found(),
                "shown": parts.found({"Id": "0Ya000000000001AAA"}),
                "locks": parts.found(),
            }
        ),
    )
    await org.read_new_logins([sf.USER_ID], SINCE.astimezone(tz=None) + timedelta(hours=1))
    assert "2026-02-28T10:30:15Z" in parts.queries(stub.asked[-1])["logins"]


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (error(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached, "REQUEST_LIMIT_EXCEEDED"),
        (error(403, "API_DISABLED_FOR_ORG"), NotPermitted, "API_DISABLED_FOR_ORG"),
        (error(404, "NOT_FOUND"), NotFound, "NOT_FOUND"),
        (error(400, "JSON_PARSER_ERROR"), Unexpected, "JSON_PARSER_ERROR"),
        (error(400, "SECRET_CODE"), Unexpected, "http_400"),
        (error(503, "SERVER_UNAVAILABLE"), Unavailable, "SERVER_UNAVAILABLE"),
        (cut, Unavailable, "connection_broken"),
        (Response("<html>SECRET", 500), Unavailable, "http_500"),
        (Response("<html>SECRET", 200), Unexpected, "unreadable_answer"),
        (Response("[" * 100_000, 200), Unexpected, "unreadable_answer"),
        (Response("7", 200), Unexpected, "unreadable_answer"),
        (Response("", 204), Unexpected, "unreadable_answer"),
        (Response("", 302, {"Location": "https://evil.example/"}), Unexpected, "http_302"),
        (JSONResponse({}), Unexpected, "unreadable_answer"),
        (JSONResponse({"compositeResponse": "SECRET"}), Unexpected, "unreadable_answer"),
        (JSONResponse({"compositeResponse": []}), Unexpected, "unreadable_answer"),
        (Response("SECRET-FROM-OUTSIDE", 401), LoginRefused, "http_401"),
    ],
)
async def test_a_request_that_fails_as_a_whole_has_a_name_and_none_of_its_text(
    stub: Stub, org: Org, answer: sf.Answer, expected: type[SalesforceError], code: str
) -> None:
    stub.on(sf.COMPOSITE, answer)
    for asked in (org.read_account(sf.USER_ID, 90), org.read_new_logins([sf.USER_ID], SINCE)):
        with pytest.raises(expected) as caught:
            await asked
        assert caught.value.code == code
        shown = f"{caught.value!r} {caught.value.__cause__!r}"
        assert "SECRET" not in shown
        assert sf.USER_ID not in shown
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_passing_trouble_is_asked_again(stub: Stub, org: Org) -> None:
    stub.on(sf.COMPOSITE, Response("", 503), cut, parts.composite(parts.account()))
    assert (await org.read_account(sf.USER_ID, 90)).logins
    assert stub.paths.count(sf.COMPOSITE) == 3


ENDED = parts.refused(401, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    "ended",
    [error(401, "INVALID_SESSION_ID"), parts.composite(parts.account(rules=ENDED))],
)
async def test_a_session_that_ends_is_renewed_once(stub: Stub, org: Org, ended: sf.Answer) -> None:
    stub.on(sf.COMPOSITE, ended, parts.composite(parts.account()))
    assert (await org.read_account(sf.USER_ID, 90)).rules is not None
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, sf.TOKEN, sf.COMPOSITE]


async def test_a_session_that_is_refused_twice_is_a_refusal(stub: Stub, org: Org) -> None:
    stub.on(sf.COMPOSITE, error(401, "INVALID_SESSION_ID"))
    with pytest.raises(LoginRefused):
        await org.read_account(sf.USER_ID, 90)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, sf.TOKEN, sf.COMPOSITE]


async def test_a_part_that_a_new_session_is_refused_too_is_missing_alone(
    stub: Stub, org: Org
) -> None:
    stub.on(sf.COMPOSITE, parts.composite(parts.account(rules=ENDED)))
    reading = await org.read_account(sf.USER_ID, 90)
    assert reading.logins
    assert (reading.rules, reading.needs) == (None, None)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, sf.TOKEN, sf.COMPOSITE]


def test_a_part_refused_with_a_renewed_session_is_a_refused_login() -> None:
    answer = {"compositeResponse": [part(httpStatusCode=401, body="SECRET")]}
    refused = composite.answers(answer, ASKED, is_renewed=True)["one"]
    assert isinstance(refused, LoginRefused)
    assert refused.code == "http_401"
    with pytest.raises(SessionExpired):
        composite.answers(answer, ASKED)


@pytest.mark.parametrize("count", [0, composite.MOST_QUERIES + 1])
def test_no_request_holds_none_or_too_many(count: int) -> None:
    asked = {f"n{number}": ASKED["one"] for number in range(count)}
    with pytest.raises(ValueError, match="1 to 5"):
        composite.request(asked, "62.0")


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"compositeResponse": {}},
        {"compositeResponse": [7]},
        {"compositeResponse": [part(referenceId="two")]},
        {"compositeResponse": [part(referenceId=None)]},
        {"compositeResponse": [part(referenceId=["one"])]},
        {"compositeResponse": [part(), part()]},
        {"compositeResponse": [part(), part(referenceId="two")]},
    ],
)
def test_an_answer_to_something_else_is_refused(given: object) -> None:
    with pytest.raises(Unexpected):
        composite.answers(given, ASKED)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"httpStatusCode": None}, "unreadable_answer"),
        ({"httpStatusCode": True}, "unreadable_answer"),
        ({"httpStatusCode": 99}, "unreadable_answer"),
        ({"httpStatusCode": 600}, "unreadable_answer"),
        ({"body": []}, "unreadable_answer"),
        ({"body": {"records": {}, "done": True}}, "unreadable_answer"),
        ({"body": {"records": [], "done": None}}, "unreadable_answer"),
        ({"body": {"records": [None], "done": True}}, "unreadable_row"),
        ({"httpStatusCode": 302, "body": "SECRET"}, "http_302"),
        ({"httpStatusCode": 400, "body": [{"errorCode": "SECRET"}]}, "http_400"),
        ({"httpStatusCode": 400, "body": {"errorCode": "INVALID_TYPE"}}, "http_400"),
        ({"httpStatusCode": 503}, "http_503"),
    ],
)
def test_a_part_that_makes_no_sense_is_an_error_of_its_own(
    changes: dict[str, object], code: str
) -> None:
    answer = composite.answers({"compositeResponse": [part(**changes)]}, ASKED)["one"]
    assert isinstance(answer, SalesforceError)
    assert answer.code == code


def _named(call: Callable[[], dict[str, Answer]]) -> dict[str, Answer] | None:
    try:
        return call()
    except (Unexpected, SessionExpired):
        return None


@given(JSON, st.integers(190, 610) | JSON, JSON)
def test_any_answer_is_read_or_has_a_name(given: object, status: object, body: object) -> None:
    assert _named(lambda: composite.answers(given, ASKED)) is None
    one = part(httpStatusCode=status, body=body)
    read = _named(lambda: composite.answers({"compositeResponse": [one]}, ASKED))
    assert read is None or isinstance(read["one"], Rows | SalesforceError)
