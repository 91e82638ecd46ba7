"""Looks at every move of a case, and knows which ones must never be made."""

from collections import Counter

from services.cases import policy
from services.cases.model import Case, CaseKind
from services.cases.policy import Rules
from services.cases.states import CaseMove
from services.cases.steps import Step, StepKind, StepState
from services.store.case_changes import CaseChange
from tests.unit.cases.world import ADA, ADAS_OTHER

_GOES = frozenset({StepState.QUEUED, StepState.HELD, StepState.RUNNING})
_MAY_BE_ALONE = frozenset({StepKind.FREEZE, StepKind.SESSIONS})
_UNDOING = frozenset({StepKind.UNFREEZE, StepKind.RENEW_PASSWORD})


class Ledger:
    """Fails on a move that does what nobody allowed."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.approvers: set[str] = set()
        """Those of the moment."""
        self.let_go: Counter[StepKind] = Counter()
        self.begun: Counter[StepKind] = Counter()
        self.moves: Counter[CaseMove] = Counter()

    def watch(self, before: Case, change: CaseChange, after: Case) -> None:
        self.moves[change.move] += 1
        assert {one.id for one in before.steps} <= {one.id for one in after.steps}
        for step in after.steps:
            was = before.step(step.id)
            if step.kind.is_effect:
                self._look(before, change, after, was, step)
            elif was is not None and was.state is not step.state:
                assert step.state is not StepState.SKIPPED

    def _look(
        self, before: Case, change: CaseChange, after: Case, was: Step | None, step: Step
    ) -> None:
        state = was.state if was else None
        if state is StepState.DONE:
            assert step == was
        elif state is StepState.HELD and step.state is StepState.QUEUED:
            self._confirmed(before, change)
        elif state is StepState.RUNNING and step.state is StepState.HELD:
            self.begun[step.kind] -= 1  # nothing was sent: the address isn't the confirmed one
        elif step.state in _GOES and state not in _GOES:
            self.let_go[step.kind] += 1
            self._allowed(before, change, after, was, step)
        elif step.state is StepState.RUNNING and state is not StepState.RUNNING:
            self.begun[step.kind] += 1
            assert change.move is CaseMove.BEGIN_STEP
            assert self.begun[step.kind] <= self.let_go[step.kind]

    def _confirmed(self, before: Case, change: CaseChange) -> None:
        self._by_an_approver(before, change)
        assert change.move is CaseMove.CONFIRM_ADDRESS
        assert change.actor is not None
        assert change.actor.user_id not in before.reporters

    def _allowed(
        self, before: Case, change: CaseChange, after: Case, was: Step | None, step: Step
    ) -> None:
        """An effect is let go: by somebody who may, and on an admin by two."""
        self._by_an_approver(before, change)
        assert change.actor is not None
        is_own = change.actor.user_id in before.reporters
        is_admin = before.target is not None and before.target.is_admin
        match change.move:
            case CaseMove.APPROVE:
                assert not is_own
            case CaseMove.OVERRIDE | CaseMove.OVERRIDE_PART:
                assert is_own
                assert self.rules.emergency
                assert before.kind is CaseKind.BREACH
                assert not is_admin or step.kind in _MAY_BE_ALONE
            case CaseMove.RETRY:
                assert was is not None
                assert was.state in {StepState.FAILED, StepState.UNKNOWN}
            case other:
                assert other is CaseMove.UNFREEZE
                assert step.kind in _UNDOING
        if step.kind.resets_password and change.move is not CaseMove.RETRY:
            held = policy.must_confirm_address(before)
            assert step.state is (StepState.HELD if held else StepState.QUEUED)
        assert step.kind in _UNDOING or step.kind in policy.steps_for(before)
        if is_admin and step.kind not in _MAY_BE_ALONE | {StepKind.UNFREEZE}:
            people = {one.by.user_id for one in after.approvals}
            assert len(people) >= self.rules.admin_approvers
            assert any(not one.override for one in after.approvals)

    def _by_an_approver(self, before: Case, change: CaseChange) -> None:
        assert change.actor is not None
        assert change.actor.user_id in self.approvers
        assert change.actor not in {ADA, ADAS_OTHER}
        assert change.actor.user_id != before.suspect
