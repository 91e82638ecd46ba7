"""What is done to an account: to whose, by which requests, and what isn't shown isn't none."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.responses import Response

from services.salesforce.account_control import AccountControl
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
from services.salesforce.records import Ended
from tests.unit.salesforce import breach, parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.breach import FREEZE, SESSION_IDS, SESSIONS, TOKENS, Part, effects
from tests.unit.salesforce.stub import Stub, error

Effect = Callable[[AccountControl], Coroutine[Any, Any, Ended | None]]

DONE = Response(status_code=204)


async def freeze(control: AccountControl) -> None:
    await control.set_frozen(sf.USER_ID, frozen=True)


async def end(control: AccountControl) -> Ended:
    return await control.end_sessions(sf.USER_ID)


async def revoke_all(control: AccountControl) -> Ended:
    return await control.revoke_grants(sf.USER_ID)


@pytest.mark.parametrize("frozen", [True, False])
async def test_a_freeze_is_one_read_and_one_effect(stub: Stub, org: Org, *, frozen: bool) -> None:
    breach.open_for(stub)
    await org.control.set_frozen(sf.USER_ID, frozen=frozen)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, FREEZE]
    last = stub.asked[-1]
    assert last.method == "PATCH"
    assert last.body == (b'{"IsFrozen": true}' if frozen else b'{"IsFrozen": false}')


async def test_each_session_is_ended(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    assert await org.control.end_sessions(sf.USER_ID) == Ended(ended=3)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, *SESSIONS]
    assert {one.method for one in stub.asked[2:]} == {"DELETE"}


async def test_each_grant_is_revoked_by_a_body_alone(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    assert await org.control.revoke_grants(sf.USER_ID) == Ended(ended=3)
    sent = stub.asked[2:]
    assert [(one.method, one.path, one.query) for one in sent] == [("POST", sf.REVOKE, {})] * 3
    assert [one.form for one in sent] == [{"token": token} for token in TOKENS]
    assert not any("authorization" in one.headers for one in sent)


@pytest.mark.parametrize("effect", [freeze, end, revoke_all])
@pytest.mark.parametrize("name", [breach.OWN, "BOT@Acme.Example"])
async def test_the_bots_own_user_is_never_touched(
    stub: Stub, org: Org, effect: Effect, name: str
) -> None:
    breach.open_for(stub, people=parts.found(breach.user_row(Username=name)))
    with pytest.raises(NotPermitted, match="own_user"):
        await effect(org.control)
    assert effects(stub) == []


@pytest.mark.parametrize("effect", [freeze, end, revoke_all])
@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (parts.found(breach.own_row()), NotFound),
        (parts.found(breach.user_row(Username=None)), Unexpected),
        (parts.refused(400, "INVALID_TYPE"), NotPermitted),
        (parts.refused(400, "QUERY_TIMEOUT"), Unavailable),
        (parts.refused(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached),
    ],
)
async def test_who_isnt_known_not_to_be_the_bot_isnt_touched(
    stub: Stub, org: Org, effect: Effect, people: Part, expected: type[SalesforceError]
) -> None:
    breach.open_for(stub, people=people)
    with pytest.raises(expected):
        await effect(org.control)
    assert effects(stub) == []


@pytest.mark.parametrize(
    ("effect", "changes", "expected", "code"),
    [
        (freeze, {"row": parts.found()}, NotFound, "no_login_row"),
        (freeze, {"row": parts.refused(400, "INVALID_TYPE")}, NotPermitted, "INVALID_TYPE"),
        (end, {"sessions": parts.refused(403, "X")}, NotPermitted, "http_403"),
        (
            end,
            {"sessions": parts.found(), "lock": parts.found()},
            NotPermitted,
            "sessions_hidden",
        ),
        (
            end,
            {"sessions": parts.found(), "lock": parts.refused(400, "QUERY_TIMEOUT")},
            Unavailable,
            "QUERY_TIMEOUT",
        ),
        (revoke_all, {"grants": parts.refused(400, "QUERY_TIMEOUT")}, Unavailable, "QUERY_TIMEOUT"),
        (
            revoke_all,
            {
                "grants": parts.found(),
                "people": parts.found(breach.user_row(), breach.own_row(sees_grants=False)),
            },
            NotPermitted,
            "grants_hidden",
        ),
    ],
)
async def test_what_isnt_shown_isnt_taken_for_none(
    stub: Stub,
    org: Org,
    effect: Effect,
    changes: dict[str, Part],
    expected: type[SalesforceError],
    code: str,
) -> None:
    breach.open_for(stub, **changes)
    with pytest.raises(expected) as caught:
        await effect(org.control)
    assert caught.value.code == code
    assert getattr(caught.value, "needs", "x")
    assert effects(stub) == []


@pytest.mark.parametrize("effect", [end, revoke_all])
async def test_none_that_are_really_none_are_none(stub: Stub, org: Org, effect: Effect) -> None:
    breach.open_for(stub, sessions=parts.found(), grants=parts.found())
    assert await effect(org.control) == Ended(ended=0)
    assert effects(stub) == []


@pytest.mark.parametrize(
    "bad", ["", None, 7, "0Ak/../User", "005000000000001AAA", "http://evil.example/", "0Ak1\n"]
)
async def test_no_id_leads_elsewhere(stub: Stub, org: Org, bad: object) -> None:
    rows = map(breach.session_row, [bad, SESSION_IDS[1]])
    breach.open_for(stub, sessions=parts.found(*rows), row=parts.found({"Id": bad}))
    with pytest.raises(Unexpected, match="bad_login_id"):
        await org.control.set_frozen(sf.USER_ID, frozen=True)
    assert await org.control.end_sessions(sf.USER_ID) == Ended(ended=1, failed=("bad_session_id",))
    assert effects(stub) == [SESSIONS[1]]


async def test_a_token_that_cant_be_read_is_sent_nowhere(stub: Stub, org: Org) -> None:
    grants = parts.found({"DeleteToken": None}, {"DeleteToken": TOKENS[0]}, done=False)
    breach.open_for(stub, grants=grants)
    ended = await org.control.revoke_grants(sf.USER_ID)
    assert ended == Ended(ended=1, failed=("unreadable_row", "too_many_rows"))
    assert [one.form["token"] for one in stub.asked[2:]] == [TOKENS[0]]


@pytest.mark.parametrize("effect", [freeze, end])
@pytest.mark.parametrize("refused", [error(401, "INVALID_SESSION_ID"), Response("<html>", 401)])
async def test_an_expired_session_was_refused_so_it_is_asked_once_more(
    stub: Stub, org: Org, effect: Effect, refused: Response
) -> None:
    breach.open_for(stub, sessions=parts.found(breach.session_row(SESSION_IDS[0])))
    path = FREEZE if effect is freeze else SESSIONS[0]
    stub.on(path, refused, DONE)
    await effect(org.control)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, path, sf.TOKEN, path]
    stub.on(path, refused)
    with pytest.raises(LoginRefused):
        await effect(org.control)
