"""A breach, from the report to the close, in which a process may die at any moment."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Literal

from valkey.asyncio import Valkey

from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseMove, CaseState
from services.cases.steps import StepKind, StepState
from tests.faults.crash_checks import each_once, insists, is_a_way_of_a_case, nothing_is_left
from tests.faults.crashing import Death, Story
from tests.faults.points import PATIENCE
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, cards, is_card
from tests.scenario.containment_steps import ENDED, at_salesforce
from tests.scenario.steps import audit, eventually, has
from tests.scenario.world import World

IN_OTHER_HANDS = "may be in other hands. Phone IT"
NEXT = "Next steps for IT"
IT_HAS_IT = "IT has your report"
IT_ACTS = "IT is acting on your report"
LET_IN = "is no longer frozen"

ONCE = (CaseMove.REPORT, CaseMove.PRESENT, CaseMove.APPROVE, CaseMove.CLOSE)
"""The moves of which a case makes exactly one."""


def breach_story(dies: Literal["worker", "web"] = "worker") -> Story:
    """A report, its approval, every step, the unfreezing with its fresh reset, the close."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_breach_world(url, worker=False) as world:
            yield world

    return Story("a breach", opened, _contains, _case_intents, _case_is_right, dies)


async def _contains(world: World) -> None:
    report = "/reset-token breach @ada It looked like a login of ours"
    await insists(lambda: world.person("eve").types(report))
    ivan = world.person("ivan")
    # Once it is decided, she is told that, and no longer that IT has it.
    await world.person("eve").sees_soon(IT_HAS_IT, PATIENCE, channel="dm")
    await _approves(world, ivan)
    await ivan.sees_soon(NEXT, PATIENCE, channel=seed.IT_CHANNEL)
    await idle(world)
    _is_contained(world, await _case(world))
    if has("breach.unfreeze")(_next_steps(ivan)):
        await _lets_in(world, ivan)
    await insists(lambda: ivan.presses("breach.close", _next_steps(ivan)))

    async def is_closed() -> bool:
        return (await _case(world)).state is CaseState.CLOSED

    await eventually(is_closed)
    await idle(world)


async def _lets_in(world: World, ivan: Actor) -> None:
    await insists(lambda: ivan.presses("breach.unfreeze", _next_steps(ivan)))

    async def is_over() -> bool:
        case = await _case(world)
        return case.unfrozen is not None and case.state is CaseState.CONTAINED

    await eventually(is_over)
    await idle(world)


def _next_steps(ivan: Actor) -> Shown:
    return [one for one in ivan.sees(seed.IT_CHANNEL) if NEXT in one.plain][-1]


async def _approves(world: World, ivan: Actor) -> None:
    """Press *Approve…* on the newest card: one may have been posted twice, and the newer holds."""
    tried: set[str] = set()
    while True:

        def is_new(shown: Shown) -> bool:
            return is_card(shown) and shown.ts not in tried

        seen = await ivan.sees_soon(is_new, PATIENCE, channel=seed.IT_CHANNEL)
        tried.add(seen.ts)
        before = _not_opened(ivan)
        await insists(partial(ivan.presses, "breach.approve", seen))
        await world.slack.until(partial(_is_answered, ivan, before), PATIENCE)
        if ivan.modal is None:  # he is told to press again
            tried.discard(seen.ts)
            continue
        if ivan.modal.callback_id == "breach.approve":
            await insists(lambda: ivan.submits({}))
            return
        await ivan.closes()


def _is_answered(ivan: Actor, before: int) -> bool:
    """Whether the form is open, or says why it isn't, or he is told that Slack didn't open it."""
    if ivan.modal is None:
        return _not_opened(ivan) > before
    return ivan.modal.callback_id == "breach.approve" or "isn't" in ivan.modal.title


def _not_opened(ivan: Actor) -> int:
    seen = ivan.sees(seed.IT_CHANNEL)
    return sum("Slack didn't open the form" in shown.plain for shown in seen)


async def _case(world: World) -> Case:
    found = await known_cases(world)
    assert len(found) == 1
    return found[0]


async def known_cases(world: World) -> list[Case]:
    """All but what became part of another: a report that got no ack may have been saved."""
    return [one for one in await _all_cases(world) if one.state is not CaseState.MERGED]


async def _all_cases(world: World) -> list[Case]:
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        names = [key async for key in raw.scan_iter("case:*") if not key.endswith(":posts")]
    found = await world.web.stores.cases.many([name.removeprefix("case:") for name in names])
    return [one for one in found if one is not None]


