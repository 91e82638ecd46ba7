"""Who may decide about a breach report: everybody else is told why not, and nothing changes."""

from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from services.cases.states import CaseState
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    OWN,
    SUSPECTED,
    UNKNOWN,
    Attempt,
    can_do_nothing,
    idle,
    joins_channel,
    nothing_happens,
    refusals,
    refused,
    told_in_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    card,
    case_in,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, answered, newcomer, on_screen
from tests.scenario.world import World


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


@pytest.mark.parametrize("reporter", ["dana", "eve"])
async def test_whoever_is_in_the_channel_and_no_approver_decides_nothing(
    world: World, reporter: str
) -> None:
    joins_channel(world, "eve")
    seen = await reported(world, by=reporter)
    await can_do_nothing(world, seen, "eve", NOT_APPROVER, "not_approver")


async def test_an_approver_decides_nothing_about_their_own_report(redis_url: str) -> None:
    async with a_breach_world(redis_url, BREACH_EMERGENCY="false") as world:
        seen = await reported(world, by="ivan")
        assert "Nobody who reported it (@Ivan Petrov)" in seen.plain
        await can_do_nothing(world, seen, "ivan", OWN, "own_report")
        await approves(world, seen, "iris")
        await contained(world, seen)


async def test_whoever_reports_the_same_account_later_decides_nothing_either(
    world: World,
) -> None:
    seen = await reported(world, by="eve")
    assert (await world.person("ivan").types("/reset-token breach @ada Me too")).error is None
    both = await card(world, lambda shown: "Me too" in shown.plain)
    assert both.ts == seen.ts, "a voice on the card that is there"
    async with nothing_happens(world, seen):
        await refused(world, seen, "ivan", Attempt("deny", is_form=False), OWN)
        await refused(world, seen, "ivan", Attempt("approve", is_form=True), OWN)
    assert [why for _, why in await refusals(world, "ivan")] == ["own_report"] * 2


async def test_a_suspected_approver_decides_nothing(world: World) -> None:
    seen = await reported(world, whom="ivan")
    assert "never the suspected person" in seen.plain
    await can_do_nothing(world, seen, "ivan", SUSPECTED, "suspected")


async def test_an_approver_who_reports_themselves_can_only_wait_for_another(
    world: World,
) -> None:
    seen = await reported(world, by="ivan", whom="ivan")
    assert "Emergency override" not in seen.plain
    await can_do_nothing(world, seen, "ivan", SUSPECTED, "suspected")
    await approves(world, seen, "iris")
    await contained(world, seen)
    assert world.org.person("ivan").is_frozen


async def test_a_second_slack_account_of_the_suspected_person_decides_nothing(
    world: World,
) -> None:
    twin = newcomer(world, "evelyn", world.org.person("eve").username.upper())
    world.slack.groups[seed.APPROVERS].members.append(twin.id)
    joins_channel(world, "evelyn")
    seen = await reported(world, by="ada", whom="eve")
    await can_do_nothing(world, seen, "evelyn", SUSPECTED, "suspected")


def _leaves_group(world: World) -> None:
    world.slack.groups[seed.APPROVERS].members.remove(world.slack.person("ivan").id)


def _empties_group(world: World) -> None:
    world.slack.groups[seed.APPROVERS].members.clear()


def _becomes(**what: bool) -> Callable[[World], None]:
    def change(world: World) -> None:
        for name, value in what.items():
            setattr(world.slack.person("ivan"), name, value)

    return change


NO_LONGER: dict[str, Callable[[World], None]] = {
    "left the group": _leaves_group,
    "the group is empty": _empties_group,
    "deactivated": _becomes(deleted=True),
    "a guest": _becomes(is_restricted=True),
    "a single-channel guest": _becomes(is_restricted=True, is_ultra_restricted=True),
    "from another company": _becomes(is_stranger=True),
}


@pytest.mark.parametrize("what", NO_LONGER)
async def test_whoever_is_no_approver_any_more_decides_nothing(world: World, what: str) -> None:
    seen = await reported(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    NO_LONGER[what](world)
    world.clock.forward(minutes=2)
    before = on_screen(ivan)
    async with nothing_happens(world, seen):
        assert not (await ivan.submits({})).errors
        await answered(ivan, NOT_APPROVER, before)
    assert await refusals(world, "ivan") == [("refused:breach_approve", "not_approver")]
    await can_do_nothing(world, seen, "ivan", NOT_APPROVER, "not_approver")


async def test_without_approvers_nobody_decides_and_the_card_says_so(redis_url: str) -> None:
    async with a_breach_world(redis_url, IT_APPROVERS="") as world:
        seen = await reported(world)
        assert "`IT_APPROVERS` is empty), so nobody can decide this here" in seen.plain
        await can_do_nothing(world, seen, "ivan", NOT_APPROVER, "not_approver")


def _free_plan(world: World) -> Callable[[], None]:
    world.slack.paid_plan = False
    return lambda: setattr(world.slack, "paid_plan", True)


def _silent_at(method: str) -> Callable[[World], Callable[[], None]]:
    def silent(world: World) -> Callable[[], None]:
        fault = world.slack.faults.add(method, Fault(error="internal_error"))
        return lambda: world.slack.faults.remove(fault)

    return silent


SILENT: dict[str, Callable[[World], Callable[[], None]]] = {
    "a free plan": _free_plan,
    "about the group": _silent_at("usergroups.users.list"),
    "about the person": _silent_at("users.info"),
}


@pytest.mark.parametrize("how", SILENT)
async def test_where_slack_doesnt_say_who_approves_nobody_decides_until_it_does(
    world: World, how: str
) -> None:
    seen = await reported(world)
    await idle(world)
    speaks = SILENT[how](world)
    await can_do_nothing(world, seen, "ivan", UNKNOWN, "approvers_unknown")
    await world.person("ivan").presses("breach.approve", seen)
    await told_in_form(world.person("ivan"), "Try again in a minute")
    speaks()
    await denies(world, seen)
    await case_in(world, (await the_case(world, seen)).id, CaseState.DENIED)


async def test_a_denial_needs_a_reason_which_the_reporter_gets_word_for_word(
    world: World,
) -> None:
    seen = await reported(world)
    ivan, eve = world.person("ivan"), world.person("eve")
    await ivan.presses("breach.deny", seen)
    await form(ivan, "breach.deny")
    sent = await ivan.submits({"reason": "  \n "})
    assert sent.errors == {"reason": "Say why, in a line."}
    async with nothing_happens(world, seen):
        pass
    why = "Drill of Tuesday: she was told <!channel> *beforehand*, & agreed"
    assert not (await ivan.submits({"reason": why})).errors
    told = await eve.sees_soon("IT decided against", PATIENCE, channel="dm")
    assert "Drill of Tuesday: she was told <!channel>" in told.plain
    assert "& agreed" in told.plain
    assert "<!channel>" not in str(told.blocks), "escaped: it calls nobody"
    assert "@Ivan Petrov" in told.plain
    assert "I changed nothing in Salesforce" in told.plain
    assert world.org.resets == []
