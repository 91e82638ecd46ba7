"""*This wasn't me*: self-service stops at once, IT gets the card, the person is told to phone."""

from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.model import Source
from services.cases.reporting import EVERY
from services.cases.states import CaseState
from services.store.changes import JobName
from services.store.errors import Hindrance
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    approves,
    card,
    cards,
    case_in,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.steps import (
    PATIENCE,
    audited,
    done,
    has,
    offered,
    on_screen,
    refused,
)
from tests.scenario.world import World

LOOKING = "IT is looking at this account"
TOLD_IT = "that this reset wasn't you"
UNREACHED = "I couldn't reach IT in Slack, so they may not know"


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


def in_thread(steps: Shown, words: str) -> Callable[[Shown], bool]:
    return lambda shown: shown.thread_ts == steps.ts and words in shown.plain


async def not_me(world: World, name: str = "ada") -> tuple[Shown, Shown]:
    """Reset, and say that it wasn't me; returns the next steps and IT's card."""
    steps = await done(world, name)
    await world.person(name).presses("reset.not_me", steps)
    return steps, await card(world)


async def hindrance(world: World) -> Hindrance | None:
    ada = world.org.person("ada")
    held = await world.web.stores.resets.hindrance("production", ada.id, world.clock())
    return held[0] if held else None


async def test_it_gets_a_card_that_says_whose_slack_account_it_came_from(world: World) -> None:
    _, seen = await not_me(world)
    for words in (
        "Suspected breach, critical: @Ada Lovelace",
        "@Ada Lovelace pressed This wasn't me",
        "started from their own Slack account",
        "phone them, don't write by Slack",
        (await world.newest("ada")).id,
        "ada@acme.example",
        "Their Slack account may be in other hands too. I write nothing to it. Phone them.",
        "a reset of the token alone is not containment",
    ):
        assert words.casefold() in seen.plain.replace("*", "").casefold()
    case = await the_case(world, seen)
    assert (case.origin.source, case.slack_suspected) == (Source.NOT_ME, True)
    assert case.suspect == world.slack.person("ada").id


