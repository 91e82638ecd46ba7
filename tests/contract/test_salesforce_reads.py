"""Our queries against an org that refuses what Salesforce refuses."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.seed import SeededOrg, acme
from services.salesforce import retrying
from services.salesforce.errors import (
    LoginRefused,
    NotPermitted,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.org import Org
from tests.contract.salesforce_org import client_of, utc_now
from tests.contract.salesforce_trouble import LASTING, PASSING


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> SeededOrg:
    monkeypatch.setattr(retrying, "FIRST_WAIT_SECONDS", 0.01)
    return acme()


@pytest.fixture
async def org(sandbox: SeededOrg) -> AsyncIterator[Org]:
    async with client_of(sandbox) as org:
        yield org


@pytest.mark.parametrize(
    ("address", "usernames"),
    [
        ("ada@acme.example", {"ada@acme.example"}),
        ("ADA@Acme.Example", {"ada@acme.example"}),
        ("ben@acme.example", {"ben@acme.example.prod"}),
        ("carl@acme.example", {"carl@acme.example.prod", "carl.dev@acme.example.prod"}),
        ("dana@acme.example", {"dana@acme.example"}),
        ("una@acme.example", {"una@acme.example.prod"}),
        ("nobody@acme.example", set()),
        ("x' OR Name LIKE '%", set()),
        ("back\\slash@acme.example", set()),
    ],
)
async def test_users_are_found_by_any_of_three_fields(
    org: Org, address: str, usernames: set[str]
) -> None:
    assert {user.username for user in await org.find_users(address)} == usernames


async def test_a_user_is_read_with_what_they_may_do(org: Org, sandbox: SeededOrg) -> None:
    users = {
        name: await org.user(sandbox.person(name).id) for name in ("ada", "ben", "omar", "pia")
    }
    found = {
        name: (user.is_admin, user.is_api_only, user.is_active)
        for name, user in users.items()
        if user
    }
    assert found == {
        "ada": (False, False, True),
        "ben": (True, False, True),
        "omar": (False, True, True),
        "pia": (False, False, False),
    }
    (una,) = await org.find_users("una@acme.example")
    assert una.federation_identifier == "una@acme.example"
    assert una.email == "una.keller@elsewhere.example"
    ada = users["ada"]
    assert ada is not None
    assert ada.profile_name == "Standard User"
    assert ada.last_password_change is not None
    assert utc_now() - ada.last_password_change > timedelta(days=300)


async def test_a_permission_set_makes_an_admin_too(org: Org, sandbox: SeededOrg) -> None:
    sandbox.add_permission_set("Deputies", {"ManageUsers"})
    sandbox.assign(sandbox.person("ada"), "Deputies")
    user = await org.user(sandbox.person("ada").id)
    assert user is not None
    assert user.is_admin


async def test_a_session_that_expires_is_renewed_once(org: Org, sandbox: SeededOrg) -> None:
    await org.find_users("ada@acme.example")
    sandbox.expire_sessions()
    assert len(await org.find_users("ada@acme.example")) == 1
    assert sandbox.count(0, "token") == 2


@pytest.mark.parametrize(("fault", "expected"), LASTING)
async def test_lasting_trouble_has_a_name(
    org: Org, sandbox: SeededOrg, fault: faults.Fault, expected: type[SalesforceError]
) -> None:
    sandbox.faults.add("query", fault, times=None)
    with pytest.raises(expected) as caught:
        await org.user(sandbox.person("ada").id)
    assert sandbox.count(0, "query") <= 3
    assert "http://" not in repr(caught.value)


@pytest.mark.parametrize("fault", PASSING)
async def test_passing_trouble_is_not_noticed(
    org: Org, sandbox: SeededOrg, fault: faults.Fault
) -> None:
    sandbox.faults.add("query", fault)
    assert await org.user(sandbox.person("ada").id) is not None


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.status(503), Unavailable),
        (faults.drop(), Unavailable),
        (faults.truncated(), Unexpected),
        (faults.html_unauthorized(), LoginRefused),
        (faults.to_login(), Unexpected),
    ],
)
async def test_a_login_that_fails_has_a_name(
    org: Org, sandbox: SeededOrg, fault: faults.Fault, expected: type[SalesforceError]
) -> None:
    sandbox.faults.add("token", fault, times=None)
    with pytest.raises(expected):
        await org.user(sandbox.person("ada").id)


async def test_a_missing_permission_is_named(org: Org, sandbox: SeededOrg) -> None:
    for assignment in list(sandbox.bot_user.assignments):
        assignment.permission_set.permissions -= {"ManageUsers", "ViewSetup"}
    with pytest.raises(NotPermitted) as caught:
        await org.reset_password(sandbox.person("ada").id)
    assert caught.value.needs == "Reset User Passwords and Unlock Users"


async def test_a_bot_without_its_permission_set_is_not_let_in(org: Org, sandbox: SeededOrg) -> None:
    sandbox.bot_user.assignments.clear()
    with pytest.raises(LoginRefused) as caught:
        await org.find_users("ada@acme.example")
    assert caught.value.code == "not_preauthorised"
