"""An account, and many people's new logins, each in one request to a strict org."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import SeededOrg, acme
from services.salesforce import retrying
from services.salesforce.errors import (
    SalesforceError,
)
from services.salesforce.org import Org
from services.salesforce.soql import MOST_USERS
from tests.contract.salesforce_org import client_of, utc_now
from tests.contract.salesforce_trouble import LASTING, PASSING

PARTS = ("logins", "groups", "grants", "lock", "rules")
WEEKLY = Client("Other Apex API", None, "Quarter End", "SOAP Partner", "58.0", "1.0")
POLLER = Client("Other Apex API", None, "Every Minute", "SOAP Partner", "58.0", "1.0")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> SeededOrg:
    monkeypatch.setattr(retrying, "FIRST_WAIT_SECONDS", 0.01)
    return acme()


@pytest.fixture
async def org(sandbox: SeededOrg) -> AsyncIterator[Org]:
    async with client_of(sandbox) as org:
        await org.reset_link()
        yield org
    assert sandbox.violations == []


def hide(sandbox: SeededOrg, *permissions: str) -> None:
    for assignment in list(sandbox.bot_user.assignments):
        assignment.permission_set.permissions -= set(permissions)


def as_if_since(sandbox: SeededOrg, username: str, minutes: range) -> None:
    """Let a program have logged in each minute for so long."""
    person, now = sandbox.person(username), utc_now()
    for minute in minutes:
        sandbox.record_login(person, POLLER, "192.0.2.1", at=now - timedelta(minutes=minute))


async def test_an_account_is_read_in_one_request(org: Org, sandbox: SeededOrg) -> None:
    since = len(sandbox.calls)
    ada = sandbox.person("ada")
    reading = await org.read_account(ada.id, 90)
    assert sandbox.count(since) == sandbox.count(since, "composite") == 1
    assert all(getattr(reading, part) is not None for part in PARTS)
    assert (reading.needs, reading.logins_cut, reading.groups_cut) == (None, False, False)


async def test_every_login_is_read_newest_first_and_counted(org: Org, sandbox: SeededOrg) -> None:
    ada = sandbox.person("ada")
    reading = await org.read_account(ada.id, 90)
    assert reading.logins
    times = [login.time for login in reading.logins]
    assert times == sorted(times, reverse=True)
    assert len({login.id for login in reading.logins}) == len(times)
    assert {login.user_id for login in reading.logins} == {ada.id}
    assert {login.status for login in reading.logins} >= {"Success"}
    assert {login.source_ip for login in reading.logins} > {"203.0.113.20"}
    assert reading.groups
    assert sum(group.logins for group in reading.groups) == len(times)
    assert {group.application for group in reading.groups} == {
        login.application for login in reading.logins
    }
    assert max(group.last for group in reading.groups) == times[0]


async def test_a_job_each_minute_hides_a_rare_one_from_the_rows_alone(
    org: Org, sandbox: SeededOrg
) -> None:
    ben = sandbox.person("ben")
    sandbox.record_login(ben, WEEKLY, "192.0.2.9", at=utc_now() - timedelta(days=6))
    as_if_since(sandbox, "ben", range(2100))
    reading = await org.read_account(ben.id, 90)
    assert reading.logins is not None
    assert len(reading.logins) == 2000
    assert reading.logins_cut
    assert "Quarter End" not in {login.application for login in reading.logins}
    assert reading.groups is not None
    counts = {group.application: group.logins for group in reading.groups}
    assert (counts["Quarter End"], counts["Every Minute"]) == (1, 2100)
    assert not reading.groups_cut


async def test_grants_are_read_without_their_tokens(org: Org, sandbox: SeededOrg) -> None:
    ada = sandbox.person("ada")
    # Without Customize Application, Salesforce shows a user's own grants alone, and no error.
    reading = await org.read_account(ada.id, 90)
    assert reading.grants == ()
    sandbox.add_permission_set("Sees grants", {"CustomizeApplication"})
    sandbox.assign(sandbox.bot_user, "Sees grants")
    reading = await org.read_account(ada.id, 90)
    assert reading.grants
    assert {grant.app for grant in reading.grants} == {
        grant.app for grant in sandbox.grants if grant.user is ada
    }
    shown = reading.model_dump_json()
    for grant in sandbox.grants:
        assert grant.refresh_token not in shown
        assert grant.delete_token not in shown


async def test_locks_and_rules_are_read(org: Org, sandbox: SeededOrg) -> None:
    ada = sandbox.person("ada")
    before = await org.read_account(ada.id, 90)
    assert before.lock is not None
    assert (before.lock.is_frozen, before.lock.is_password_locked) == (False, False)
    assert before.rules is not None
    assert (before.rules.mfa_for_api, before.rules.is_sso_enabled) == (False, False)
    ada.is_frozen = ada.is_password_locked = True
    sandbox.add_permission_set("Careful", {"TwoFactorApi", "IsSsoEnabled"})
    sandbox.assign(ada, "Careful")
    after = await org.read_account(ada.id, 90)
    assert after.lock is not None
    assert (after.lock.is_frozen, after.lock.is_password_locked) == (True, True)
    assert after.rules is not None
    assert (after.rules.mfa_for_api, after.rules.is_sso_enabled) == (True, True)


async def test_a_profile_grants_what_its_permission_set_does(org: Org, sandbox: SeededOrg) -> None:
    ada = sandbox.person("ada")
    ada.profile.permission_set.permissions |= {"TwoFactorApi"}
    reading = await org.read_account(ada.id, 90)
    assert reading.rules is not None
    assert reading.rules.mfa_for_api


async def test_an_org_that_refuses_to_count_still_shows_its_rows(
    org: Org, sandbox: SeededOrg
) -> None:
    sandbox.refuses_group_by.add("LoginHistory")
    reading = await org.read_account(sandbox.person("ada").id, 90)
    assert [part for part in PARTS if getattr(reading, part) is None] == ["groups"]
    assert reading.needs is None


async def test_an_org_without_a_field_still_shows_the_rest(org: Org, sandbox: SeededOrg) -> None:
    sandbox.missing_fields.add("PermissionSet.PermissionsTwoFactorApi")
    reading = await org.read_account(sandbox.person("ada").id, 90)
    assert [part for part in PARTS if getattr(reading, part) is None] == ["rules"]


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("LoginHistory", ["logins", "groups"]),
        ("OauthToken", ["grants"]),
        ("UserLogin", ["lock"]),
        ("PermissionSetAssignment", ["rules"]),
    ],
)
async def test_an_object_that_isnt_shown_is_missing_alone(
    org: Org, sandbox: SeededOrg, hidden: str, missing: list[str]
) -> None:
    sandbox.hidden_objects.add(hidden)
    reading = await org.read_account(sandbox.person("ada").id, 90)
    assert [part for part in PARTS if getattr(reading, part) is None] == missing
    assert reading.needs == ("Manage Users" if "logins" in missing else None)


async def test_a_missing_permission_is_named(org: Org, sandbox: SeededOrg) -> None:
    hide(sandbox, "ManageUsers", "MonitorLoginHistory")
    ada = sandbox.person("ada")
    reading = await org.read_account(ada.id, 90)
    assert (reading.logins, reading.lock, reading.needs) == (None, None, "Manage Users")
    later = await org.read_new_logins([ada.id], utc_now())
    assert (later.logins, later.locks, later.needs) == (None, None, "Manage Users")


async def test_one_who_never_logged_in_has_no_logins_rather_than_none_read(
    org: Org, sandbox: SeededOrg
) -> None:
    new = sandbox.add_user("new@acme.example", "new@acme.example", "New Person")
    reading = await org.read_account(new.id, 90)
    assert (reading.logins, reading.groups, reading.grants) == ((), (), ())
    assert reading.lock is not None


async def test_without_locks_an_account_without_new_logins_is_told_from_a_hidden_one(
    org: Org, sandbox: SeededOrg
) -> None:
    hide(sandbox, "ManageUsers")
    sandbox.add_permission_set("Sees logins", {"MonitorLoginHistory"})
    sandbox.assign(sandbox.bot_user, "Sees logins")
    idle = sandbox.add_user("idle@acme.example", "idle@acme.example", "Idle Person")
    sandbox.record_login(idle, WEEKLY, "192.0.2.9", at=utc_now() - timedelta(days=60))
    since = len(sandbox.calls)
    reading = await org.read_account(idle.id, 30)
    assert (reading.logins, reading.lock, reading.needs) == ((), None, None)
    assert sandbox.count(since) == sandbox.count(since, "composite") == 2
    hide(sandbox, "MonitorLoginHistory")
    since = len(sandbox.calls)
    reading = await org.read_account(idle.id, 30)
    assert (reading.logins, reading.groups, reading.needs) == (None, None, "Manage Users")
    assert sandbox.count(since) == sandbox.count(since, "composite") == 2


async def test_new_logins_of_several_are_read_oldest_first_in_one_request(
    org: Org, sandbox: SeededOrg
) -> None:
    ada, ben = sandbox.person("ada"), sandbox.person("ben")
    # Not a whole second, so that the second it lies in has begun before it.
    began = utc_now().replace(microsecond=500_000)
    sandbox.record_login(ada, WEEKLY, "192.0.2.1", at=began + timedelta(seconds=3))
    sandbox.record_login(
        ben, WEEKLY, "192.0.2.2", at=began + timedelta(seconds=1), status="Invalid Password"
    )
    early = sandbox.record_login(ada, WEEKLY, "192.0.2.1", at=began - timedelta(milliseconds=400))
    sandbox.record_login(ada, WEEKLY, "192.0.2.1", at=began - timedelta(seconds=2))
    sandbox.record_login(sandbox.person("carl"), WEEKLY, "192.0.2.3", at=began)
    ben.is_password_locked = True
    since = len(sandbox.calls)
    found = await org.read_new_logins([ada.id, ben.id], began)
    assert sandbox.count(since) == sandbox.count(since, "composite") == 1
    assert found.logins is not None
    assert [(login.user_id, login.status) for login in found.logins] == [
        (ada.id, "Success"),
        (ben.id, "Invalid Password"),
        (ada.id, "Success"),
    ]
    assert found.logins[0].id == early.id
    assert found.locks is not None
    assert {user_id: lock.is_password_locked for user_id, lock in found.locks.items()} == {
        ada.id[:15]: False,
        ben.id[:15]: True,
    }
    assert not found.cut


async def test_more_new_logins_than_one_answer_holds_are_read_on_from_the_newest(
    org: Org, sandbox: SeededOrg
) -> None:
    ben = sandbox.person("ben")
    since = utc_now() - timedelta(minutes=2200)
    as_if_since(sandbox, "ben", range(2100))
    found = await org.read_new_logins([ben.id], since)
    assert found.cut
    assert found.logins is not None
    assert len(found.logins) == 2000
    rest = await org.read_new_logins([ben.id], found.logins[-1].time)
    assert not rest.cut
    assert rest.logins is not None
    seen = {login.id for login in (*found.logins, *rest.logins)}
    assert len(seen) == len([one for one in sandbox.logins_of[ben.id] if one.time >= since])


async def test_as_many_people_as_one_request_holds(org: Org, sandbox: SeededOrg) -> None:
    people = [
        sandbox.add_user(f"p{n}@acme.example", f"p{n}@acme.example", "Person")
        for n in range(MOST_USERS)
    ]
    now = utc_now()
    for person in people:
        sandbox.record_login(person, WEEKLY, "192.0.2.1", at=now)
    ids = [person.id for person in people]
    since = len(sandbox.calls)
    found = await org.read_new_logins(ids, now)
    assert sandbox.count(since) == 1
    assert found.logins is not None
    assert {login.user_id for login in found.logins} == set(ids)
    assert found.locks is not None
    assert len(found.locks) == MOST_USERS


@pytest.mark.parametrize(("fault", "expected"), LASTING)
async def test_lasting_trouble_has_a_name(
    org: Org, sandbox: SeededOrg, fault: faults.Fault, expected: type[SalesforceError]
) -> None:
    sandbox.faults.add("composite", fault, times=None)
    with pytest.raises(expected) as caught:
        await org.read_account(sandbox.person("ada").id, 90)
    assert sandbox.count(0, "composite") <= 3
    assert "http://" not in repr(caught.value)


@pytest.mark.parametrize("fault", PASSING)
async def test_passing_trouble_is_not_noticed(
    org: Org, sandbox: SeededOrg, fault: faults.Fault
) -> None:
    sandbox.faults.add("composite", fault)
    found = await org.read_new_logins([sandbox.person("ada").id], utc_now() - timedelta(days=30))
    assert found.logins