async def test_self_service_stops_at_once_and_until_an_approver_denies(world: World) -> None:
    ada = world.person("ada")
    steps = await done(world)
    world.clock.forward(minutes=11)
    assert await hindrance(world) is None
    await ada.presses("reset.not_me", steps)
    assert await hindrance(world) is Hindrance.UNDER_INVESTIGATION, "before anything else is done"
    seen = await card(world)
    assert "Nothing has changed" in (await refused(world, "ada", LOOKING)).plain
    case = await the_case(world, seen)
    await denies(world, seen, why="She pressed it by mistake")
    await case_in(world, case.id, CaseState.DENIED)
    closed = await world.person("ivan").sees_soon(
        lambda shown: shown.ts == seen.ts and "Denied* by @Ivan" in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert closed.buttons == []
    await offered(world)


async def test_after_containment_it_stops_until_the_case_is_closed(world: World) -> None:
    ivan = world.person("ivan")
    _, seen = await not_me(world)
    await approves(world, seen)
    case = await contained(world, seen)
    world.clock.forward(hours=1)
    assert await hindrance(world) is Hindrance.UNDER_INVESTIGATION
    steps = await ivan.sees_soon(has("breach.close"), PATIENCE, channel=seed.IT_CHANNEL)
    assert "I wrote nothing to @Ada Lovelace" in steps.plain
    await ivan.presses("breach.close", steps)
    await case_in(world, case.id, CaseState.CLOSED)
    assert await hindrance(world) is None


async def test_the_presser_is_told_in_the_thread_once_the_card_stands(world: World) -> None:
    ada = world.person("ada")
    steps, seen = await not_me(world)
    told = await ada.sees_soon(in_thread(steps, TOLD_IT), PATIENCE, channel="dm")
    assert "phone IT" in told.plain
    assert told.ts > seen.ts
    mine = [one for one in ada.sees("dm") if one.ts != steps.ts]
    assert [one.ts for one in mine] == [told.ts], "no more than that: somebody may read along"


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_where_its_channel_refuses_they_are_told_to_phone(world: World, code: str) -> None:
    ada = world.person("ada")
    steps = await done(world)
    fault = world.slack.faults.add(
        "chat.postMessage", Fault(error=code, when=lambda call: call.channel == seed.IT_CHANNEL)
    )
    await ada.presses("reset.not_me", steps)
    told = await ada.sees_soon(in_thread(steps, UNREACHED), PATIENCE, channel="dm")
    assert "Phone them now" in told.plain
    assert (await world.newest("ada")).id in told.plain
    assert await hindrance(world) is Hindrance.UNDER_INVESTIGATION

    world.slack.faults.remove(fault)
    world.clock.forward(minutes=1)
    await world.run_job(JobName.POST_CARDS, EVERY)
    await card(world)
    await ada.sees_soon(in_thread(steps, TOLD_IT), PATIENCE, channel="dm")


async def test_where_its_channel_goes_on_refusing_nobody_is_told_that_it_knows(
    world: World,
) -> None:
    """Nor when the card's time is over, of which nobody has seen any."""
    ada = world.person("ada")
    steps = await done(world)
    world.slack.faults.add(
        "chat.postMessage",
        Fault(error="not_in_channel", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await ada.presses("reset.not_me", steps)
    await ada.sees_soon(in_thread(steps, UNREACHED), PATIENCE, channel="dm")
    (case,) = await world.web.stores.cases.newest_open(5)
    world.clock.forward(hours=4)
    await world.run_job(JobName.RENEW_CARD, case.id)
    await audited(world, "breach_renew")
    await world.run_job(JobName.POST_CARDS, EVERY)
    await idle(world)
    assert not [one for one in ada.sees("dm") if TOLD_IT in one.plain]


async def test_a_second_press_is_answered_and_makes_no_second_card(world: World) -> None:
    ada = world.person("ada")
    steps, seen = await not_me(world)
    before = on_screen(ada)
    await ada.presses("reset.not_me", steps)
    await ada.sees_soon(
        lambda shown: shown.ephemeral and shown.ts not in before, PATIENCE, channel="dm"
    )
    assert (await audited(world, "refused:reset.not_me")).why == "already_told"
    assert [one.ts for one in cards(world)] == [seen.ts]
    assert len((await the_case(world, seen)).reports) == 1


async def test_the_person_themselves_decides_nothing_though_an_approver(world: World) -> None:
    ada = world.person("ada")
    world.slack.channel(seed.IT_CHANNEL).members.append(ada.person.id)
    world.slack.groups[seed.APPROVERS].members.append(ada.person.id)
    _, seen = await not_me(world)
    case = await the_case(world, seen)
    for button in ("breach.approve", "breach.deny"):
        await ada.presses(button, seen)
        await world.slack.until(lambda: ada.modal and "may be yours" in ada.modal.plain, PATIENCE)
        assert (await audited(world, f"refused:{button.replace('.', '_')}")).why == "suspected"
    assert (await case_in(world, case.id, CaseState.AWAITING_APPROVAL)).denial is None


async def test_it_joins_the_open_card_as_another_voice(world: World) -> None:
    ada = world.person("ada")
    steps = await done(world)
    seen = await reported(world)
    await ada.presses("reset.not_me", steps)
    joined = await card(world, lambda shown: "pressed *This wasn't me*" in shown.plain)
    assert joined.ts == seen.ts
    assert REASON in joined.plain
    assert "Their Slack account may be in other hands too" in joined.plain
    await ada.sees_soon(in_thread(steps, TOLD_IT), PATIENCE, channel="dm")
    assert [one.ts for one in cards(world)] == [seen.ts]
    await denies(world, joined)
    await case_in(world, (await the_case(world, seen)).id, CaseState.DENIED)
    world.clock.forward(minutes=11)
    assert await hindrance(world) is None, "one decision is about both"


async def test_it_is_not_told_as_done_while_the_card_that_it_joins_is_refused(
    world: World,
) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    steps = await done(world)
    fault = world.slack.faults.add(
        "chat.postMessage",
        Fault(error="not_in_channel", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await eve.types(f"/reset-token breach @ada {REASON}")
    await eve.sees_soon("I couldn't reach IT in Slack", PATIENCE, channel="dm")
    await ada.presses("reset.not_me", steps)
    await audited(world, "breach_merge")
    world.clock.forward(minutes=1)
    await world.run_job(JobName.POST_CARDS, EVERY)
    await ada.sees_soon(in_thread(steps, UNREACHED), PATIENCE, channel="dm")
    assert not [one for one in ada.sees("dm") if TOLD_IT in one.plain]

    world.slack.faults.remove(fault)
    world.clock.forward(minutes=1)
    await world.run_job(JobName.POST_CARDS, EVERY)
    seen = await card(world)
    assert "pressed *This wasn't me*" in seen.plain
    await ada.sees_soon(in_thread(steps, TOLD_IT), PATIENCE, channel="dm")


async def test_two_resets_that_werent_theirs_are_one_card_and_one_decision(world: World) -> None:
    ada = world.person("ada")
    first = await done(world)
    world.clock.forward(minutes=11)
    second = await done(world)
    for steps in (second, first):
        await ada.presses("reset.not_me", steps)
        await ada.sees_soon(in_thread(steps, TOLD_IT), PATIENCE, channel="dm")
    seen = await card(world, lambda shown: "2 reports" in shown.plain)
    assert [one.ts for one in cards(world)] == [seen.ts]
    world.clock.forward(hours=1)
    await refused(world, "ada", LOOKING)
    case = await the_case(world, seen)
    await denies(world, seen)
    await case_in(world, case.id, CaseState.DENIED)
    await offered(world)


async def test_a_deny_form_that_was_open_meanwhile_is_about_all_voices(world: World) -> None:
    """What joins while IT writes a reason is decided with the rest, and isn't lost."""
    ada, ivan = world.person("ada"), world.person("ivan")
    steps = await done(world)
    seen = await reported(world)
    await ivan.presses("breach.deny", seen)
    await form(ivan, "breach.deny")
    await ada.presses("reset.not_me", steps)
    await card(world, lambda shown: "pressed *This wasn't me*" in shown.plain)
    assert not (await ivan.submits({"reason": "She phoned, all is well"})).errors
    case = await case_in(world, (await the_case(world, seen)).id, CaseState.DENIED)
    assert len(case.reports) == 2
    world.clock.forward(minutes=11)
    assert await hindrance(world) is None
