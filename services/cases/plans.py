"""What a decision changes: pure, from the case and the press to the move that is to be made."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from services.cases import policy
from services.cases.model import Case, CaseKind, Decision
from services.cases.policy import Rules
from services.cases.states import CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.resets.model import new_id
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange, QueueOp, Quota
from services.store.changes import Job, JobName, Put
from services.store.presses import Press

MOST_PRESSES = 20
"""Presses that a case remembers."""

_LETS_IN = frozenset({StepKind.RENEW_PASSWORD, StepKind.UNFREEZE})
"""What undoes a containment, which may be another case's too."""

_STEP_LIFE = timedelta(days=3650)
"""How long a step's button finds its case: while that is open, and only a decision closes it."""

_CLOSED_STEP_LIFE = timedelta(days=90)
"""The same, once the case is closed: to say so."""


def approval(
    case: Case, press: Press, presser: Presser, now: datetime, rules: Rules
) -> CaseChange | Answer:
    """Approve, or be the first of those that it takes."""
    if refused := policy.refuse_approval(case, presser):
        return refused
    kinds = policy.chosen(case, _kinds(press))
    if not kinds:
        return Answer(code=AnswerCode.NOTHING_CHOSEN)
    decision = _decision(press, now, kinds)
    approvals = (*case.approvals, decision)
    if len(policy.counted(case, approvals)) < policy.approvers_needed(case, rules):
        return CaseChange(
            CaseMove.FIRST_APPROVE,
            _pressed(case, press, approvals=approvals),
            now,
            actor=press.person,
            jobs=(Job(JobName.SHOW_CARD, case.id), Job(JobName.CALL_SECOND, case.id)),
        )
    steps = _go_on(case, kinds, StepState.SKIPPED) if case.steps else _begin(case, kinds)
    return CaseChange(
        CaseMove.APPROVE,
        _pressed(case, press, approvals=approvals, steps=steps),
        now,
        actor=press.person,
        # A link mailed while somebody else may read along helps nobody: the report decides.
        needs_alone=case.kind is CaseKind.PLANNED,
        detail=_named(kinds),
        jobs=_decided_jobs(case),
        puts=_found_by(case, steps),
    )


def override(case: Case, press: Press, presser: Presser, now: datetime) -> CaseChange | Answer:
    """Act alone, in an emergency: on an admin only what can't wait."""
    if refused := policy.refuse_approval(case, presser):
        return refused
    wanted = _kinds(press)
    kinds = tuple(one for one in policy.steps_alone(case) if one in wanted)
    if not kinds:
        return Answer(code=AnswerCode.NOTHING_CHOSEN)
    is_part = case.target is not None and case.target.is_admin
    decision = _decision(press, now, kinds, override=True)
    if case.steps:  # somebody else acted alone before
        steps = _go_on(case, kinds, StepState.WAITING)
    else:
        steps = _begin(case, kinds)
        if is_part:
            later = (one for one in policy.steps_for(case) if one not in kinds)
            waiting = (Step(id=new_id(), kind=one, state=StepState.WAITING) for one in later)
            steps = _in_order((*steps, *waiting))
    return CaseChange(
        CaseMove.OVERRIDE_PART if is_part else CaseMove.OVERRIDE,
        _pressed(case, press, approvals=(*case.approvals, decision), steps=steps),
        now,
        actor=press.person,
        why="override",
        detail=_named(kinds),
        jobs=(*_decided_jobs(case), Job(JobName.TELL_OVERRIDE, case.id)),
        puts=_found_by(case, steps),
        quotas=(
            Quota(
                keys.overrides_of(press.person.user_id),
                policy.OVERRIDES_AN_HOUR,
                timedelta(hours=1),
            ),
        ),
    )


def denial(case: Case, press: Press, now: datetime) -> CaseChange | Answer:
    """Deny. What was begun alone in an emergency stays done, and can be undone."""
    if not press.text:
        return Answer(code=AnswerCode.NOTHING_CHOSEN)
    decision = _decision(press, now, ())
    if case.has_begun:
        skipped = tuple(
            one.model_copy(update={"state": StepState.SKIPPED})
            if one.state is StepState.WAITING
            else one
            for one in case.steps
        )
        return CaseChange(
            CaseMove.DENY_REST,
            _pressed(case, press, denial=decision, steps=skipped),
            now,
            actor=press.person,
            jobs=_decided_jobs(case),
        )
    return CaseChange(
        CaseMove.DENY,
        _pressed(case, press, denial=decision),
        now,
        actor=press.person,
        jobs=(Job(JobName.SHOW_CARD, case.id), *_told(case)),
        leaves_account=True,
        alert=AlertOp.CLOSE,
        alerts_taken_over=case.resets,
        preparing=QueueOp.LEAVE,
        card=QueueOp.LEAVE,
    )


def confirmation(case: Case, press: Press, presser: Presser, now: datetime) -> CaseChange | Answer:
    """Take an approver's word that the address is the person's own, or let the reset be."""
    if refused := policy.refuse_confirmation(case, presser):
        return refused
    left_out = StepState.QUEUED if press.is_approval else StepState.SKIPPED
    steps = tuple(
        one.model_copy(update={"state": left_out if one.kind.resets_password else StepState.QUEUED})
        if one.state is StepState.HELD
        else one
        for one in case.steps
    )
    decision = _decision(press, now, ()).model_copy(update={"address": press.address})
    return CaseChange(
        CaseMove.CONFIRM_ADDRESS,
        _pressed(
            case,
            press,
            address_confirmed=decision if press.is_approval else None,
            steps=_checked_again(steps),
        ),
        now,
        actor=press.person,
        detail=left_out,
        jobs=(Job(JobName.CONTAIN, case.id), Job(JobName.SHOW_STEPS, case.id)),
    )


