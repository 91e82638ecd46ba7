"""A worker is killed (-9) around each request of a containment; another one goes on.

Whatever the moment: no effect is asked for twice, every step ends, and each thing is told once.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from valkey.asyncio import Valkey

from handlers import containment
from sandbox.salesforce import faults
from sandbox.slack import seed
from sandbox.slack.faults import Fault, Lost
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.store import keys
from tests.faults import mortal
from tests.faults.points import PATIENCE, Point, arm, arrived
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    a_breach_world,
    case_in,
    form,
    reported,
    states,
    step_of,
    the_case,
)
from tests.scenario.containment_steps import ENDED, at_salesforce, thread
from tests.scenario.steps import audit, eventually, has
from tests.scenario.world import World

if TYPE_CHECKING:
    from sandbox.slack.calls import Call

NEXT = "Next steps for IT"
UNKNOWN = StepState.UNKNOWN

READS = [
    ("composite", 1, None),  # the evidence
    ("query", 1, StepKind.FREEZE),  # whether they were made an admin
    ("composite", 2, StepKind.FREEZE),
    ("composite", 3, None),  # whether they are frozen
    ("composite", 4, None),  # between two steps, as each read before an effect
    ("composite", 5, None),
    ("composite", 6, None),
    ("composite", 7, None),
    ("query", 2, StepKind.PASSWORD),
    ("composite", 8, None),  # what is true at the end
]
"""A read, and the step of which nobody knows after it whether it was done."""

EFFECTS = [
    ("salesforce", "userlogin", 1),
    ("salesforce", "authsession", 1),
    ("salesforce", "authsession", 3),
    ("salesforce", "authsession", 5),
    ("salesforce", "revoke", 1),
    ("salesforce", "revoke", 2),
    ("salesforce", "password", 1),
]
ONCE = {"userlogin": StepKind.FREEZE, "password": StepKind.PASSWORD}
"""What is never sent again by itself."""

TOLD = {
    "first-progress": ("chat.postMessage", ENDED),
    "later-progress": ("chat.update", ENDED),
    "person": ("chat.postMessage", "may be in other hands. Phone IT"),
    "next-steps": ("chat.postMessage", NEXT),
    "card": ("chat.update", "Approved by"),
}
"""What is told on the way: by which method, and its words."""


@contextlib.contextmanager
def a_worker(world: World) -> Iterator[None]:
    """Run a worker in a process of its own, killed at the end whatever it does."""
    child = mortal.start_worker(world.environ)
    try:
        yield
    finally:
        mortal.bury(child)


def points(requests: list[tuple[str, str, int]]) -> list[Point]:
    return [Point(*request, after=after) for request in requests for after in (False, True)]


async def asked_for(world: World) -> Shown:
    """Report, and open the form of an approval."""
    seen = await reported(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    return seen


async def stopped_at(world: World, point: Point) -> Shown:
    """Approve, and wait until the worker is in the middle of that request, and of no other."""
    seen = await asked_for(world)
    reached = arm(world, point)
    await world.person("ivan").submits({})
    await arrived(world, reached)
    owner = keys.case_posts((await the_case(world, seen)).id)

    async def is_shown() -> bool:
        return await world.web.stores.posts.place(owner, containment.STEPS) is not None

    await eventually(is_shown)
    return seen


async def stopped_telling(world: World, what: str, *, after: bool) -> Shown:
    """Approve, and wait until the worker tells something, between two steps or after the last."""
    method, words = TOLD[what]
    seen = await asked_for(world)
    is_early = what not in {"person", "next-steps"}
    goes_on = asyncio.Event()
    if what == "later-progress":  # which there is only if the first comes before the freeze ends
        world.org.faults.add("userlogin", faults.held_until(goes_on))
    reached = arm(world, Point("salesforce", "composite", 3)) if is_early else lambda: True
    struck: list[object] = []

    def strikes(call: "Call") -> bool:
        hit = call.method == method and words in str(call.args.get("text")) and not struck
        struck.extend([call] if hit else [])
        return hit

    lost: Lost = "after" if after else "before"
    world.slack.faults.add("*", Fault(hang=PATIENCE, lost=lost, when=strikes))
    await world.person("ivan").submits({})
    try:
        if what == "later-progress":
            await thread(world, seen, ENDED)
    finally:
        goes_on.set()  # else the org would wait for it at its end
    await arrived(world, lambda: bool(struck) and reached())
    return seen


async def over(world: World, seen: Shown) -> Case:
    """Wait until another worker has brought it to its end, and all has been told."""
    case = await case_in(world, (await the_case(world, seen)).id, CaseState.CONTAINED)
    await thread(world, seen, f"6 of 6 {ENDED}", "What is true now")
    await thread(world, seen, NEXT, "[ Close ]")
    await idle(world)
    return case


async def nothing_is_left(world: World, case: Case) -> None:
    async with Valkey.from_url(world.redis_url) as raw:
        assert not await raw.exists(keys.case_run(case.id))
        for held in ("steps", "card", "tell"):
            assert not await raw.exists(keys.turn(f"show:{held}:{case.id}"))
    assert world.org.violations == []
    rows = [row.detail for row in await audit(world) if row.what == "breach_end_step"]
    ended = Counter((one or "").partition(":")[0] for one in rows)
    assert set(ended.values()) == {1}, "each step ends once"


def messages(world: World) -> Counter[str]:
    """How often each thing was told."""
    shown = [*world.person("ivan").sees(seed.IT_CHANNEL), *world.person("ada").sees("dm")]
    return Counter(
        name
        for one in shown
        for name, words in (
            ("progress", ENDED),
            ("next", NEXT),
            ("person", "may be in other hands. Phone IT"),
        )
        if words in one.text
    )


async def tried_again(world: World, seen: Shown, kind: StepKind) -> None:
    """Do what a person does about a step of which nobody knows whether it was done."""
    shown = await thread(world, seen, "1 unknown")
    assert has("breach.retry")(shown)
    await world.person("ivan").presses("breach.retry", shown)
    await thread(world, seen, f"6 of 6 {ENDED}\n")
    case = await over(world, seen)
    assert step_of(case, kind).state is StepState.DONE


ALL_ONCE = Counter(progress=1, next=1, person=1)


@pytest.mark.parametrize(
    ("point", "unknown"),
    [
        pytest.param(Point("salesforce", one, nth), kind, id=f"{one}-{nth}")
        for one, nth, kind in READS
    ],
)
async def test_killed_at_a_read(redis_url: str, point: Point, unknown: StepKind | None) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        with a_worker(world):
            seen = await stopped_at(world, point)
        with a_worker(world):
            case = await over(world, seen)
            assert [kind for kind, state in states(case).items() if state is UNKNOWN] == (
                [unknown] if unknown else []
            )
            await nothing_is_left(world, case)
            assert messages(world) == ALL_ONCE
            asked = Counter(
                call.path for call in world.org.calls if call.method in {"PATCH", "DELETE"}
            )
            assert set(asked.values()) == {1}
            if unknown:
                await tried_again(world, seen, unknown)
        assert world.org.count(0, "userlogin") == world.org.count(0, "password") == 1
        assert world.org.count(0, "revoke") == 2
        assert at_salesforce(world) == (True, 0, 0, 1)
        assert messages(world) == ALL_ONCE


@pytest.mark.parametrize("point", points(EFFECTS), ids=str)
async def test_killed_at_an_effect(redis_url: str, point: Point) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        with a_worker(world):
            seen = await stopped_at(world, point)
        with a_worker(world):
            case = await over(world, seen)
            unknown = None if point.after else ONCE.get(point.name)
            assert [kind for kind, state in states(case).items() if state is UNKNOWN] == (
                [unknown] if unknown else []
            )
            await nothing_is_left(world, case)
            assert messages(world) == ALL_ONCE
            assert world.org.count(0, "userlogin") == world.org.count(0, "password") == 1
            # A session or grant that is listed still wasn't ended: the one that was lost is asked
            # for once more, and no other.
            lost = 0 if point.after or point.name in ONCE else 1
            asked = Counter(call.path for call in world.org.calls if call.method == "DELETE")
            assert sum(asked.values()) - len(asked) == (lost if point.name == "authsession" else 0)
            assert world.org.count(0, "revoke") == 2 + (lost if point.name == "revoke" else 0)
            if unknown:
                await tried_again(world, seen, unknown)
        assert at_salesforce(world) == (True, 0, 0, 1)
        assert messages(world) == ALL_ONCE


@pytest.mark.parametrize("what", TOLD)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_while_it_is_told(redis_url: str, what: str, after: bool) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        with a_worker(world):
            seen = await stopped_telling(world, what, after=after)
        with a_worker(world):
            case = await over(world, seen)
            assert set(states(case).values()) == {StepState.DONE}
            await nothing_is_left(world, case)
        asked = Counter(call.path for call in world.org.calls if call.method in {"PATCH", "DELETE"})
        assert set(asked.values()) == {1}
        assert at_salesforce(world) == (True, 0, 0, 1)
        # A channel isn't read: what was on its way there at the end may come twice.
        twice = Counter() if what == "person" else Counter(progress=1, next=1)
        assert messages(world) - twice <= ALL_ONCE <= messages(world)
