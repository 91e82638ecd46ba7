"""Slack refuses to fill a form that was opened: whoever pressed is told, and may press again."""

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, form, reported
from tests.scenario.steps import PATIENCE, answered, has, offered, on_screen
from tests.scenario.world import World

NOT_FILLED = "Slack didn't open the form"


@pytest.mark.parametrize("code", ["invalid_blocks", "account_inactive"])
async def test_a_form_to_approve_that_stays_empty_is_told(redis_url: str, code: str) -> None:
    async with a_breach_world(redis_url) as world:
        ivan, seen = world.person("ivan"), await reported(world)
        world.slack.faults.add("views.update", Fault(error=code, times=1))
        before = on_screen(ivan)
        await ivan.presses("breach.approve", seen)
        await answered(ivan, NOT_FILLED, before)
        await ivan.closes()
        await ivan.presses("breach.approve", seen)
        await form(ivan, "breach.approve")


async def test_a_form_to_answer_that_stays_empty_is_told(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    await ada.presses("reset.ask_it", await offered(world))
    await ada.submits({"question": "Which job uses it?"})
    seen = await ivan.sees_soon(has("ask_it.wait"), PATIENCE, channel=seed.IT_CHANNEL)
    world.slack.faults.add("views.update", Fault(error="invalid_blocks", times=1))
    before = on_screen(ivan)
    await ivan.presses("ask_it.wait", seen)
    await answered(ivan, NOT_FILLED, before)


async def test_a_form_that_was_closed_meanwhile_needs_no_answer(redis_url: str) -> None:
    async with a_breach_world(redis_url) as world:
        ivan, seen = world.person("ivan"), await reported(world)
        await idle(world)
        before = on_screen(ivan)
        world.slack.faults.add("views.update", Fault(error="not_found", times=1))
        await ivan.presses("breach.approve", seen)
        await idle(world)
        assert on_screen(ivan) == before
