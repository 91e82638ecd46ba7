"""A card, or IT's whole channel, is gone while an account is contained: nothing stops for that."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    case_in,
    contained,
    form,
    reported,
    the_case,
)
from tests.scenario.containment_steps import ALL_ENDED, at_salesforce, contains, thread
from tests.scenario.steps import PATIENCE
from tests.scenario.world import World

NEXT = "Next steps for IT"
TEXT = "Your Salesforce account in Production may be in other hands."


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


def remove(world: World, seen: Shown) -> None:
    """Delete a card, as an admin of the workspace may."""
    message = world.slack.timeline.find(seen.channel, seen.ts)
    assert message is not None
    world.slack.timeline.remove(message)


async def alone(world: World, *words: str) -> Shown:
    """Wait for a message in IT's channel that is in no thread."""
    return await world.person("ivan").sees_soon(
        lambda shown: shown.thread_ts is None and all(one in shown.plain for one in words),
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )


async def test_a_card_that_is_removed_leaves_it_what_it_needs_in_the_channel(
    world: World,
) -> None:
    seen = await reported(world)
    case = await the_case(world, seen)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    remove(world, seen)
    await ivan.submits({})
    await case_in(world, case.id, CaseState.CONTAINED)
    shown = await alone(world, ALL_ENDED)
    following = await alone(world, NEXT)
    await idle(world)
    assert len([one for one in ivan.sees(seed.IT_CHANNEL) if ALL_ENDED in one.plain]) == 1
    await ivan.presses("breach.unfreeze", following)
    again = await alone(world, "8 of 8 steps have ended")
    assert again.ts == shown.ts
    assert at_salesforce(world) == (False, 0, 0, 2)
    # What happened, and that she is let in.
    await world.slack.until(lambda: len(world.person("ada").sees("dm")) == 2, PATIENCE)


async def test_a_card_that_is_removed_later_takes_nothing_away(world: World) -> None:
    seen = await reported(world)
    case = await contains(world, seen)
    following = await thread(world, seen, NEXT, "[ Close ]")
    remove(world, seen)
    await world.person("ivan").presses("breach.close", following)
    await case_in(world, case.id, CaseState.CLOSED)
    await alone(world, "losed", "@Ivan Petrov")


async def test_a_channel_that_takes_nothing_stops_no_step(world: World) -> None:
    seen = await reported(world)
    world.slack.faults.add(
        "chat.postMessage",
        Fault(error="is_archived", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await approves(world, seen)
    await contained(world, seen)
    await world.person("ada").sees_soon(TEXT, PATIENCE, channel="dm")
    assert at_salesforce(world) == (True, 0, 0, 1)
