"""What goes wrong at each call of containment: what is certain, and that nothing is sent twice."""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.records import Session
from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.salesforce.users import User
from services.salesforce import retrying
from services.salesforce.account_control import AccountControl
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    SalesforceError,
    Unavailable,
)
from services.salesforce.org import Org
from services.salesforce.records import Ended
from tests.contract.containment_org import careful_client, may_contain
from tests.contract.salesforce_trouble import LASTING, PASSING

Call = Callable[[AccountControl, str], Coroutine[Any, Any, object]]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> SeededOrg:
    monkeypatch.setattr(retrying, "FIRST_WAIT_SECONDS", 0.01)
    return may_contain()


@pytest.fixture
async def org(sandbox: SeededOrg) -> AsyncIterator[Org]:
    async with careful_client(sandbox) as org:
        yield org


@pytest.fixture
def ada(sandbox: SeededOrg) -> User:
    return sandbox.person("ada")


@pytest.fixture
def opened(sandbox: SeededOrg, ada: User) -> list[Session]:
    return open_some_sessions(sandbox, ada)


async def keep(control: AccountControl, user_id: str) -> object:
    return await control.read_evidence(user_id, 30)


async def look(control: AccountControl, user_id: str) -> object:
    return await control.read_standing(user_id)


async def count(control: AccountControl, user_id: str) -> object:
    return await control.other_admins(user_id)


async def freeze(control: AccountControl, user_id: str) -> object:
    await control.set_frozen(user_id, frozen=True)
    return None


async def end(control: AccountControl, user_id: str) -> object:
    return await control.end_sessions(user_id)


async def revoke(control: AccountControl, user_id: str) -> object:
    return await control.revoke_grants(user_id)


CALLS = [keep, look, count, freeze, end, revoke]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("fault", "expected"), LASTING)
async def test_lasting_trouble_at_a_read_has_a_name_and_changes_nothing(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    opened: list[Session],
    call: Call,
    fault: faults.Fault,
    expected: type[SalesforceError],
) -> None:
    sandbox.faults.add("composite", fault, times=None)
    with pytest.raises(expected) as caught:
        await call(org.control, ada.id)
    assert "http://" not in repr(caught.value)
    assert sandbox.count(0, "composite") <= 3
    assert not any(sandbox.count(0, one) for one in ("userlogin", "authsession", "revoke"))
    assert all(sandbox.session(one.token) for one in opened)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", PASSING)
async def test_passing_trouble_at_a_read_is_not_noticed(
    org: Org, sandbox: SeededOrg, ada: User, call: Call, fault: faults.Fault
) -> None:
    open_some_sessions(sandbox, ada)
    sandbox.faults.add("composite", fault)
    await call(org.control, ada.id)
    assert sandbox.count(0, "userlogin") == (call is freeze)
    assert sandbox.count(0, "authsession") == 5 * (call is end)
    assert sandbox.count(0, "revoke") == 2 * (call is revoke)


@pytest.mark.parametrize(
    ("fault", "expected", "done"),
    [
        (faults.hang(), OutcomeUnknown, False),
        (faults.hang(after_effect=True), OutcomeUnknown, True),
        (faults.drop(), OutcomeUnknown, False),
        (faults.drop(after_effect=True), OutcomeUnknown, True),
        (faults.status(503), OutcomeUnknown, False),
        (faults.status(503, after_effect=True), OutcomeUnknown, True),
        (faults.to_login(), OutcomeUnknown, False),
        (faults.request_limit(), LimitReached, False),
        (faults.locked_row(), Unavailable, False),
        (faults.status(429, retry_after=7), Unavailable, False),
        (faults.status(403), NotPermitted, False),
        (faults.status(404), NotFound, False),
        (faults.expired_session(), LoginRefused, False),
        (faults.html_unauthorized(), LoginRefused, False),
        (faults.odd_unauthorized(), LoginRefused, False),
    ],
)
async def test_what_is_certain_about_a_freeze(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    fault: faults.Fault,
    expected: type[SalesforceError],
    *,
    done: bool,
) -> None:
    sandbox.faults.add("userlogin", fault, times=None)
    with pytest.raises(expected) as caught:
        await org.control.set_frozen(ada.id, frozen=True)
    assert type(caught.value) is expected
    assert ada.is_frozen is done
    assert (await org.control.read_standing(ada.id)).is_frozen is done
    assert sandbox.count(0, "userlogin") == (2 if expected is LoginRefused else 1)


