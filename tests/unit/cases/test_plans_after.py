"""What is pressed after a decision: an address confirmed, a step tried again, or all undone."""

import pytest

from services.cases import plans, policy
from services.cases.states import CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.resets.policy import Answer, AnswerCode
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange
from services.store.changes import JobName
from tests.unit.cases.pressing import (
    ADMIN,
    BEN_PRESSES,
    IRIS_PRESSES,
    IVAN_PRESSES,
    code,
    jobs,
    press,
    steps,
)
from tests.unit.handlers.case_examples import (
    APPROVAL,
    DENIAL,
    OVERRIDE,
    a_case,
    a_contained_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import NOW

S, K = StepState, StepKind
HELD_ADDRESS = a_target(address_differs=True)


# The address, another try, and undoing


def test_a_confirmation_lets_go_what_was_held_and_looks_again() -> None:
    held = (a_step(K.PASSWORD, S.HELD), a_step(K.CHECK, S.DONE, count=1))
    case = a_case(CaseState.APPROVED, target=HELD_ADDRESS, steps=held)
    change = plans.confirmation(case, press(IRIS_PRESSES, text="phoned her"), IRIS_PRESSES, NOW)
    assert isinstance(change, CaseChange)
    assert change.move is CaseMove.CONFIRM_ADDRESS
    assert steps(change) == [(K.PASSWORD, S.QUEUED), (K.CHECK, S.QUEUED)]
    assert change.after.address_confirmed is not None
    assert change.after.address_confirmed.note == "phoned her"
    assert change.after.address_confirmed.address == HELD_ADDRESS.address
    assert jobs(change) == [JobName.CONTAIN, JobName.SHOW_STEPS]
    refused = plans.confirmation(change.after, press(IVAN_PRESSES), IVAN_PRESSES, NOW)
    assert refused == Answer(code=AnswerCode.STEP_NOT_WAITING)


def test_an_address_that_is_not_theirs_leaves_the_reset_out() -> None:
    held = (a_step(K.PASSWORD, S.HELD), a_step(K.CHECK, S.DONE, count=1))
    case = a_case(CaseState.APPROVED, target=HELD_ADDRESS, steps=held)
    unsure = press(IRIS_PRESSES, text="nobody picks up", is_approval=False)
    change = plans.confirmation(case, unsure, IRIS_PRESSES, NOW)
    assert isinstance(change, CaseChange)
    assert steps(change) == [(K.PASSWORD, S.SKIPPED), (K.CHECK, S.QUEUED)]
    assert change.after.address_confirmed is None


@pytest.mark.parametrize("check", [S.DONE, S.FAILED, S.QUEUED, S.RUNNING])
def test_a_step_is_tried_again_from_the_start_and_looked_at_again(check: StepState) -> None:
    """A look that is under way has seen too little, so it is repeated."""
    failed = a_step(K.GRANTS, S.FAILED, code="still_open", left=2, tries=1, proof="read_back")
    last = a_step(K.CHECK, check)
    case = a_case(CaseState.CONTAINED, steps=(failed, last), truth=None)
    change = plans.retry(case, press(IRIS_PRESSES, reset_id=failed.id), NOW)
    assert isinstance(change, CaseChange)
    assert (change.move, change.detail) == (CaseMove.RETRY, "grants")
    assert change.after.steps == (
        Step(id=failed.id, kind=K.GRANTS, tries=1),
        Step(id=last.id, kind=K.CHECK),
    )
    assert jobs(change) == [JobName.CONTAIN, JobName.SHOW_STEPS]


def test_another_try_still_knows_that_a_worker_died_in_the_middle() -> None:
    failed = a_step(K.SESSIONS, StepState.FAILED, code="still_open", left=1, taken_over=True)
    change = plans.retry(a_contained_case(failed), press(IRIS_PRESSES, reset_id=failed.id), NOW)
    assert isinstance(change, CaseChange)
    assert change.after.step(failed.id) == Step(id=failed.id, kind=K.SESSIONS, taken_over=True)


def test_unfreezing_adds_a_fresh_reset_and_looks_again() -> None:
    case = a_contained_case()
    change = plans.unfreezing(case, press(IRIS_PRESSES), NOW)
    assert isinstance(change, CaseChange)
    assert change.move is CaseMove.UNFREEZE
    assert change.after.steps[:5] == case.steps[:5]
    assert steps(change)[5:] == [
        (K.RENEW_PASSWORD, S.QUEUED),
        (K.UNFREEZE, S.QUEUED),
        (K.CHECK, S.QUEUED),
    ]
    assert change.claims_account, "an older case undoes nothing of a newer one"
    new = change.after.steps[5:7]
    assert [put.key for put in change.puts] == [keys.step(one.id) for one in new]
    assert jobs(change) == [JobName.CONTAIN, JobName.SHOW_STEPS]


def test_the_fresh_reset_is_held_where_the_address_was_never_confirmed() -> None:
    case = a_contained_case(a_step(K.PASSWORD, S.SKIPPED), target=HELD_ADDRESS)
    change = plans.unfreezing(case, press(IRIS_PRESSES), NOW)
    assert isinstance(change, CaseChange)
    assert dict(steps(change))[K.RENEW_PASSWORD] is S.HELD
    assert dict(steps(change))[K.UNFREEZE] is S.HELD, "not with the suspected password"
    confirmed = plans.confirmation(change.after, press(IRIS_PRESSES), IRIS_PRESSES, NOW)
    assert isinstance(confirmed, CaseChange)
    assert steps(confirmed)[-3:-1] == [(K.RENEW_PASSWORD, S.QUEUED), (K.UNFREEZE, S.QUEUED)]
    unsure = press(IRIS_PRESSES, is_approval=False)
    left_out = plans.confirmation(change.after, unsure, IRIS_PRESSES, NOW)
    assert isinstance(left_out, CaseChange)
    assert steps(left_out)[-3:-1] == [(K.RENEW_PASSWORD, S.SKIPPED), (K.UNFREEZE, S.QUEUED)]
    assert not policy.may_be_let_in(left_out.after)


def test_what_was_denied_is_not_done_by_undoing_the_rest() -> None:
    case = a_contained_case(
        a_step(K.GRANTS, S.SKIPPED),
        a_step(K.PASSWORD, S.SKIPPED),
        target=ADMIN,
        approvals=(OVERRIDE,),
        denial=DENIAL,
    )
    change = plans.unfreezing(case, press(BEN_PRESSES), NOW)
    assert isinstance(change, CaseChange)
    assert K.UNFREEZE in dict(steps(change))
    assert K.RENEW_PASSWORD not in dict(steps(change))


def test_unfreezing_twice_adds_to_what_was_done_before() -> None:
    case = a_contained_case(a_step(K.UNFREEZE, S.FAILED), a_step(K.RENEW_PASSWORD, S.DONE))
    change = plans.unfreezing(case, press(IRIS_PRESSES), NOW)
    assert isinstance(change, CaseChange)
    assert [kind for kind, _ in steps(change)][5:] == [
        K.RENEW_PASSWORD,
        K.RENEW_PASSWORD,
        K.UNFREEZE,
        K.UNFREEZE,
        K.CHECK,
    ]
    assert steps(change)[8] == (K.UNFREEZE, S.QUEUED)


# Closing


def test_closing_opens_self_service_again() -> None:
    change = plans.closing(a_contained_case(), press(IRIS_PRESSES), NOW)
    assert isinstance(change, CaseChange)
    assert (change.move, change.alert) == (CaseMove.CLOSE, AlertOp.CLOSE)
    assert change.after.closed is not None
    assert change.after.closed.by == IRIS_PRESSES.person
    assert jobs(change) == [JobName.SHOW_CARD, JobName.TELL_CONTAINED]
    found = {put.key: put.value for put in change.puts}
    assert found == {keys.step(one.id): change.after.id for one in change.after.steps}
    assert {put.milliseconds for put in change.puts} == {90 * 24 * 3600 * 1000}


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.CONTAINED}))
def test_only_what_is_contained_is_closed_or_unfrozen(state: CaseState) -> None:
    case = a_case(state, approvals=(APPROVAL,))
    for plan in (
        plans.closing(case, press(IRIS_PRESSES), NOW),
        plans.unfreezing(case, press(IRIS_PRESSES), NOW),
    ):
        assert isinstance(plan, Answer)
        assert code(plan) is AnswerCode.ALREADY_DECIDED
