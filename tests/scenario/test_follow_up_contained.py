"""What becomes of a reset's checklist once IT has acted on the account."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce.timetable import Timetable
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.cases.steps import StepKind
from services.follow_ups.model import Ended
from services.store.changes import JobName
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, card, case_in, form, reported, the_case
from tests.scenario.containment_steps import contains, thread
from tests.scenario.programs import checklist, dismisses, programs_of
from tests.scenario.steps import PATIENCE, done
from tests.scenario.test_follow_up import FAILING, alerts, followed
from tests.scenario.world import World

OVER = "IT has acted on this Salesforce user since"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


def now_at(world: World, message: Shown) -> Shown:
    (found,) = [one for one in world.person("ada").sees("dm") if one.ts == message.ts]
    return found


async def looks_a_day_later(world: World, programs: Timetable) -> None:
    """Let the programs fail, and the next look be due."""
    world.clock.forward(days=1)
    assert not (await programs.log_in("Data Loader")).ok
    await world.run_job(JobName.FOLLOW_ROUND, f"production:{int(world.clock.seconds())}")
    await idle(world)


@pytest.mark.parametrize("chosen", [StepKind.FREEZE, StepKind.PASSWORD])
async def test_it_gives_no_advice_any_more(world: World, chosen: StepKind) -> None:
    programs = await programs_of(world)
    steps = await done(world)
    world.clock.forward(minutes=30)
    await contains(world, await reported(world), steps=[chosen])
    after = await world.person("ada").sees_soon(
        lambda shown: shown.ts == steps.ts and OVER in shown.plain, PATIENCE, channel="dm"
    )
    assert "ask IT how to go on" in after.plain
    assert "1. " not in after.plain
    assert after.menus == []
    assert [button.text for button in after.buttons] == ["This wasn't me"]
    assert (await followed(world)).ended is Ended.IT_ACTED

    await looks_a_day_later(world, programs)
    assert alerts(world, FAILING) == []
    assert now_at(world, steps).blocks == after.blocks


async def test_it_goes_on_where_nothing_was_done_that_shuts_a_program_out(world: World) -> None:
    await programs_of(world)
    steps = await done(world)
    world.clock.forward(minutes=30)
    await contains(world, await reported(world), steps=[StepKind.SESSIONS])
    await idle(world)
    assert (await followed(world)).ended is None
    assert OVER not in now_at(world, steps).plain


async def test_a_slack_account_that_is_suspected_sees_nothing_of_it(
    world: World,
) -> None:
    await programs_of(world)
    steps = await done(world)
    reset = await world.newest("ada")
    world.clock.forward(minutes=30)
    eve, ivan = world.person("eve"), world.person("ivan")
    await eve.types("/reset-token breach")
    await form(eve, "breach.report")
    about = {"person": "ada", "reason": "A mail", "slack": ["suspected"]}
    assert not (await eve.submits(about)).errors
    seen = await card(world)
    await contains(world, seen)
    following = await thread(world, seen, "Next steps for IT", "[ Close ]")
    await idle(world)
    assert (await followed(world)).ended is Ended.IT_ACTED
    await world.run_job(JobName.FOLLOW_SHOW, reset.id)  # such as one that waited for Slack
    await world.run_job(JobName.TELL, reset.id)
    await idle(world)
    assert now_at(world, steps).plain == steps.plain
    await dismisses(world.person("ada"), now_at(world, steps), "Acme ETL", "Not mine")
    after = await checklist(world, "not yours")
    assert "Acme ETL" in after.plain
    assert OVER not in after.plain

    await ivan.presses("breach.close", following)
    await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
    await idle(world)
    assert OVER not in now_at(world, steps).plain, "the Slack account is still no safer"