@pytest.mark.parametrize("fault", [faults.truncated(), faults.cut_off()])
@pytest.mark.parametrize("call", [freeze, end, revoke])
async def test_a_cut_off_answer_hides_nothing_that_is_needed(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    opened: list[Session],
    call: Call,
    fault: faults.Fault,
) -> None:
    for endpoint in ("userlogin", "authsession", "revoke"):
        sandbox.faults.add(endpoint, fault, times=None)
    found = await call(org.control, ada.id)
    if call is freeze:
        assert ada.is_frozen
    else:
        assert found == Ended(ended=len(opened) if call is end else 2)


SENT_ONCE = [
    (faults.hang(), "read_timeout", False),
    (faults.hang(after_effect=True), "read_timeout", True),
    (faults.drop(), "connection_broken", False),
    (faults.drop(after_effect=True), "connection_broken", True),
    (faults.status(503), "http_503", False),
    (faults.status(503, after_effect=True), "http_503", True),
    (faults.status(404), "http_404", False),
    (faults.to_login(), "http_302", False),
]
"""After these the others go on: what happens, its code, and whether it is done all the same."""


@pytest.mark.parametrize(("fault", "code", "done"), SENT_ONCE)
async def test_a_session_that_may_live_stops_no_other_and_is_sent_once(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    opened: list[Session],
    fault: faults.Fault,
    code: str,
    *,
    done: bool,
) -> None:
    # The last that is opened comes first, and nothing came from it.
    sandbox.faults.add("authsession", fault)
    ended = await org.control.end_sessions(ada.id)
    assert ended == Ended(ended=len(opened) - 1, failed=(code,))
    assert sandbox.count(0, "authsession") == len(opened)
    assert (await org.control.read_standing(ada.id)).sessions == (0 if done else 1)


@pytest.mark.parametrize(
    ("fault", "code", "done"),
    [
        *SENT_ONCE,
        (faults.html_unauthorized(), "http_401", False),
        (faults.expired_session(), "http_401", False),
    ],
)
async def test_a_grant_that_may_live_stops_no_other_and_is_sent_once(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    fault: faults.Fault,
    code: str,
    *,
    done: bool,
) -> None:
    sandbox.faults.add("revoke", fault)
    assert await org.control.revoke_grants(ada.id) == Ended(ended=1, failed=(code,))
    assert sandbox.count(0, "revoke") == 2
    assert len(sandbox.grants) == (await org.control.read_standing(ada.id)).grants
    assert len(sandbox.grants) == (0 if done else 1)


@pytest.mark.parametrize("call", [end, revoke])
@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        (faults.request_limit(), LimitReached, "REQUEST_LIMIT_EXCEEDED"),
        (faults.status(429), Unavailable, "http_429"),
        (faults.status(403), NotPermitted, "http_403"),
    ],
)
async def test_what_would_meet_the_others_too_stops_them(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    opened: list[Session],
    call: Call,
    fault: faults.Fault,
    expected: type[SalesforceError],
    code: str,
) -> None:
    endpoint = "authsession" if call is end else "revoke"
    sandbox.faults.add(endpoint, fault)
    with pytest.raises(expected):
        await call(org.control, ada.id)
    assert all(sandbox.session(one.token) for one in opened)
    assert sandbox.count(0, endpoint) == 1
    sandbox.faults.add(endpoint, faults.late(0))
    sandbox.faults.add(endpoint, fault)
    assert await call(org.control, ada.id) == Ended(ended=1, failed=(code,))
    assert sandbox.count(0, endpoint) == 3


@pytest.mark.parametrize("call", [freeze, end])
async def test_a_session_of_ours_that_expired_is_renewed_before_an_effect(
    org: Org, sandbox: SeededOrg, ada: User, opened: list[Session], call: Call
) -> None:
    endpoint = "userlogin" if call is freeze else "authsession"
    sandbox.faults.add(endpoint, faults.expired_session())
    found = await call(org.control, ada.id)
    effects = 1 if call is freeze else len(opened)
    assert sandbox.count(0, endpoint) == effects + 1
    assert ada.is_frozen or found == Ended(ended=effects)


@pytest.mark.parametrize(
    "fault", [faults.hang(), faults.drop(), faults.status(500), faults.to_login(), faults.cut_off()]
)
async def test_no_token_of_a_grant_is_told_to_anybody(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    fault: faults.Fault,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [text for one in sandbox.grants for text in (one.delete_token, one.refresh_token)]
    sandbox.faults.add("revoke", fault, times=None)
    ended = await org.control.revoke_grants(ada.id)
    written = capfd.readouterr()
    told = caplog.text + written.out + written.err + repr(ended)
    assert "urllib3" in told
    assert not any(secret in told for secret in secrets)
