"""What happens while nobody decides: reminders, more people, a fresh card; never a silent end."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from sandbox.slack import seed
from sandbox.slack.calls import Call
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.store import keys
from services.store.changes import JobName
from tests.scenario.breach_attempts import at_salesforce, hurried, idle, value_of
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    cards,
    case_in,
    contained,
    denies,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, audit, replaced
from tests.scenario.world import World

GROUP = f"<!subteam^{seed.APPROVERS}>"
EVERYBODY = "<!channel>"
NIGHT = "S0NIGHTSHIFT"
UNDECIDED = {"breach_report", "breach_present", "breach_renew"}


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def later(world: World, job: JobName, seen: Shown, **by: float) -> None:
    """Let time pass, and run a timer's job as if it were due."""
    world.clock.forward(**by)
    await world.run_job(job, (await the_case(world, seen)).id)
    await idle(world)


def posted(world: World) -> list[Call]:
    """All that was posted in IT's channel, in threads too."""
    calls = world.slack.calls.to("chat.postMessage")
    return [one for one in calls if one.channel == seed.IT_CHANNEL]


def heard(world: World, seen: Shown) -> list[str]:
    """What was said in the card's thread and shown in the channel too, as a notification."""
    calls = [one for one in posted(world) if one.args.get("thread_ts") == seen.ts]
    return [str(one.args["text"]) for one in calls if one.args.get("reply_broadcast")]


async def test_approvers_are_called_again_after_ten_and_thirty_minutes(world: World) -> None:
    seen = await reported(world)
    assert GROUP in seen.text
    await later(world, JobName.REMIND_OF_CASE, seen, minutes=9)
    assert heard(world, seen) == []
    await later(world, JobName.REMIND_OF_CASE, seen, minutes=2)
    await later(world, JobName.REMIND_OF_CASE, seen, minutes=1)  # once, however often it is looked
    await later(world, JobName.REMIND_OF_CASE, seen, minutes=20)
    ten, thirty = heard(world, seen)
    assert ten.startswith(f"{GROUP} No decision after 10 minutes: suspected breach")
    assert thirty.startswith(f"{GROUP} No decision after 30 minutes: suspected breach")
    said = await world.person("iris").sees_soon("after 30 minutes", channel=seed.IT_CHANNEL)
    assert "Nothing has changed in Salesforce yet. The buttons are on the card" in said.plain


@pytest.mark.parametrize(
    ("setting", "called"), [("channel", EVERYBODY), (NIGHT, f"<!subteam^{NIGHT}>")]
)
async def test_more_people_are_called_after_an_hour(
    redis_url: str, setting: str, called: str
) -> None:
    async with a_breach_world(redis_url, BREACH_ESCALATION=setting) as world:
        seen = await reported(world)
        for _ in range(2):
            await later(world, JobName.REMIND_OF_CASE, seen, minutes=61)
        (text,) = heard(world, seen)
        assert text.startswith(f"{called} Nobody of IT's approvers has decided")
        others = {EVERYBODY, GROUP, f"<!subteam^{NIGHT}>"} - {called}
        assert not [one for one in others if one in text]


async def test_after_four_hours_a_fresh_card_takes_over_and_the_reporter_is_told(
    world: World,
) -> None:
    seen = await reported(world)
    ivan, eve = world.person("ivan"), world.person("eve")
    await later(world, JobName.RENEW_CARD, seen, hours=3.9)
    assert [one.ts for one in cards(world)] == [seen.ts], "too early"
    await later(world, JobName.RENEW_CARD, seen, hours=0.2)
    (fresh,) = cards(world)
    assert fresh.ts != seen.ts
    since = r"@it-approvers\nNo decision yet, since (today|yesterday) at \d\d:\d\d\. "
    assert re.match(since, fresh.plain)
    assert fresh.text.startswith(f"{GROUP} No decision yet, since")
    assert value_of(fresh) != value_of(seen)
    old = await ivan.sees_soon(replaced(seen, "No decision was made on this card"))
    assert old.buttons == []
    told = await eve.sees_soon("hasn't decided yet about your report", PATIENCE, channel="dm")
    assert "It stays open until somebody decides" in told.plain
    case = await the_case(world, fresh)
    assert case.state is CaseState.AWAITING_APPROVAL
    await approves(world, fresh)
    await contained(world, fresh)


async def test_it_is_posted_daily_for_a_week_and_then_waits_until_somebody_decides(
    world: World,
) -> None:
    seen = first = await reported(world)
    case = await the_case(world, first)
    hours: list[int] = []
    while case.card and case.card.until:
        left = case.card.until - world.clock()
        await later(world, JobName.RENEW_CARD, seen, seconds=left.total_seconds() + 1)
        (seen,) = cards(world)
        hours.append(round((world.clock() - case.created_at) / timedelta(hours=1)))
        case = await the_case(world, seen)
    assert hours == [4, 28, 52, 76, 100, 124, 148]
    assert "Open until somebody decides: only a decision closes it" in seen.plain
    before = at_salesforce(world)
    await later(world, JobName.RENEW_CARD, seen, days=30)
    await later(world, JobName.REMIND_OF_CASE, seen, days=1)
    assert [one.ts for one in cards(world)] == [seen.ts], "it stays, and is the only one"
    assert at_salesforce(world) == before
    assert {row.what for row in await audit(world)} == UNDECIDED
    told = [shown for shown in world.person("eve").sees("dm") if "hasn't decided" in shown.plain]
    assert len(told) == 1, "kept up to date, not said daily"
    await denies(world, seen)
    await case_in(world, case.id, CaseState.DENIED)


@pytest.mark.parametrize("decide", [approves, denies])
async def test_after_a_decision_nobody_is_called_and_no_card_is_posted(
    world: World, decide: Callable[[World, Shown], Awaitable[None]]
) -> None:
    seen = await reported(world)
    await decide(world, seen)
    await idle(world)
    before, case = len(posted(world)), await the_case(world, seen)
    for hours in (0.2, 0.5, 1, 4, 24):
        await later(world, JobName.REMIND_OF_CASE, seen, hours=hours)
        await later(world, JobName.RENEW_CARD, seen)
    assert len(posted(world)) == before
    assert await the_case(world, seen) == case
    assert cards(world) == []


async def test_what_nobody_decides_outlives_all_that_redis_forgets(world: World) -> None:
    seen = await reported(world)
    for _ in range(7):
        await later(world, JobName.RENEW_CARD, seen, hours=24)
        (seen,) = cards(world)
    case = await the_case(world, seen)
    assert case.card is not None
    assert case.card.until is None
    wanted = [keys.case(case.id), keys.case_posts(case.id), keys.card(case.card.id)]
    assert await _lives(world, *wanted) == [True, True, True]
    await denies(world, seen)
    await case_in(world, case.id, CaseState.DENIED)
    await idle(world)
    assert (await _lives(world, *wanted))[:2] == [False, False]


async def _lives(world: World, *names: str) -> list[bool]:
    """Whether these keys stay for longer than a finished case is kept."""
    kept = timedelta(days=world.settings.reset_retention_days)
    async with Valkey.from_url(world.redis_url) as raw:
        left = [await raw.pttl(name) for name in names]
    return [one == -1 or timedelta(milliseconds=one) > 2 * kept for one in left]
