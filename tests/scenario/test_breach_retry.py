"""*Try again* below a step that failed, or of which nobody knows how it ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.seed import BOT_ACCESS, CONTAINMENT
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    SUSPECTED,
    idle,
    joins_channel,
    nothing_happens,
    refusals,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    contained,
    reported,
    states,
    step_of,
    the_case,
)
from tests.scenario.containment_steps import ALL_ENDED, at_salesforce, contains, line, thread
from tests.scenario.steps import answered, audit, eventually, has, on_screen
from tests.scenario.world import World

DONE, FAILED = StepState.DONE, StepState.FAILED


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built
        assert built.org.violations == []


async def unsettled(
    world: World, endpoint: str, fault: faults.Fault, *, after: int = 0, whom: str = "ada"
) -> tuple[Shown, Case, Shown]:
    """Contain an account with one request that fails; the card, the case and its thread."""
    seen = await reported(world, whom=whom)
    for _ in range(after):
        world.org.faults.add(endpoint, faults.late(0))
    world.org.faults.add(endpoint, fault)
    case = await contains(world, seen)
    shown = await thread(world, seen, f"{ALL_ENDED}, 1 ")
    return seen, case, shown


async def settled(world: World, seen: Shown) -> Case:
    """Wait until every step has been done."""
    case_id = (await the_case(world, seen)).id

    async def done() -> bool:
        case = await world.web.stores.cases.get(case_id)
        return (
            case is not None
            and case.state is CaseState.CONTAINED
            and set(states(case).values()) == {DONE}
        )

    await eventually(done)
    return await contained(world, seen)


async def test_nobody_but_an_approver_tries_a_step_again(world: World) -> None:
    joins_channel(world, "eve")
    refused = faults.request_limit()
    seen, case, shown = await unsettled(world, "userlogin", refused, whom="iris")
    async with nothing_happens(world, seen):
        for name, words in (("eve", NOT_APPROVER), ("iris", SUSPECTED)):
            person = world.person(name)
            before = on_screen(person)
            await person.presses("breach.retry", shown)
            await answered(person, words, before)
    assert await refusals(world, "iris") == [("refused:breach_retry", "suspected")]
    assert world.org.count(0, "userlogin") == 1
    assert step_of(case, StepKind.FREEZE).state is FAILED


@pytest.mark.parametrize(
    ("endpoint", "fault", "after"),
    [
        ("userlogin", faults.drop(), 0),
        ("authsession", faults.drop(), 4),  # the first ones end with their app's grant
        ("revoke", faults.drop(), 1),
        ("password", faults.drop(), 0),
        ("password", faults.locked_row(), 0),
    ],
)
async def test_a_step_that_is_tried_again_is_done_once(
    world: World, endpoint: str, fault: faults.Fault, after: int
) -> None:
    seen, _, shown = await unsettled(world, endpoint, fault, after=after)
    asked = world.org.count(0, endpoint)
    ivan, iris = world.person("ivan"), world.person("iris")
    before = on_screen(ivan) | on_screen(iris)
    press = await asyncio.gather(
        ivan.presses("breach.retry", shown), iris.presses("breach.retry", shown)
    )
    assert press[0].confirm is not None
    assert "again" in press[0].confirm.title
    case = await settled(world, seen)
    assert world.org.count(0, endpoint) - asked == 1
    assert at_salesforce(world) == (True, 0, 0, 1)
    over = await thread(world, seen, f"{ALL_ENDED}\n")
    assert over.ts == shown.ts
    assert not has("breach.retry")(over)
    await idle(world)
    told = [
        one
        for person in (ivan, iris)
        for one in person.sees()
        if one.ts not in before and "isn't waiting for that any more" in one.plain
    ]
    assert len(told) == 1, "one had no effect, and whoever pressed it is told"
    assert [row.what for row in await audit(world)].count("breach_retry") == 1
    assert case.truth is not None
    assert case.truth.is_frozen


async def test_a_press_from_an_old_screen_repeats_nothing(world: World) -> None:
    seen, _, shown = await unsettled(world, "password", faults.request_limit())
    ivan = world.person("ivan")
    old = ivan.press_payload("breach.retry", shown)
    await ivan.presses("breach.retry", shown)
    await settled(world, seen)
    await thread(world, seen, f"{ALL_ENDED}\n")
    before = on_screen(ivan)
    async with nothing_happens(world, seen):
        await ivan.presses_raw(old)
        await answered(ivan, "isn't waiting for that any more", before)
    assert len(world.org.resets) == 1


async def test_a_step_that_fails_again_can_be_tried_once_more(world: World) -> None:
    seen, case, shown = await unsettled(world, "userlogin", faults.request_limit())
    world.org.faults.add("userlogin", faults.locked_row())
    await world.person("ivan").presses("breach.retry", shown)
    shown = await thread(world, seen, ALL_ENDED, "Salesforce was too busy")
    again = await contained(world, seen)
    assert step_of(again, StepKind.FREEZE).tries == 2
    assert step_of(again, StepKind.FREEZE).id == step_of(case, StepKind.FREEZE).id
    await world.person("ivan").presses("breach.retry", shown)
    await settled(world, seen)
    assert world.org.count(0, "userlogin") == 3


@pytest.mark.parametrize(
    ("without", "lacking"),
    [
        (CONTAINMENT, {StepKind.GRANTS: "Customize Application"}),
        (
            CONTAINMENT | {"ManageUsers"},
            {
                StepKind.FREEZE: "Manage Users",
                StepKind.SESSIONS: "Manage Users",
                StepKind.GRANTS: "Customize Application",
                StepKind.PASSWORD: "Reset User Passwords and Unlock Users",
            },
        ),
    ],
    ids=["containment", "all"],
)
async def test_a_missing_permission_is_named_and_works_once_it_is_granted(
    world: World, without: frozenset[str], lacking: dict[StepKind, str]
) -> None:
    bots = world.org.permission_sets[BOT_ACCESS]
    seen = await reported(world)
    bots.permissions -= without
    case = await contains(world, seen)
    for kind, state in states(case).items():
        assert state is (FAILED if kind in lacking else DONE)
    shown = await thread(world, seen, f"{ALL_ENDED}, {len(lacking)} not done")
    for kind, permission in lacking.items():
        assert f"my Salesforce user lacks a permission: *{permission}*" in line(shown, kind)
        assert "Grant it, then try again." in line(shown, kind)
    assert "kept in part" in line(shown, StepKind.EVIDENCE)
    assert "OAuth grants couldn't be read" in shown.plain
    assert "I lack the permission *" in shown.plain
    bots.permissions |= without
    for number in range(len(lacking), 0, -1):
        shown = await thread(world, seen, f"{ALL_ENDED}, {number} not done")
        await world.person("ivan").presses("breach.retry", shown)
    await settled(world, seen)
    assert at_salesforce(world) == (True, 0, 0, 1)