async def _case_intents(world: World) -> set[str]:
    steps = [step for case in await known_cases(world) for step in case.steps]
    return {one.kind for one in steps if one.state is StepState.RUNNING}


def _is_contained(world: World, case: Case) -> None:
    unknown = {one.kind for one in case.steps if one.state is StepState.UNKNOWN}
    frozen, sessions, grants, resets = at_salesforce(world)
    for kind, is_done in (
        (StepKind.FREEZE, frozen),
        (StepKind.SESSIONS, sessions == 0),
        (StepKind.GRANTS, grants == 0),
        (StepKind.PASSWORD, resets == 1),
    ):
        assert is_done or kind in unknown, "done is never said of what wasn't done"
    assert resets <= 1


async def _case_is_right(world: World, death: Death) -> None:
    case = await _case(world)
    states = {one.kind: one.state for one in case.steps}
    unknown = {kind for kind, state in states.items() if state is StepState.UNKNOWN}
    assert unknown <= death.intended, "nothing is unknown that was never asked for"
    assert set(states.values()) <= {StepState.DONE, StepState.UNKNOWN}
    frozen, _, _, resets = at_salesforce(world)
    if case.unfrozen is None:
        assert StepKind.FREEZE in unknown, "else there was something to unfreeze"
        assert not frozen
    else:
        assert not frozen or StepKind.UNFREEZE in unknown, "done is never said of what wasn't done"
    asked = {kind for kind in states if kind.resets_password}
    assert len(asked - unknown) <= resets <= len(asked), "each reset has its effect at most once"
    await _nothing_is_asked_for_twice(world, death)
    await _case_is_told(world, states)
    await _audit_is_whole(world, case)
    await nothing_is_left(world)


async def _nothing_is_asked_for_twice(world: World, death: Death) -> None:
    """Unfreezing asks for the same as freezing did, and resets anew: once more from then on."""
    rows = await audit(world)
    began = next((row.at for row in rows if row.what == CaseMove.UNFREEZE), None)
    changes = Counter(
        (call.path, began is not None and call.at >= began)
        for call in world.org.calls
        if call.method in {"PATCH", "DELETE"}
    )
    cut_off = death.point is not None and death.point.service == "salesforce"
    assert sum(changes.values()) - len(changes) <= cut_off, "nothing is asked for twice"


async def _audit_is_whole(world: World, case: Case) -> None:
    rows = await audit(world)
    for one in await _all_cases(world):
        is_a_way_of_a_case(rows, one)
    mine = [row for row in rows if row.reset_id == case.id]
    made = Counter(row.what for row in mine)
    assert {move: made[move] for move in ONCE} == dict.fromkeys(ONCE, 1)
    let_in = int(case.unfrozen is not None)
    assert (made[CaseMove.FINISH], made[CaseMove.UNFREEZE]) == (1 + let_in, let_in)
    kinds = Counter([one.kind for one in case.steps])
    kinds[StepKind.CHECK] += let_in  # what is true is read back once more
    for move in (CaseMove.BEGIN_STEP, CaseMove.END_STEP):
        named = [(row.detail or "").partition(":")[0] for row in mine if row.what == move]
        assert Counter(named) == kinds, "each step begins once, and ends once"


async def _case_is_told(world: World, states: Mapping[StepKind, StepState]) -> None:
    ada, eve, ivan = (world.person(name) for name in ("ada", "eve", "ivan"))
    assert sum(IN_OTHER_HANDS in shown.text for shown in ada.sees("dm")) == 1
    is_let_in = states.get(StepKind.UNFREEZE) is StepState.DONE
    assert sum(LET_IN in shown.text for shown in ada.sees("dm")) == is_let_in
    for words in (IT_HAS_IT, IT_ACTS):
        assert sum(shown.text.startswith(words) for shown in eve.sees("dm")) == 1
    for person in (ada, eve, ivan):
        each_once(person)
    # A channel isn't read: what was on its way there at the end may come twice.
    in_channel = [shown.text for shown in ivan.sees(seed.IT_CHANNEL)]
    for words in (ENDED, NEXT):
        assert 1 <= sum(words in text for text in in_channel) <= 2
    await _no_card_is_left(world)


async def _no_card_is_left(world: World) -> None:
    """Of one that stands twice the bot may not know, until it is pressed."""
    ivan = world.person("ivan")
    left = cards(world)
    assert len(left) <= 1
    for one in left:
        await insists(partial(ivan.presses, "breach.approve", one))
        await world.slack.until(lambda: not cards(world) and _is_refused(ivan), PATIENCE)
        await ivan.closes()
    await idle(world)


def _is_refused(person: Actor) -> bool:
    return person.modal is not None and person.modal.title == "That isn't possible"
