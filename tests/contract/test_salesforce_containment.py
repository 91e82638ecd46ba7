"""Containment of an account that really freezes, with sessions and grants that really end."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.salesforce.clients import Integration
from sandbox.salesforce.records import Session
from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.salesforce.users import User
from services.salesforce import retrying
from services.salesforce.errors import NotFound, NotPermitted
from services.salesforce.org import Org
from services.salesforce.records import Ended
from tests.contract.containment_org import careful_client, may_contain


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


def withdraw(sandbox: SeededOrg, *permissions: str) -> None:
    for assignment in sandbox.bot_user.assignments:
        assignment.permission_set.permissions -= set(permissions)


def integrations(sandbox: SeededOrg, user: User) -> list[Integration]:
    origin = sandbox.origin
    ways = (sandbox.data_loader, sandbox.dataloader_io, sandbox.outlook, sandbox.acme_sync)
    return [way(user, origin) for way in ways]


async def get_in(found: list[Integration]) -> list[bool]:
    return [(await one.login()).ok for one in found]


async def works(sandbox: SeededOrg, session: Session) -> bool:
    headers = {"Authorization": f"Bearer {session.token}"}
    async with httpx.AsyncClient(base_url=sandbox.origin, headers=headers) as http:
        return (await http.get("/services/data/v62.0/limits")).is_success


# Freezing


async def test_a_frozen_user_gets_in_by_no_way_and_keeps_what_is_open(
    org: Org, sandbox: SeededOrg, ada: User, opened: list[Session]
) -> None:
    ways = integrations(sandbox, ada)
    assert await get_in(ways) == [True] * 4
    since, before = len(sandbox.calls), len(sandbox.sessions)
    await org.control.set_frozen(ada.id, frozen=True)
    assert [call.endpoint for call in sandbox.calls[since:]] == ["composite", "userlogin"]
    assert await get_in(ways) == [False] * 4
    assert len(sandbox.sessions) == before
    assert await works(sandbox, opened[2])
    now = await org.control.read_standing(ada.id)
    assert (now.is_frozen, now.is_active, now.grants) == (True, True, 2)
    await org.control.set_frozen(ada.id, frozen=False)
    assert await get_in(ways) == [True] * 4
    assert (await org.control.read_standing(ada.id)).is_frozen is False


async def test_a_user_without_a_login_row_cant_be_frozen(org: Org, sandbox: SeededOrg) -> None:
    with pytest.raises(NotFound):
        await org.control.set_frozen("005000000000999AAA", frozen=True)
    assert sandbox.count(0, "userlogin") == 0


# Sessions


async def test_sessions_are_dead_and_read_back_as_none(
    org: Org, sandbox: SeededOrg, ada: User, opened: list[Session]
) -> None:
    other = open_some_sessions(sandbox, sandbox.person("eve"))
    assert await works(sandbox, opened[2])
    since = len(sandbox.calls)
    assert await org.control.end_sessions(ada.id) == Ended(ended=len(opened))
    assert sandbox.count(since, "composite") == 1
    assert sandbox.count(since, "authsession") == len(opened)
    assert sandbox.count(since) == 1 + len(opened)
    assert not any(one.user is ada for one in sandbox.sessions.values())
    assert not await works(sandbox, opened[2])
    assert all(sandbox.session(one.token) for one in other)
    now = await org.control.read_standing(ada.id)
    assert (now.sessions, now.grants) == (0, 2)
    assert await org.control.end_sessions(ada.id) == Ended(ended=0)


async def test_a_session_that_ends_with_another_counts_as_ended(
    org: Org, ada: User, opened: list[Session]
) -> None:
    # The newest come first: let the one that came from it be deleted after it.
    page, inner, *_ = opened
    inner.created, page.created = page.created, inner.created
    assert inner.parent is page
    assert await org.control.end_sessions(ada.id) == Ended(ended=len(opened))


# Grants


async def test_grants_are_dead_and_refreshing_is_refused(
    org: Org, sandbox: SeededOrg, ada: User, opened: list[Session]
) -> None:
    outlook = sandbox.outlook(ada, sandbox.origin)
    assert (await outlook.login()).ok
    kept = sandbox.add_grant("Outlook", sandbox.person("eve"))
    since = len(sandbox.calls)
    assert await org.control.revoke_grants(ada.id) == Ended(ended=2)
    assert [call.endpoint for call in sandbox.calls[since:]] == ["composite", "revoke", "revoke"]
    assert {(call.method, call.user) for call in sandbox.calls[since + 1 :]} == {("POST", None)}
    assert sandbox.grants == [kept]
    assert (await outlook.login()).error == "invalid_grant: expired access/refresh token"
    assert not any(sandbox.session(one.token) for one in opened if one.app)
    assert all(sandbox.session(one.token) for one in opened if not one.app)
    assert sandbox.delete_tokens_out == set()
    now = await org.control.read_standing(ada.id)
    assert (now.grants, now.sessions) == (0, 3)
    assert await org.control.revoke_grants(ada.id) == Ended(ended=0)


async def test_more_grants_than_one_answer_holds_are_said_to_be_left(
    org: Org, sandbox: SeededOrg
) -> None:
    eve = sandbox.person("eve")
    for number in range(501):
        sandbox.add_grant(f"App {number}", eve)
    ended = await org.control.revoke_grants(eve.id)
    assert ended == Ended(ended=500, failed=("too_many_rows",))
    assert sandbox.delete_tokens_out == set()
    assert (await org.control.read_standing(eve.id)).grants == 1


# Evidence


async def test_evidence_is_kept_in_one_request_before_anything_is_done(
    org: Org, sandbox: SeededOrg, ada: User, opened: list[Session]
) -> None:
    since = len(sandbox.calls)
    kept = await org.control.read_evidence(ada.id, 30)
    assert sandbox.count(since) == sandbox.count(since, "composite") == 1
    assert sandbox.delete_tokens_out == set()
    assert kept.user is not None
    assert (kept.user.username, kept.user.email) == (ada.username, ada.email)
    assert kept.user.profile == "Standard User"
    assert kept.sessions is not None
    assert {one.id for one in kept.sessions} == {one.id for one in opened}
    assert {one.session_type for one in kept.sessions} == {"UI", "Content", "API", "Oauth2"}
    assert "203.0.113.20" in {one.source_ip for one in kept.sessions}
    assert kept.grants is not None
    assert {one.app for one in kept.grants} == {"Outlook", "dataloader.io"}
    assert all(one.created for one in kept.grants)
    assert kept.logins
    assert kept.lock is not None
    assert kept.needs is None
    told = kept.model_dump_json()
    secrets = [token for one in sandbox.grants for token in (one.delete_token, one.refresh_token)]
    assert not any(secret in told for secret in [*secrets, *(one.token for one in opened)])


@pytest.mark.parametrize(
    ("withdrawn", "missing", "needs"),
    [
        ("CustomizeApplication", {"grants"}, "Customize Application"),
        ("ManageUsers", {"sessions", "logins", "lock"}, "Manage Users"),
    ],
)
async def test_what_isnt_shown_isnt_taken_for_none(
    org: Org,
    sandbox: SeededOrg,
    ada: User,
    opened: list[Session],
    withdrawn: str,
    missing: set[str],
    needs: str,
) -> None:
    withdraw(sandbox, withdrawn)
    kept = await org.control.read_evidence(ada.id, 30)
    every = {"user", "sessions", "grants", "logins", "lock"}
    assert {part for part in every if getattr(kept, part) is None} == missing
    assert kept.needs == (await org.control.read_standing(ada.id)).needs == needs
    control = org.control
    effect = control.end_sessions if withdrawn == "ManageUsers" else control.revoke_grants
    with pytest.raises(NotPermitted) as caught:
        await effect(ada.id)
    assert caught.value.needs == needs
    assert sandbox.count(0, "authsession") == sandbox.count(0, "revoke") == 0
    assert all(sandbox.session(one.token) for one in opened)


async def test_a_permission_that_has_expired_shows_no_grants(
    org: Org, sandbox: SeededOrg, ada: User
) -> None:
    assert (await org.control.read_standing(ada.id)).grants == 2
    sandbox.bot_user.assignments[-1].is_active = False
    now = await org.control.read_standing(ada.id)
    assert (now.grants, now.needs) == (None, "Customize Application")


async def test_freezing_takes_its_permission(org: Org, sandbox: SeededOrg, ada: User) -> None:
    withdraw(sandbox, "ManageUsers")
    with pytest.raises(NotPermitted) as caught:
        await org.control.set_frozen(ada.id, frozen=True)
    assert caught.value.needs == "Manage Users"
    assert not ada.is_frozen


# Whom it never touches, and who is left


async def test_the_bots_own_user_is_never_touched(org: Org, sandbox: SeededOrg) -> None:
    bot = sandbox.bot_user
    sandbox.add_grant("Outlook", bot)
    since = len(sandbox.calls)
    for effect in (
        org.control.set_frozen(bot.id, frozen=True),
        org.control.end_sessions(bot.id[:15]),
        org.control.revoke_grants(bot.id),
    ):
        with pytest.raises(NotPermitted, match="own_user"):
            await effect
    assert sandbox.count(since) == sandbox.count(since, "composite") == 3
    assert not bot.is_frozen
    assert any(one.user is bot for one in sandbox.sessions.values())


async def test_other_admins_are_those_who_could_help(org: Org, sandbox: SeededOrg) -> None:
    ben, ada = sandbox.person("ben"), sandbox.person("ada")
    since = len(sandbox.calls)
    assert await org.control.other_admins(ada.id) == 1
    assert sandbox.count(since) == sandbox.count(since, "composite") == 1
    assert await org.control.other_admins(ben.id) == 0
    sandbox.add_permission_set("Deputies", {"ManageUsers"})
    deputy = sandbox.person("eve")
    sandbox.assign(deputy, "Deputies")
    sandbox.assign(ben, "Deputies")
    assert await org.control.other_admins(ada.id) == 2
    deputy.is_frozen = True
    assert await org.control.other_admins(ada.id) == 1
    deputy.is_frozen, deputy.is_active = False, False
    assert await org.control.other_admins(ada.id) == 1
    deputy.is_active, deputy.assignments[-1].is_active = True, False
    assert await org.control.other_admins(ada.id) == 1
    withdraw(sandbox, "ManageUsers")
    with pytest.raises(NotPermitted):
        await org.control.other_admins(ada.id)
