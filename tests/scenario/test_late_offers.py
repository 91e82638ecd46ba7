"""An offer that can't be shown within 25 minutes of the command is told as expired, by DM, once."""

from collections.abc import AsyncIterator

import pytest

from sandbox.slack.faults import Fault
from services.store.changes import JobName
from tests.counting import Count
from tests.scenario.steps import audit, audited, has, offered
from tests.scenario.world import World, a_world

SLOW = "I was too slow."


@pytest.fixture
async def stopped(redis_url: str) -> AsyncIterator[World]:
    """A world whose workers are stopped."""
    async with a_world(redis_url, worker=False) as built:
        yield built


def told(world: World) -> list[str]:
    return [one.plain for one in world.person("ada").sees("dm") if SLOW in one.plain]


async def all_jobs_ran(world: World) -> None:
    """Another person's reset comes after all that was queued before it."""
    await offered(world, "eve")


def no_offer(world: World) -> bool:
    return not any(has("reset.confirm")(one) for one in world.person("ada").sees())


async def test_workers_stopped_for_25_minutes(stopped: World, count: Count) -> None:
    ada = stopped.person("ada")
    await ada.types("/reset-token")
    stopped.clock.forward(minutes=25)
    async with stopped.worker():
        shown = await ada.sees_soon(SLOW, 10, channel="dm")
        await all_jobs_ran(stopped)
    assert "Nothing has changed" in shown.plain
    assert "Type `/reset-token` to start again" in shown.plain
    assert "Buttons" not in shown.plain, "there were none"
    assert shown.buttons == []
    assert no_offer(stopped)
    assert len(told(stopped)) == 1
    rows = [row for row in await audit(stopped) if row.requester == ada.person.id]
    assert [(row.what, row.before, row.after, row.why) for row in rows] == [
        ("start", None, "preparing", None),
        ("expire", "preparing", "expired", "too_late"),
    ]
    users = [call.args["user"] for call in stopped.slack.calls.to("users.info")]
    assert ada.person.id not in users, "nothing is read for an offer that nobody sees"
    await ada.types("/reset-token status")
    assert "expired (I was too slow); nothing has changed" in ada.sees("general")[-1].plain
    count("offers told as expired because they were late", 1)


async def test_a_minute_earlier_the_offer_is_shown(stopped: World) -> None:
    ada = stopped.person("ada")
    await ada.types("/reset-token")
    stopped.clock.forward(minutes=24)
    async with stopped.worker():
        await ada.sees_soon(has("reset.confirm"), 10, channel="general")
    assert told(stopped) == []


async def test_an_offer_that_slack_doesnt_take_in_time(world: World) -> None:
    """It is saved, and every try to show it fails until it is too late."""
    ada = world.person("ada")
    fault = world.slack.faults.add("response_url", Fault(lost="before"))
    await ada.types("/reset-token")
    await world.slack.until(lambda: world.slack.calls.to("response_url"), 10)
    assert (await world.newest("ada")).state == "awaiting_user"
    world.clock.forward(minutes=25)
    shown = await ada.sees_soon(SLOW, 10, channel="dm")
    world.slack.faults.remove(fault)
    assert "Buttons of it that you may still see do nothing any more." in shown.plain
    assert no_offer(world)
    assert (await audited(world, "expire")).why == "too_late"
    assert len(told(world)) == 1


async def chosen_but_not_shown(world: World, *, after_minutes: float) -> Fault:
    """Choose a user, while Slack takes nothing through a `response_url`."""
    ada = world.person("ada")
    await ada.types("/reset-token")
    menu = await ada.sees_soon("Which one's token?", 10)
    world.clock.forward(minutes=after_minutes)
    fault = world.slack.faults.add("response_url", Fault(lost="before"))
    await ada.selects("reset.choose", 0, menu)
    assert (await world.settled("ada", "awaiting_user")).chosen is not None
    return fault


async def test_a_choice_has_25_minutes_of_its_own(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        fault = await chosen_but_not_shown(world, after_minutes=20)
        world.clock.forward(minutes=20)
        world.slack.faults.remove(fault)
        await world.person("ada").sees_soon(has("reset.confirm"), 10, channel="general")
        assert told(world) == []


async def test_a_choice_that_is_answered_too_late(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        await chosen_but_not_shown(world, after_minutes=0)
        world.clock.forward(minutes=25)
        shown = await world.person("ada").sees_soon(SLOW, 10, channel="dm")
        assert "Buttons of it that you may still see do nothing any more." in shown.plain
        assert no_offer(world)


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_it_is_told_once_though_the_answer_got_lost(stopped: World, lost: str) -> None:
    """As after a kill between the claim and the post, or between the post and its place."""
    ada = stopped.person("ada")
    fault = Fault(lost="after", times=1) if lost == "after" else Fault(lost="before", times=1)
    stopped.slack.faults.add("chat.postMessage", fault)
    await ada.types("/reset-token")
    stopped.clock.forward(minutes=40)
    async with stopped.worker():
        await ada.sees_soon(SLOW, 10, channel="dm")
        if lost == "after":  # it is found by its mark
            await stopped.slack.until(lambda: stopped.slack.calls.to("conversations.history"), 10)
        reset = await stopped.newest("ada")
        await stopped.run_job(JobName.SHOW, reset.id)
        await stopped.run_job(JobName.PREPARE, reset.id)
        await all_jobs_ran(stopped)
    assert len(told(stopped)) == 1
    whats = [row.what for row in await audit(stopped) if row.requester == ada.person.id]
    assert whats == ["start", "expire"]


async def test_closed_direct_messages_leave_it_in_the_channel(stopped: World) -> None:
    ada = stopped.person("ada")
    stopped.slack.faults.add("chat.postMessage", Fault(error="cannot_dm_bot"))
    await ada.types("/reset-token")
    stopped.clock.forward(minutes=40)
    async with stopped.worker():
        shown = await ada.sees_soon(SLOW, 10, channel="general")
    assert shown.ephemeral


async def test_a_press_that_waits_too_long_is_led_to_no_page(redis_url: str) -> None:
    """Guided: the page isn't offered with a time that is over. The timer says that it is over."""
    async with a_world(redis_url, worker=False, SALESFORCE_RESET_METHOD="guided") as world:
        ada = world.person("ada")
        async with world.worker():
            await offered(world)
        await ada.presses("reset.confirm")
        world.clock.forward(minutes=26)
        reset = await world.newest("ada")
        assert reset.state == "awaiting_press"
        async with world.worker():
            await all_jobs_ran(world)
            assert not any(has("reset.pressed")(one) for one in ada.sees())
            await world.run_job(JobName.EXPIRE, reset.id)
            await ada.sees_soon("The offer above has expired", 10)
