"""What couldn't be read at first, and what is found out by then."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from valkey.asyncio import Valkey

from sandbox.salesforce import faults
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.describing import Describing
from services.cases.preparation import LATER, SELDOM
from services.cases.states import CaseMove, CaseState
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import JobName
from services.store.errors import StoreUnavailableError
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    card,
    cards,
    case_in,
    denies,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, audit, impatient
from tests.scenario.test_breach_planned import planned
from tests.scenario.test_breach_trouble import comes_again, put_off
from tests.scenario.world import World

NO_LONGER = "I no longer take this"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    impatient(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def test_a_report_that_the_bot_itself_fails_at_is_brought_before_it_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("SECRET-FROM-OUTSIDE")

    with monkeypatch.context() as patch:
        patch.setattr(Describing, "target", broken)
        await world.person("eve").types(f"/reset-token breach @ada {REASON}")
        for _ in range(3):
            await comes_again(world, JobName.PREPARE_CASES, LATER)
        seen = await card(world)
        assert "I failed while reading it. My log has the reference below" in seen.plain
        assert f"Reference: `{(await the_case(world, seen)).id}`" in seen.plain
        assert REASON in seen.plain
        assert "SECRET" not in seen.plain
        assert {button.text for button in seen.buttons} == {"Close…"}
        await comes_again(world, JobName.PREPARE_CASES, SELDOM)
        await put_off(world, JobName.PREPARE_CASES, SELDOM)
    await comes_again(world, JobName.PREPARE_CASES, SELDOM)
    filled = await card(world, lambda shown: "`ada@acme.example`" in shown.plain)
    assert (filled.ts, len(cards(world))) == (seen.ts, 1)
    assert "I failed" not in filled.plain


async def over(world: World, seen: Shown) -> Shown:
    return await world.person("iris").sees_soon(
        lambda shown: shown.ts == seen.ts and NO_LONGER in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )


async def test_a_planned_reset_of_somebody_who_approves_no_more_is_taken_back(
    world: World,
) -> None:
    world.org.faults.add("*", faults.status(503), times=None)
    seen = await planned(world)
    case_id = (await the_case(world, seen)).id
    world.slack.groups[seed.APPROVERS].members.remove(world.slack.person("ivan").id)
    world.clock.forward(minutes=2)
    world.org.faults.clear()
    await world.run_job(JobName.PREPARE_CASES, "all")
    assert (await over(world, seen)).buttons == []
    await case_in(world, case_id, CaseState.REFUSED)
    ivan = world.person("ivan")
    await ivan.sees_soon("Only IT's approvers may ask for a planned reset", PATIENCE, channel="dm")
    assert await world.web.stores.cases.count_open() == 0


async def test_a_planned_reset_that_stands_waits_until_slack_says_who_approves(
    world: World,
) -> None:
    world.org.faults.add("*", faults.status(503), times=None)
    seen = await planned(world)
    world.slack.faults.add("usergroups.users.list", Fault(error="internal_error"))
    world.clock.forward(minutes=2)
    world.org.faults.clear()
    await world.run_job(JobName.PREPARE_CASES, "all")
    await put_off(world, JobName.PREPARE_CASES, LATER)
    world.slack.faults.clear()
    await comes_again(world, JobName.PREPARE_CASES, LATER)
    filled = await card(world, lambda shown: "What a reset of password" in shown.plain)
    assert filled.ts == seen.ts


async def test_a_report_that_was_lent_to_two_workers_is_presented_once(world: World) -> None:
    case = await the_case(world, await reported(world))
    async with Valkey.from_url(world.redis_url) as raw:
        await raw.zadd(keys.CASES_PREPARING, {case.id: 0})  # as the second one finds it
    await world.run_job(JobName.PREPARE_CASES, "all")
    await idle(world)
    assert await world.web.stores.preparing.wait(world.clock()) is None
    rows = [row for row in await audit(world) if row.reset_id == case.id]
    assert [row.what for row in rows].count(CaseMove.PRESENT) == 1


@pytest.mark.parametrize(("owner", "name"), [(Describing, "target"), (Messenger, "post_once")])
async def test_a_moment_without_redis_holds_no_card_up_for_its_lease(
    world: World, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    """The clock stands still, so what stays lent would never come."""
    method, cut_off = getattr(owner, name), list[str]()

    async def once(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
        if not cut_off:
            cut_off.append(name)
            raise StoreUnavailableError("TimeoutError")
        return await method(*args, **named)

    monkeypatch.setattr(owner, name, once)
    seen = await reported(world)
    await world.person("eve").sees_soon("has your report", PATIENCE, channel="dm")
    await denies(world, seen)
    await idle(world)
    assert cut_off == [name]
    assert cards(world) == []
