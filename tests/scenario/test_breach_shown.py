"""What stands in IT's channel while a slow or refusing Slack, and a newer card, come between."""

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from handlers.it_channel import REFUSED_AGAIN
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from services.store.changes import JobName
from tests.scenario.breach_attempts import NOT_APPROVER, hurried, idle
from tests.scenario.breach_steps import (
    a_breach_world,
    alerted,
    approves,
    card,
    cards,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.containment_steps import ALL_ENDED, ENDED, suspected, thread, victim
from tests.scenario.steps import PATIENCE, eventually, has
from tests.scenario.test_breach_admins import another_admin
from tests.scenario.world import World

NEXT = "Next steps for IT"
OVERRIDE = "Emergency override by"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def comes_in_a_minute(world: World, job: JobName, case_id: str) -> None:
    """Look that a job is to come again, then let it come at once."""
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        timers = await raw.zrange("resets:queue", 0, -1, withscores=True)
    (due,) = [at for name, at in timers if name.startswith(f"{case_id}:{job}:")]
    assert 0 < due - time.time() <= REFUSED_AGAIN.total_seconds()
    await world.run_job(job, case_id)


async def test_a_slow_edit_gives_a_decided_card_no_buttons_back(world: World) -> None:
    seen = await reported(world)
    await idle(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    slow = world.slack.faults.add("chat.update", Fault(latency=1.5, times=1))
    await world.person("gus").types("/reset-token breach @ada me too")
    await world.slack.until(lambda: slow.times == 0, PATIENCE)
    assert not (await ivan.submits({})).errors
    await contained(world, seen)
    await idle(world)
    (shown,) = [one for one in ivan.sees(seed.IT_CHANNEL) if one.ts == seen.ts]
    assert "*Approved* by @Ivan Petrov" in shown.plain
    assert shown.buttons == []


async def test_many_voices_at_once_edit_the_card_a_few_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.breach_card.GAP", timedelta(seconds=1))
    vera = victim(world, "vera")
    seen = await suspected(world, vera.username)
    await idle(world)
    before = len(world.slack.calls.to("chat.update"))
    for number in range(20):
        body = {"id": f"x-{number}", "user": vera.username, "reason": f"Rule {number} fired"}
        status, _ = await alerted(world, json.dumps(body), message_id=f"m-{number}")
        assert status == 202

    async def joined() -> bool:
        case = await the_case(world, seen)
        return len(case.reports) + case.more_reports == 21

    await eventually(joined)
    await idle(world)
    assert len(world.slack.calls.to("chat.update")) - before <= 10
    assert "21 reports" in cards(world)[-1].plain


async def test_a_channel_that_takes_nothing_gets_the_thread_once_it_does(world: World) -> None:
    seen = await reported(world)
    await idle(world)
    refusing = world.slack.faults.add(
        "chat.postMessage",
        Fault(error="not_in_channel", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await approves(world, seen)
    case = await contained(world, seen)
    await idle(world)
    assert await world.web.stores.health.it_channel_refused() == "not_in_channel"
    world.slack.faults.remove(refusing)
    await comes_in_a_minute(world, JobName.TELL_CONTAINED, case.id)
    await world.run_job(JobName.SHOW_STEPS, case.id)
    await thread(world, seen, ALL_ENDED)
    await thread(world, seen, NEXT, "[ Close ]")
    await idle(world)
    assert await world.web.stores.health.it_channel_refused() is None


async def test_a_call_that_the_channel_refuses_comes_once_it_takes_it(world: World) -> None:
    seen = await reported(world)
    case = await the_case(world, seen)
    await idle(world)
    world.slack.faults.add("chat.postMessage", Fault(error="not_in_channel", times=1))
    world.clock.forward(minutes=11)
    await world.run_job(JobName.REMIND_OF_CASE, case.id)
    await idle(world)
    assert await world.web.stores.health.it_channel_refused() == "not_in_channel"
    await comes_in_a_minute(world, JobName.REMIND_OF_CASE, case.id)
    await thread(world, seen, "No decision after 10 minutes")


async def overrides(world: World, who: str, why: str, *steps: str) -> None:
    person = world.person(who)
    await person.presses("breach.approve", cards(world, who)[-1])
    await form(person, "breach.override")
    assert not (await person.submits({"reason": why, "steps": [*steps]})).errors
    await idle(world)


async def test_each_override_is_told_to_the_whole_channel(world: World) -> None:
    another_admin(world)
    await reported(world, by="ivan", whom="ben")
    await overrides(world, "ivan", "The first reason", "freeze")
    await world.person("iris").types("/reset-token breach @ben me too")
    await idle(world)
    await overrides(world, "iris", "The second reason", "sessions")
    told = world.person("iris").sees(seed.IT_CHANNEL)
    texts = [one.plain for one in told if OVERRIDE in one.text and "<!channel>" in one.text]
    assert len(texts) == 2
    assert "The first reason" in texts[0]
    assert "The second reason" in texts[1]


async def test_the_thread_goes_on_below_the_newest_card(world: World) -> None:
    another_admin(world)
    seen = await reported(world, by="ivan", whom="ben")
    case = await the_case(world, seen)
    await overrides(world, "ivan", "It can't wait", "freeze", "sessions")
    old = await thread(world, seen, ENDED)
    old_next = await thread(world, seen, NEXT)
    world.clock.forward(hours=4, minutes=1)
    await world.run_job(JobName.RENEW_CARD, case.id)
    second = await card(world, lambda one: one.ts != seen.ts)
    await thread(world, second, ENDED)
    await approves(world, second, "iris")
    await contained(world, second)
    await thread(world, second, ALL_ENDED)
    await thread(world, second, NEXT, "[ Close ]")
    left = {one.ts: one for one in world.person("iris").sees(seed.IT_CHANNEL)}
    for one in (old, old_next):
        assert "goes on in the thread below the newest card" in left[one.ts].plain
        assert left[one.ts].buttons == []


async def test_a_card_that_was_renewed_while_it_was_posted_comes_too(world: World) -> None:
    slow = world.slack.faults.add(
        "chat.postMessage",
        Fault(latency=1.5, times=1, when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await world.person("eve").types("/reset-token breach @ada odd")
    await world.slack.until(lambda: slow.times == 0, PATIENCE)
    (case,) = await world.web.stores.cases.newest_open(1)
    world.clock.forward(hours=4, minutes=1)
    await world.run_job(JobName.RENEW_CARD, case.id)
    seen = await card(world, lambda one: "No decision yet" in one.plain)
    await idle(world)
    assert [one.ts for one in cards(world)] == [seen.ts], "the first has lost its buttons"


async def test_a_summary_that_is_slow_to_be_posted_comes_once(world: World) -> None:
    people = [victim(world, f"v{number}") for number in range(12)]
    world.slack.faults.add(
        "chat.postMessage",
        Fault(latency=1.5, times=1, when=lambda call: "breach.review" in str(call.args)),
    )
    for number, one in enumerate(people):
        body = {"id": f"x-{number}", "user": one.username, "reason": "Rule fired"}
        await alerted(world, json.dumps(body), message_id=f"m-{number}")
    ivan = world.person("ivan")
    await ivan.sees_soon(has("breach.review"), PATIENCE, channel=seed.IT_CHANNEL)
    await idle(world)
    assert len([one for one in ivan.sees(seed.IT_CHANNEL) if has("breach.review")(one)]) == 1


async def test_a_reporter_whose_voice_isnt_kept_hears_the_decision(world: World) -> None:
    vera = victim(world, "vera")
    seen = await suspected(world, vera.username)
    eve = world.person("eve")
    await eve.types(f"/reset-token breach {vera.username} I saw it")
    await idle(world)
    for number in range(10):
        body = {"id": f"x-{number}", "user": vera.username, "reason": f"Rule {number} fired"}
        await alerted(world, json.dumps(body), message_id=f"m-{number}")
    await idle(world)
    case = await the_case(world, seen)
    assert case.more_reporters == (world.slack.person("eve").id,)
    await denies(world, seen, why="It was a drill")
    told = await eve.sees_soon("It was a drill", PATIENCE, channel="dm")
    assert "@Ivan Petrov" in told.plain


async def test_who_has_left_the_channel_is_answered_by_dm(world: World) -> None:
    seen = await reported(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    who = world.slack.person("ivan").id
    world.slack.groups[seed.APPROVERS].members.remove(who)
    world.slack.channel(seed.IT_CHANNEL).members.remove(who)
    world.clock.forward(minutes=3)  # what was known of the group is old by then
    assert not (await ivan.submits({})).errors
    await ivan.sees_soon(NOT_APPROVER, PATIENCE, channel="dm")
