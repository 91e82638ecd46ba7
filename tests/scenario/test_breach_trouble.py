"""Slack or Salesforce fails while a report arrives: IT hears of it, and nothing is lost."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from handlers.it_channel import REFUSED_AGAIN
from sandbox.salesforce import faults
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from services.cases.model import SlackFact
from services.cases.preparation import LATER, SOON
from services.cases.reporting import EVERY
from services.cases.states import CaseState
from services.store.changes import JobName
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    alerted,
    approves,
    card,
    cards,
    case_in,
    contained,
    form,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, eventually, impatient
from tests.scenario.test_breach_alerts import an_alert
from tests.scenario.test_redis_down import Server, server  # noqa: F401 - a fixture
from tests.scenario.world import World

UNREACHED = "I couldn't reach IT in Slack: phone them now"
HAS_IT = "has your report about"
UNREAD = "I couldn't look this account up in Salesforce"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    impatient(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def put_off(world: World, job: JobName, after: timedelta) -> None:
    """Wait until what is first in the job's queue is due after about that time."""
    stores = world.web.stores
    queue = {JobName.POST_CARDS: stores.cards, JobName.PREPARE_CASES: stores.preparing}[job]

    async def is_put_off() -> bool:
        wait = await queue.wait(world.clock())
        return wait is not None and after - timedelta(seconds=5) < wait <= after

    await eventually(is_put_off)


async def comes_again(world: World, job: JobName, after: timedelta) -> None:
    """Wait until it was put off; let that time pass, and the queue's own job come."""
    await put_off(world, job, after)
    world.clock.forward(seconds=after.total_seconds() + 1)
    await world.run_job(job, EVERY)


async def ready(world: World) -> dict[str, str]:
    await world.worker_seen()
    answer = await world.client.get("/readyz")
    assert answer.status_code == 200, "this process is as ready as it can be"
    told: dict[str, str] = answer.json()
    return told


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_a_channel_that_takes_no_card_is_told_and_tried_until_it_does(
    world: World, code: str
) -> None:
    eve = world.person("eve")
    channel = world.slack.channels[seed.IT_CHANNEL]
    match code:
        case "channel_not_found":
            del world.slack.channels[seed.IT_CHANNEL]
        case "not_in_channel":
            channel.is_private = False
            channel.members.remove(world.slack.bot.id)
        case _:
            channel.is_archived = True
    await eve.types(f"/reset-token breach @ada {REASON}")
    told = await eve.sees_soon(UNREACHED, PATIENCE, channel="dm")
    case_id = (await world.web.stores.cases.newest_open(1))[0].id
    assert case_id in told.plain
    assert "I keep trying" in told.plain
    assert (await ready(world))["it_channel"] == code

    await comes_again(world, JobName.POST_CARDS, REFUSED_AGAIN)
    await world.slack.until(
        lambda: sum(call.outcome == code for call in world.slack.calls) == 2, PATIENCE
    )
    assert len([one for one in eve.sees("dm") if UNREACHED in one.plain]) == 1

    world.slack.channels[seed.IT_CHANNEL] = channel
    channel.is_archived = False
    if world.slack.bot.id not in channel.members:
        channel.members.append(world.slack.bot.id)
    await comes_again(world, JobName.POST_CARDS, REFUSED_AGAIN)
    seen = await card(world)
    assert (await the_case(world, seen)).id == case_id
    await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")
    assert "it_channel" not in await ready(world)
    assert [one.ts for one in cards(world)] == [seen.ts]


async def test_a_card_that_slack_is_too_busy_for_comes_later(world: World) -> None:
    eve = world.person("eve")
    busy = world.slack.faults.add("chat.postMessage", Fault(status=429, retry_after=60, times=1))
    await eve.types(f"/reset-token breach @ada {REASON}")
    await world.slack.until(lambda: busy.times == 0, PATIENCE)
    assert eve.sees("dm") == []
    await comes_again(world, JobName.POST_CARDS, timedelta(seconds=60))
    await card(world)
    await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")
    assert len(cards(world)) == 1


async def test_it_hears_at_once_though_salesforce_is_down_and_the_card_fills_later(
    world: World,
) -> None:
    eve, ivan = world.person("eve"), world.person("ivan")
    world.org.faults.add("*", faults.status(503), times=None)
    seen = await reported(world)
    assert UNREAD in seen.plain
    assert "I try again until Salesforce answers" in seen.plain
    assert REASON in seen.plain
    assert "@Ada Lovelace" in seen.plain
    assert {button.text for button in seen.buttons} == {"Close…"}
    await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")
    await ivan.presses("breach.deny", seen)
    await form(ivan, "breach.deny")
    await ivan.closes()

    await comes_again(world, JobName.PREPARE_CASES, SOON)
    await put_off(world, JobName.PREPARE_CASES, LATER)
    world.org.faults.clear()
    await comes_again(world, JobName.PREPARE_CASES, LATER)
    filled = await card(world, lambda shown: "What a reset of password" in shown.plain)
    assert filled.ts == seen.ts
    assert UNREAD not in filled.plain
    assert {button.text for button in filled.buttons} == {"Approve…", "Deny…"}
    await approves(world, filled)
    await contained(world, filled)
    assert world.org.person("ada").is_frozen


