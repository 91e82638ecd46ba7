"""Many reports at once: a summary leads, each gets its card all the same, and one call is for all.

Cards keep the pace that Slack takes, which is sped up here together with the sandbox's limit.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from handlers import breach_card
from sandbox.salesforce.users import User
from sandbox.slack import seed
from sandbox.slack.calls import Call
from sandbox.slack.rate_limits import Limit
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.store import keys
from services.store.changes import JobName
from tests.scenario.breach_attempts import hurried, idle
from tests.scenario.breach_steps import a_breach_world, alerted, cards, denies, the_case
from tests.scenario.steps import PATIENCE, has
from tests.scenario.world import World

GROUP = f"<!subteam^{seed.APPROVERS}>"
BURST = 10
"""Messages that the sandbox's Slack takes at once in a channel, whatever the pace."""


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    monkeypatch.setattr("handlers.breach_summary.GAP", timedelta(seconds=1))
    async with a_breach_world(redis_url) as built:
        faster = 60 / breach_card.GAP.total_seconds()
        built.slack.rate_limits["chat.postMessage"] = Limit(faster, BURST, per_channel=True)
        yield built


def staff(world: World, count: int) -> list[User]:
    """Let people join who are in Salesforce alone."""
    names = [f"p{number}" for number in range(count)]
    return [
        world.org.add_user(f"{one}@acme.example.prod", f"{one}@acme.example", one) for one in names
    ]


async def alert(world: World, *users: User) -> None:
    """Let a system report them, all at the same time."""

    async def one(user: User) -> None:
        body = {"id": user.id, "user": user.username, "reason": "Odd login", "source": "siem"}
        status, _ = await alerted(world, json.dumps(body), message_id=f"msg_{user.id}")
        assert status == 202

    await asyncio.gather(*map(one, users))


async def flooded(world: World, *users: User) -> Shown:
    """Let many be reported; return the summary once each has its card."""
    await carded(world, *users)
    return await summary(world, f"{len(cards(world))} reports wait")


async def carded(world: World, *users: User) -> None:
    """Let a system report them; wait until each has its card."""
    waiting = len(cards(world)) + len(users)
    await alert(world, *users)
    await world.slack.until(lambda: len(cards(world)) == waiting, 3 * PATIENCE)
    await idle(world)


async def reach(world: World, messages: int) -> None:
    """Wait until so many stand in the channel, and nothing is under way."""
    await world.slack.until(lambda: len(posted(world)) >= messages, 3 * PATIENCE)
    await idle(world)


async def summary(world: World, words: str, *, within: float = PATIENCE) -> Shown:
    return await world.person("ivan").sees_soon(
        lambda shown: has("breach.review")(shown) and words in shown.plain, within
    )


def posted(world: World) -> list[Call]:
    """All that was posted in IT's channel."""
    calls = world.slack.calls.to("chat.postMessage")
    return [one for one in calls if one.channel == seed.IT_CHANNEL]


def on_cards(world: World, users: Sequence[User]) -> list[str]:
    """The usernames on cards that wait for a decision, one for each card."""
    return [
        user.username
        for shown in cards(world)
        for user in users
        if f"`{user.username}`" in shown.plain
    ]


async def case_of(world: World, user: User) -> Case:
    (seen,) = [one for one in cards(world) if f"`{user.username}`" in one.plain]
    return await the_case(world, seen)


async def test_forty_alerts_in_a_moment_are_forty_cards_at_their_pace(world: World) -> None:
    people = staff(world, 40)
    await flooded(world, *people)
    assert sorted(on_cards(world, people)) == sorted(one.username for one in people)
    assert len(cards(world)) == 40
    calls = posted(world)
    assert {one.outcome for one in calls} == {"ok"}, "no 429 in the channel"
    assert len(calls) == 41, "a card each, and one summary"
    paced = [one.at for one in calls if "reports wait" not in one.args["text"]]
    assert paced[-1] - paced[0] > 0.5 * 39 * breach_card.GAP.total_seconds()


async def test_the_pace_is_one_a_second(redis_url: str) -> None:
    async with a_breach_world(redis_url) as world:
        people = staff(world, 3)
        await alert(world, *people)
        await reach(world, 3)
        first, second, third = (one.at for one in posted(world))
        assert first < second < third
        assert third - first > 1.5 * breach_card.GAP.total_seconds()
        assert sorted(on_cards(world, people)) == sorted(one.username for one in people)


async def test_over_ten_open_ones_a_summary_leads_is_kept_up_to_date_and_ends(
    world: World,
) -> None:
    people = staff(world, 13)
    await alert(world, *people[:10])
    await reach(world, 10)
    assert not [one for one in world.person("ivan").sees() if has("breach.review")(one)]
    await alert(world, people[10])
    seen = await summary(world, "11 reports wait for a decision", within=2)
    assert f"`{people[10].username}`" in seen.plain, "the newest is named"
    await alert(world, people[11])
    more = await summary(world, "12 reports wait for a decision")
    assert more.ts == seen.ts
    await reach(world, 13)
    for one in cards(world)[:2]:
        await denies(world, one)
    over = await world.person("ivan").sees_soon("This summary is over", PATIENCE)
    assert over.ts == seen.ts
    assert over.buttons == []
    assert "10 reports wait, each on a card of its own" in over.plain
    await alert(world, people[12])
    again = await summary(world, "11 reports wait for a decision")
    assert again.ts != seen.ts, "a new one, where people read"


async def test_reminders_and_escalations_of_many_are_one_each(world: World) -> None:
    people = staff(world, 12)
    await flooded(world, *people)
    ids = [(await case_of(world, one)).id for one in people]
    before = len(posted(world))
    for minutes, words in (
        (11, f"{GROUP} 12 reports wait for a decision"),
        (20, f"{GROUP} 12 reports wait for a decision"),
        (30, "<!channel> 12 reports wait for a decision"),
    ):
        world.clock.forward(minutes=minutes)
        for _ in range(2):
            for one in ids:
                await world.run_job(JobName.REMIND_OF_CASE, one)
            await idle(world)
        (said,) = posted(world)[before:]
        before += 1
        assert said.args["text"].startswith(words)
        assert said.args.get("thread_ts") is None
        async with Valkey.from_url(world.redis_url) as raw:  # ten real seconds later
            await raw.delete(keys.turn("remind"))
