"""Whatever is pressed by whomever and when, nothing happens that nobody allowed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases import policy
from services.cases.model import Case, CaseKind
from services.cases.policy import Rules
from services.cases.renewal import is_due, renewal
from services.cases.states import TRANSITIONS, CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.resets.model import SlackUser, new_id
from services.store.case_changes import CaseChange
from services.store.presses import PressKind
from tests.unit.cases.ledger import Ledger
from tests.unit.cases.strategies import OPTIONAL, patient, reported_by
from tests.unit.cases.world import (
    ADA,
    ADAS_OTHER,
    ADDRESSES,
    ALL_STEPS,
    CLICKS,
    EVE,
    KAI,
    World,
)
from tests.unit.handlers.case_examples import BEN, IRIS, IVAN, TRUTH, a_case, a_target

COLLEAGUES = [BEN, IVAN, IRIS, KAI]
TO_BE_TRIED = {StepState.FAILED, StepState.UNKNOWN}


@dataclass(frozen=True)
class Act:
    """One thing that happens. What it needs of the rest it picks by `number`."""

    what: str
    person: SlackUser
    steps: tuple[str, ...]
    number: int
    ends: tuple[StepState, ...]


Do = Callable[[Act], Awaitable[None]]


def _done(what: str, person: SlackUser = BEN, kind: PressKind = "approve") -> Act:
    return Act(what, person, ALL_STEPS, CLICKS.index(kind), (StepState.DONE,))


APPROVED = [_done("click", IRIS), _done("click", KAI), _done("run")]
OVERRIDDEN = [_done("click", BEN, "override"), _done("run")]
BEGINNINGS = [
    [],
    APPROVED,
    [*APPROVED, _done("click", IRIS, "unfreeze")],
    [_done("report"), *OVERRIDDEN],
    [*OVERRIDDEN, _done("click", IRIS, "deny"), _done("run")],
]
"""So that what takes long to come about is played as often as the rest."""

# As often as it takes to get far: most of it is what the messages of the moment offer.
OFTEN = ["press"] * 6 + ["run"] * 2
NOW_AND_THEN = ["click", "begin", "end", "report", "come_or_go", "wait", "afresh"]
NOW_AND_THEN += ["look_up", "readdress"]

ACTS = st.builds(
    Act,
    what=st.sampled_from(OFTEN + NOW_AND_THEN),
    person=st.sampled_from([*COLLEAGUES * 2, BEN, IVAN, ADA, ADAS_OTHER, EVE]),
    steps=st.just(ALL_STEPS)
    | st.lists(st.sampled_from(ALL_STEPS), unique=True, min_size=3).map(tuple),
    number=st.integers(0, 99),
    ends=st.lists(
        st.sampled_from([StepState.DONE, StepState.DONE, StepState.FAILED, StepState.UNKNOWN]),
        min_size=3,
        max_size=3,
    ).map(tuple),
)
RULES = st.builds(
    Rules,
    admin_approvers=st.sampled_from([2, 2, 3]),
    emergency=st.sampled_from([True, True, False]),
)
CASES = st.builds(
    lambda kind, suspect, **target: a_case(
        kind=kind, suspect=suspect, target=a_target(addresses=ADDRESSES, **target)
    ),
    kind=st.sampled_from([CaseKind.BREACH] * 3 + [CaseKind.PLANNED]),
    suspect=st.sampled_from([ADA.user_id, None]),
    is_admin=st.sampled_from([True, True, False]),
    is_active=st.sampled_from([True, True, True, False]),
    address_differs=OPTIONAL,
)


class Play:
    """Plays what happens, one thing after the other."""

    def __init__(self, case: Case, rules: Rules) -> None:
        self.ledger = Ledger(rules)
        self.world = World(case, rules, self.ledger.watch)
        self.ledger.approvers = self.world.approvers
        if case.suspect is None:  # nobody knows her by her Slack account yet
            self.world.approvers.discard(ADA.user_id)

    @property
    def case(self) -> Case:
        return self.world.case

    async def do(self, act: Act) -> None:
        acts: dict[str, Do] = {
            "click": self._click,
            "press": self._press,
            "run": self._run_on,
            "begin": self._begin,
            "end": self._end,
            "report": self._report_too,
            "come_or_go": self._come_or_go,
            "look_up": self._look_up,
            "readdress": self._readdress,
            "wait": self._wait,
            "afresh": self._post_afresh,
        }
        await acts[act.what](act)

    async def _click(self, act: Act) -> None:
        kind = CLICKS[act.number % len(CLICKS)]
        await self.world.click(kind, act.person, steps=act.steps, number=act.number)

    async def _press(self, act: Act) -> None:
        """Press as people do: what the messages of the moment offer."""
        offered = _offered(self.case)
        tried = [
            number for number, one in enumerate(self.case.steps) if one.state in TO_BE_TRIED
        ] or [0]
        kind, number = offered[act.number % len(offered)], tried[act.number % len(tried)]
        await self.world.click(kind, act.person, steps=act.steps, number=number)

    # Iris and Kai never report it and stay approvers: somebody may always decide.

    async def _report_too(self, act: Act) -> None:
        person = [IVAN, BEN, EVE][act.number % 3]
        voice = reported_by(person).model_copy(update={"id": new_id()})
        await self._move(CaseMove.JOIN, reports=(*self.case.reports, voice))

    async def _come_or_go(self, act: Act) -> None:
        self.world.approvers ^= {[BEN, IVAN][act.number % 2].user_id}

    async def _look_up(self, _: Act) -> None:
        await self._move(CaseMove.LOOK_UP, suspect=ADA.user_id)

    async def _readdress(self, _: Act) -> None:
        changed = {"address": new_id(), "address_differs": True}
        if target := self.case.target:
            await self._move(CaseMove.LOOK_UP, target=target.model_copy(update=changed))

    async def _wait(self, act: Act) -> None:
        self.world.clock.forward(minutes=[1, 5, 300][act.number % 3])

    async def _post_afresh(self, _: Act) -> None:
        if is_due(self.case, self.world.clock()):
            await self.world.store.move(self.case, renewal(self.case, self.world.clock()))

    async def _run_on(self, act: Act) -> None:
        """Run all that is due, as a worker does that nobody disturbs."""
        ends = cycle(act.ends)
        while self._next(StepState.RUNNING) or self._next(StepState.QUEUED):
            if self._next(StepState.RUNNING) is None:
                await self._begin(act)
            await self._end(replace(act, ends=(next(ends),)))
        if policy.is_finished(self.case):
            await self._move(CaseMove.FINISH)

    async def _begin(self, _: Act) -> None:
        if (step := self._next(StepState.QUEUED)) and not self._next(StepState.RUNNING):
            begun = step.model_copy(update={"state": StepState.RUNNING, "tries": step.tries + 1})
            await self._move(CaseMove.BEGIN_STEP, steps=self.case.with_step(begun))

    async def _end(self, act: Act) -> None:
        if step := self._next(StepState.RUNNING):
            now, state = self.world.clock(), act.ends[0]
            if step.kind.resets_password and policy.must_confirm_address(self.case):
                state = StepState.HELD  # it was changed since somebody confirmed it
            ended = step.model_copy(update={"state": state, "ended_at": now})
            seen = state is StepState.DONE and step.kind is StepKind.CHECK
            truth = TRUTH.model_copy(update={"at": now}) if seen else self.case.truth
            await self._move(CaseMove.END_STEP, steps=self.case.with_step(ended), truth=truth)

    def _next(self, state: StepState) -> Step | None:
        return next((one for one in self.case.steps if one.state is state), None)

    async def _move(self, move: CaseMove, **update: object) -> None:
        if (self.case.state, move) in TRANSITIONS:
            after = self.case.model_copy(update=update)
            await self.world.store.move(self.case, CaseChange(move, after, self.world.clock()))


def _offered(case: Case) -> list[PressKind]:
    states = {one.state for one in case.steps}
    offered: list[PressKind] = []
    if case.state is CaseState.AWAITING_APPROVAL:
        offered += ["approve", "override", "approve", "override", "deny"]
    if case.state is CaseState.CONTAINED:
        offered += ["unfreeze", "unfreeze", "close"]
    if StepState.HELD in states:
        offered.append("confirm_address")
    if states & TO_BE_TRIED:
        offered += ["retry", "retry"]
    return offered or ["approve"]


@settings(patient, max_examples=300)
@given(CASES, RULES, st.sampled_from(BEGINNINGS), st.lists(ACTS, min_size=8, max_size=30))
async def test_no_sequence_does_what_nobody_allowed(
    case: Case, rules: Rules, beginning: list[Act], acts: list[Act]
) -> None:
    play = Play(case, rules)
    for act in (*beginning, *acts):
        await play.do(act)