async def test_one_that_can_be_read_again_joins_what_was_reported_meanwhile(world: World) -> None:
    dana = world.person("dana")
    world.org.faults.add("*", faults.status(503), times=None)
    first = await reported(world)
    blind = await the_case(world, first)
    world.org.faults.clear()
    await dana.types("/reset-token breach @ada Her mailbox forwards to somewhere")
    second = await card(world, lambda shown: "Her mailbox forwards" in shown.plain)
    assert second.ts != first.ts
    await comes_again(world, JobName.PREPARE_CASES, SOON)
    joined = await card(world, lambda shown: REASON in shown.plain and shown.ts == second.ts)
    assert "2 reports" in joined.plain
    case = await case_in(world, blind.id, CaseState.MERGED)
    assert case.merged_into == (await the_case(world, joined)).id
    over = await world.person("ivan").sees_soon(
        lambda shown: shown.ts == first.ts and "Joined another report" in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert over.buttons == []
    await world.person("eve").sees_soon("has been reported already", PATIENCE, channel="dm")
    assert await world.web.stores.cases.count_open() == 1


async def test_two_that_were_blind_become_one(world: World) -> None:
    world.org.faults.add("*", faults.status(503), times=None)
    first = await reported(world)
    await alerted(world, an_alert())
    await world.slack.until(lambda: len(cards(world)) == 2, PATIENCE)
    world.org.faults.clear()
    await comes_again(world, JobName.PREPARE_CASES, SOON)
    await card(world, lambda shown: "2 reports" in shown.plain)
    await world.slack.until(lambda: len(cards(world)) == 1, PATIENCE)
    assert await world.web.stores.cases.count_open() == 1
    assert first.ts in {one.ts for one in world.person("ivan").sees(seed.IT_CHANNEL)}


async def test_one_org_that_is_down_gets_a_card_of_its_own_until_it_answers(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    async with a_breach_world(redis_url, several_orgs=True) as world:
        world.org.faults.add("*", faults.status(503), times=None)
        await world.person("eve").types(f"/reset-token breach @ada {REASON}")
        await card(world, lambda shown: "`ada@acme.example.partner`" in shown.plain)
        blind = await card(world, lambda shown: UNREAD in shown.plain)
        assert "in *Production*" in blind.plain
        world.org.faults.clear()
        await comes_again(world, JobName.PREPARE_CASES, SOON)
        filled = await card(world, lambda shown: "`ada@acme.example`" in shown.plain)
        assert filled.ts == blind.ts
        assert len(cards(world)) == 2


@pytest.mark.parametrize("code", ["internal_error", "ratelimited"])
async def test_a_profile_that_slack_gives_late_fills_the_card_later(
    world: World, code: str
) -> None:
    world.slack.faults.add("users.info", Fault(error=code))
    seen = await reported(world)
    assert "Slack didn't let me read this person's profile" in seen.plain
    assert {button.text for button in seen.buttons} == {"Close…"}
    world.slack.faults.clear()
    await comes_again(world, JobName.PREPARE_CASES, SOON)
    filled = await card(world, lambda shown: "`ada@acme.example`" in shown.plain)
    assert filled.ts == seen.ts


async def test_a_profile_that_slack_refuses_is_told_with_another_way(world: World) -> None:
    world.slack.faults.add("users.info", Fault(error="user_not_found"))
    seen = await reported(world)
    assert "Slack didn't let me read this person's profile" in seen.plain
    assert "(`user_not_found`)" in seen.plain
    assert "report it again with the Salesforce username" in seen.plain


async def test_a_username_beside_the_person_needs_no_profile(world: World) -> None:
    """Whoever is suspected is asked for once more before anybody decides."""
    eve, ivan = world.person("eve"), world.person("ivan")
    world.slack.faults.add("users.info", Fault(error="internal_error"))
    await eve.types("/reset-token breach @ada")
    await eve.submits({"username": "ada@acme.example", "reason": REASON})
    seen = await card(world)
    assert "`ada@acme.example`" in seen.plain
    assert "I couldn't yet look up" in seen.plain
    case = await the_case(world, seen)
    assert (case.suspect, case.slack_fact) == (
        world.slack.person("ada").id,
        SlackFact.NOT_LOOKED_UP,
    )
    world.slack.faults.clear()
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    looked = await the_case(world, seen)
    assert (looked.suspect, looked.slack_fact) == (case.suspect, None)
    assert looked.target is not None
    assert looked.target.address_differs is False


async def test_without_redis_a_report_is_not_taken_and_the_reporter_phones(
    server: Server,  # noqa: F811
) -> None:
    async with a_breach_world(server.url) as world:
        eve = world.person("eve")
        await eve.types("/reset-token breach @ada")
        async with server.down():
            result = await eve.submits({"reason": REASON})
            assert result.error is None
            typed = await world.person("dana").types(f"/reset-token breach @ada {REASON}")
            assert typed.ack_ms < 3000
            for told in (result.errors["reason"], world.person("dana").sees("general")[-1].plain):
                assert "I couldn't save this, or can't tell whether I did" in told
                assert "phone IT now" in told
        assert (await eve.submits({})).errors == {}
        await card(world)