def retry(case: Case, press: Press, now: datetime) -> CaseChange | Answer:
    """Try a step again that failed, or of which nobody knows how it ended."""
    step_id = press.reset_id or ""
    if refused := policy.refuse_retry(case, step_id):
        return refused
    step = case.step(step_id)
    if step is None:
        return Answer(code=AnswerCode.STEP_NOT_WAITING)
    again = Step(id=step.id, kind=step.kind, tries=step.tries, taken_over=step.taken_over)
    return CaseChange(
        CaseMove.RETRY,
        _pressed(case, press, steps=_checked_again(case.with_step(again))),
        now,
        actor=press.person,
        claims_account=True,
        needs_alone=step.kind in _LETS_IN,
        detail=step.kind,
        jobs=(Job(JobName.CONTAIN, case.id), Job(JobName.SHOW_STEPS, case.id)),
    )


def unfreezing(case: Case, press: Press, now: datetime) -> CaseChange | Answer:
    """Unfreeze, with a fresh reset: a frozen user may not have been able to use the first link.

    After a denial there was no first one: what was denied isn't done by undoing the rest.
    """
    if refused := policy.refuse_unfreeze(case):
        return refused
    reset = () if case.denial else (_step(case, StepKind.RENEW_PASSWORD),)
    state = reset[0].state if reset else StepState.QUEUED  # it waits as long as the reset does
    unfreeze = Step(id=new_id(), kind=StepKind.UNFREEZE, state=state)
    steps = _in_order((*_checked_again(case.steps), *reset, unfreeze))
    return CaseChange(
        CaseMove.UNFREEZE,
        _pressed(case, press, steps=steps, unfrozen=_decision(press, now, ())),
        now,
        actor=press.person,
        claims_account=True,
        needs_alone=True,
        jobs=(Job(JobName.CONTAIN, case.id), Job(JobName.SHOW_STEPS, case.id)),
        puts=_found_by(case, steps),
    )


def closing(case: Case, press: Press, now: datetime) -> CaseChange | Answer:
    """Close it: the person is verified, the account safe. Self-service is possible again."""
    if case.state is not CaseState.CONTAINED:
        return policy.decided(case)
    return CaseChange(
        CaseMove.CLOSE,
        _pressed(case, press, closed=_decision(press, now, ())),
        now,
        actor=press.person,
        jobs=(Job(JobName.SHOW_CARD, case.id), Job(JobName.TELL_CONTAINED, case.id)),
        puts=_found_for(case.steps, case, _CLOSED_STEP_LIFE),
        alert=AlertOp.CLOSE,
    )


def _begin(case: Case, kinds: Collection[StepKind]) -> tuple[Step, ...]:
    """Lay out the steps of an approval: evidence before all of them, a look back after."""
    first = () if case.kind is CaseKind.PLANNED else (StepKind.EVIDENCE,)
    return _in_order(tuple(_step(case, one) for one in (*first, *kinds, StepKind.CHECK)))


def _go_on(case: Case, kinds: Collection[StepKind], others: StepState) -> tuple[Step, ...]:
    """Let the chosen ones of the steps go on that waited for another approver."""
    steps = []
    for one in case.steps:
        if one.state is not StepState.WAITING:
            steps.append(one)
        else:
            state = _step(case, one.kind).state if one.kind in kinds else others
            steps.append(one.model_copy(update={"state": state}))
    return _checked_again(tuple(steps))


def _step(case: Case, kind: StepKind) -> Step:
    held = kind.resets_password and policy.must_confirm_address(case)
    return Step(id=new_id(), kind=kind, state=StepState.HELD if held else StepState.QUEUED)


def _checked_again(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Ask for another look back, whatever the last one saw, or sees right now."""
    return tuple(
        Step(id=one.id, kind=one.kind, tries=one.tries) if one.kind is StepKind.CHECK else one
        for one in steps
    )


def _in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    order = list(StepKind)
    return tuple(sorted(steps, key=lambda one: order.index(one.kind)))


def _decision(
    press: Press, now: datetime, kinds: tuple[StepKind, ...], *, override: bool = False
) -> Decision:
    return Decision(
        by=press.person,
        at=now,
        note=press.text or None,
        steps=kinds,
        override=override,
        press=press.id,
    )


def _pressed(case: Case, press: Press, **update: object) -> Case:
    presses = (*case.presses, press.id)[-MOST_PRESSES:]
    return case.model_copy(update={**update, "presses": presses})


def _kinds(press: Press) -> frozenset[StepKind]:
    known = {one.value for one in StepKind}
    return frozenset(StepKind(one) for one in press.steps if one in known)


def _named(kinds: Collection[StepKind]) -> str:
    return ",".join(kinds)


def _found_by(case: Case, steps: tuple[Step, ...]) -> tuple[Put, ...]:
    """Let a step's button find its case."""
    known = {one.id for one in case.steps}
    return _found_for([one for one in steps if one.id not in known], case, _STEP_LIFE)


def _found_for(steps: Iterable[Step], case: Case, life: timedelta) -> tuple[Put, ...]:
    milliseconds = int(life.total_seconds() * 1000)
    return tuple(Put(keys.step(one.id), case.id, milliseconds) for one in steps)


def _decided_jobs(case: Case) -> tuple[Job, ...]:
    # What contains goes first: each job that goes out before it costs it time.
    return (Job(JobName.CONTAIN, case.id), Job(JobName.SHOW_CARD, case.id), *_told(case))


def _told(case: Case) -> tuple[Job, ...]:
    return (Job(JobName.TELL_REPORTERS, case.id), Job(JobName.SHOW_SUMMARY, "all"))
