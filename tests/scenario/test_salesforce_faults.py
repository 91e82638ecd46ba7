"""Salesforce fails while a reset is being prepared: reads are repeated, then the truth is told."""

from collections.abc import AsyncIterator

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.seed import BOT_ACCESS, RESETTABLE
from services.resets.model import Reason
from tests.scenario.steps import UNCHANGED, audited, impatient, newcomer, offered, refused
from tests.scenario.traces import lines, logged
from tests.scenario.world import World, a_world


@pytest.fixture
async def hasty(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker soon gives up waiting."""
    impatient(monkeypatch)
    async with a_world(redis_url) as world:
        yield world


PASSING = {
    "token": [
        faults.status(503),
        faults.status(503, retry_after=1),
        faults.status(429, retry_after=0),
        faults.drop(),
        faults.hang(),
        faults.cut_off(),
    ],
    "query": [
        faults.status(503),
        faults.status(500),
        faults.status(503, retry_after=1),
        faults.status(429, retry_after=0),
        faults.drop(),
        faults.hang(),
        faults.cut_off(),
        faults.locked_row(),
        faults.expired_session(),
        faults.html_unauthorized(),
        faults.odd_unauthorized(),
    ],
}
PASSING["composite"] = PASSING["query"]


@pytest.mark.parametrize("endpoint", PASSING)
async def test_a_passing_fault_is_not_noticed(
    hasty: World, endpoint: str, subtests: pytest.Subtests
) -> None:
    for fault in PASSING[endpoint]:
        with subtests.test(fault=str(fault)):
            hasty.org.expire_sessions()
            hasty.clock.forward(minutes=6)  # what was read of the account isn't kept so long
            before = len(hasty.org.calls)
            hasty.org.faults.add(endpoint, fault)
            warning = await offered(hasty)
            assert "Data Loader" in warning.plain
            assert hasty.org.count(before, endpoint) >= 2


LASTING: dict[str, list[tuple[Fault, Reason, int]]] = {
    "token": [
        (faults.status(503), Reason.SALESFORCE_UNAVAILABLE, 3),
        (faults.status(503, retry_after=60), Reason.SALESFORCE_UNAVAILABLE, 1),
        (faults.drop(), Reason.SALESFORCE_UNAVAILABLE, 3),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE, 3),
        (faults.html_unauthorized(), Reason.SALESFORCE_LOGIN, 1),
        (faults.request_limit(), Reason.SALESFORCE_LOGIN, 1),
        (faults.truncated(), Reason.SALESFORCE_UNEXPECTED, 1),
        (faults.to_login(), Reason.SALESFORCE_UNEXPECTED, 1),
    ],
    "query": [
        (faults.status(503), Reason.SALESFORCE_UNAVAILABLE, 3),
        (faults.status(429, retry_after=60), Reason.SALESFORCE_UNAVAILABLE, 1),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE, 3),
        (faults.request_limit(), Reason.SALESFORCE_LIMIT, 1),
        (faults.expired_session(), Reason.SALESFORCE_LOGIN, 2),
        (faults.html_unauthorized(), Reason.SALESFORCE_LOGIN, 2),
        (faults.odd_unauthorized(), Reason.SALESFORCE_LOGIN, 2),
        (faults.truncated(), Reason.SALESFORCE_UNEXPECTED, 1),
        (faults.to_login(), Reason.SALESFORCE_UNEXPECTED, 1),
    ],
}
"""And how often it is asked: again where that makes sense, and no more."""
WORDS = {
    Reason.SALESFORCE_UNAVAILABLE: "Salesforce didn't answer, or was too busy",
    Reason.SALESFORCE_LIMIT: "has used up the requests",
    Reason.SALESFORCE_LOGIN: "Salesforce didn't let me in",
    Reason.SALESFORCE_UNEXPECTED: "an answer that I don't understand",
}


@pytest.mark.parametrize("endpoint", LASTING)
async def test_a_lasting_fault_ends_in_nothing_has_changed(
    hasty: World, endpoint: str, subtests: pytest.Subtests
) -> None:
    with logged() as log:
        for fault, reason, asked in LASTING[endpoint]:
            with subtests.test(fault=str(fault)):
                before = len(hasty.org.calls)
                hasty.org.faults.add(endpoint, fault, times=None)
                shown = await refused(hasty, "ada", WORDS[reason])
                assert UNCHANGED in shown.plain
                assert hasty.org.count(before, endpoint) == asked
                row = await audited(hasty, "refuse")
                assert (row.why, row.after) == (reason, "failed")
            hasty.org.faults.clear()
    assert hasty.org.resets == []
    assert "Service temporarily unavailable" not in log.getvalue()
    await offered(hasty)


async def test_an_org_that_is_away_takes_nothing_from_the_others(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        world.orgs["partner"].faults.add("query", faults.request_limit(), times=None)
        with logged() as log:
            warning = await offered(world)
        assert "Production" in warning.plain
        failed = [line for line in lines(log) if line["event"] == "salesforce.search_failed"]
        assert [line["org"] for line in failed] == ["partner"]


async def test_an_org_that_is_away_is_not_told_as_having_no_user(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        world.orgs["production"].faults.add("query", faults.request_limit(), times=None)
        shown = await refused(world, "eve", "has used up the requests")
        assert UNCHANGED in shown.plain
        assert "no Salesforce user" not in shown.plain


async def test_logins_that_cant_be_read_are_not_told_as_none(world: World) -> None:
    world.org.faults.add("composite", faults.request_limit(), times=None)
    with logged() as log:
        warning = await offered(world)
    assert "I couldn't read the login history. Assume that something breaks." in warning.plain
    assert "None seen" not in warning.plain
    assert "I saw no program" not in warning.plain
    events = [line["event"] for line in lines(log)]
    assert "salesforce.account_unreadable" in events


async def test_logins_that_may_not_be_read_name_the_permission_for_it(world: World) -> None:
    granted = world.org.permission_sets[BOT_ACCESS]
    granted.permissions -= {"ManageUsers"}
    warning = await offered(world)
    assert "I couldn't read the login history" in warning.plain
    assert "Manage Users" in warning.plain


@pytest.mark.parametrize(("name", "is_seen"), [("zoe", False), ("eve", True)])
async def test_no_login_by_token_is_told_and_makes_cancel_the_likely_button(
    world: World, name: str, is_seen: bool
) -> None:
    newcomer(world, "zoe", "zoe@acme.example")
    world.org.add_user("zoe@acme.example", "zoe@acme.example", "Zoe", permission_sets=[RESETTABLE])
    warning = await offered(world, name)
    assert ("Browser" in warning.plain) is is_seen
    assert "I saw no program that logs in with your password and token" in warning.plain
    assert "quarterly job" in warning.plain
    assert [button.style for button in warning.buttons][:2] == [None, "primary"]
