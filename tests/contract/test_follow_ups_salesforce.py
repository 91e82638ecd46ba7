"""Follow-ups of programs that really log in to the sandbox's org, read as the bot reads it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from sandbox.salesforce.credentials import reset_token
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.salesforce.timetable import Timetable
from services.follow_ups.dismissals import Dismissals
from services.follow_ups.followers import FollowUps
from services.follow_ups.model import AlertKind, Ended, FollowUp, Item, ItemState
from services.impact.assess import assess
from services.orgs import ResetMethod
from services.resets.model import Reset
from services.salesforce.org import Org
from services.store.follow_ups import FollowUpStore
from tests.contract.follow_up_stores import open_store
from tests.contract.salesforce_org import client_of, utc_now
from tests.factories import FakeClock, an_account
from tests.unit.follow_ups.examples import DAYS, a_done_reset

OWN_APPS = ("Reset Token", "Reset Token as the user")
TOKEN_USERS = ("Data Loader", "Acme ETL", "dataloader.io", "Invoice Robot")


@dataclass
class World:
    """Ada, whose token was reset, and the programs that log in as her."""

    sandbox: SeededOrg
    org: Org
    programs: Timetable
    reset: Reset
    clock: FakeClock
    store: FollowUpStore
    follow_ups: FollowUps

    async def round(self) -> FollowUp:
        """Look as late as the follow-up wants it, though no time has passed for the programs."""
        since = len(self.sandbox.calls)
        before = await self.follow_ups.get(self.reset.id)
        assert before is not None
        assert before.next_at is not None
        self.clock.now = max(before.next_at, utc_now())
        await self.follow_ups.run_round("production", self.clock.now)
        assert self.sandbox.count(since) == 1
        after = await self.follow_ups.get(self.reset.id)
        assert after is not None
        assert after.round == before.round + 1
        return after


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    sandbox = acme()
    async with client_of(sandbox) as org, open_store(redis_url) as store:
        programs, reset = await _after_a_reset(sandbox, org)
        clock = FakeClock(utc_now())
        follow_ups = FollowUps(store, {"production": org}, clock, days=DAYS, own_apps=OWN_APPS)
        await follow_ups.start(reset)
        yield World(sandbox, org, programs, reset, clock, store, follow_ups)
    assert sandbox.violations == []


async def _after_a_reset(sandbox: SeededOrg, org: Org) -> tuple[Timetable, Reset]:
    """Read the warning, then reset. The reset's time lies back, so that logins now count."""
    ada = sandbox.person("ada")
    programs = sandbox.integrations(ada, org.config.login_url)
    user = await org.user(ada.id)
    assert user is not None
    reading = await org.read_account(ada.id, 90)
    impact = assess(reading, user, method=ResetMethod.TOKEN, own_apps=OWN_APPS)
    reset_token(sandbox, ada)
    reset = a_done_reset(
        impact=impact,
        account=an_account(user_id=ada.id),
        intent_at=utc_now() - timedelta(seconds=40),
    )
    return programs, reset


def the(follow_up: FollowUp, name: str) -> Item:
    """The item of that name."""
    (item,) = (item for item in follow_up.items if item.name == name)
    return item


async def test_what_is_mended_ticks_itself_and_the_rest_is_named(world: World) -> None:
    ada = world.sandbox.person("ada")
    await world.programs.log_in("Data Loader")
    await world.programs.log_in("Acme ETL")
    seen = await world.round()
    assert the(seen, "Data Loader").state is ItemState.FAILS
    assert the(seen, "dataloader.io").state is ItemState.OPEN
    assert [alert.kind for alert in seen.alerts] == [AlertKind.FAILING]
    (failing,) = the(seen, "Data Loader").failing
    assert failing.count == 1
    assert failing.status.startswith(("Failed", "Invalid"))

    world.programs.paste_token("Data Loader", ada.security_token)
    await world.programs.log_in("Data Loader")
    seen = await world.round()
    assert the(seen, "Data Loader").state is ItemState.WORKS
    assert the(seen, "Acme ETL").state is ItemState.FAILS
    assert len(seen.alerts) == 1


async def test_one_that_tries_hard_locks_the_account_and_the_lock_is_told(world: World) -> None:
    for _ in range(3):
        await world.programs.log_in("Invoice Robot")
    seen = await world.round()
    assert seen.locked_since is not None
    assert AlertKind.LOCKED in {alert.kind for alert in seen.alerts}
    robot = the(seen, "Invoice Robot")
    assert robot.state is ItemState.FAILS
    assert robot.failing[0].count >= world.sandbox.lockout_after


async def test_everything_mended_or_put_aside_is_the_end(world: World) -> None:
    ada = world.sandbox.person("ada")
    for name in TOKEN_USERS:
        world.programs.paste_token(name, ada.security_token)
        result = await world.programs.log_in(name)
        assert result.ok, (name, result.error)
    seen = await world.round()
    assert {item.name: item.state for item in seen.items} == {
        "Data Loader": ItemState.WORKS,
        "Acme ETL": ItemState.WORKS,
        "dataloader.io": ItemState.WORKS,
        "Payroll": ItemState.OPEN,
        "Unnamed application": ItemState.OPEN,
    }
    dismissals = Dismissals(world.store, world.clock)
    for item in seen.items[3:]:
        await dismissals.dismiss(item.id, world.reset.requester)
    over = await world.follow_ups.get(world.reset.id)
    assert over is not None
    assert (over.ended, over.alerts) == (Ended.ALL_DONE, ())
