"""What each decision changes: the move, its steps, its jobs, and what becomes of the account."""

from datetime import timedelta

import pytest
from hypothesis import given

from services.cases import plans, policy
from services.cases.model import Case
from services.cases.states import TRANSITIONS, CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange, QueueOp, Quota
from services.store.changes import Job, JobName
from tests.unit.cases.pressing import (
    ADMIN,
    BEN_PRESSES,
    IRIS_PRESSES,
    IVAN_PRESSES,
    jobs,
    press,
    steps,
)
from tests.unit.cases.strategies import CASES, patient, reported_by
from tests.unit.handlers.case_examples import (
    APPROVAL,
    CASE_ID,
    NOT_ME,
    OVERRIDE,
    RULES,
    a_case,
    a_planned_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import NOW

S, K = StepState, StepKind
HELD_ADDRESS = a_target(address_differs=True)


def approve(case: Case, presser: Presser = IRIS_PRESSES, **fields: object) -> CaseChange:
    change = plans.approval(case, press(presser, **fields), presser, NOW, RULES)
    assert isinstance(change, CaseChange)
    return change


def override(case: Case, presser: Presser = BEN_PRESSES, **fields: object) -> CaseChange:
    change = plans.override(case, press(presser, **fields), presser, NOW)
    assert isinstance(change, CaseChange)
    return change


def deny(case: Case) -> CaseChange:
    change = plans.denial(case, press(IRIS_PRESSES, text="a drill"), NOW)
    assert isinstance(change, CaseChange)
    return change


def overridden(*done: Step, **fields: object) -> Case:
    """An admin's case of which Ben began a part alone."""
    waiting = (a_step(K.GRANTS, S.WAITING), a_step(K.PASSWORD, S.WAITING))
    begun = done or (a_step(K.FREEZE, S.DONE), a_step(K.SESSIONS, S.QUEUED))
    kept = (a_step(K.EVIDENCE, S.DONE), *begun, *waiting, a_step(K.CHECK, S.DONE))
    given: dict[str, object] = {"target": ADMIN, "approvals": (OVERRIDE,), "steps": kept}
    return a_case(CaseState.AWAITING_APPROVAL, **(given | fields))


# Approving


def test_an_approval_begins_all_of_it_evidence_first_and_a_look_back_last() -> None:
    change = approve(a_case(), text="phoned her manager")
    assert change.move is CaseMove.APPROVE
    assert change.actor == IRIS_PRESSES.person
    assert steps(change) == [
        (one, S.QUEUED) for one in (K.EVIDENCE, K.FREEZE, K.SESSIONS, K.GRANTS, K.PASSWORD, K.CHECK)
    ]
    # What contains goes out first.
    assert jobs(change) == [
        JobName.CONTAIN,
        JobName.SHOW_CARD,
        JobName.TELL_REPORTERS,
        JobName.SHOW_SUMMARY,
    ]
    (decision,) = change.after.approvals
    assert (decision.by, decision.at, decision.note, decision.override) == (
        IRIS_PRESSES.person,
        NOW,
        "phoned her manager",
        False,
    )
    assert decision.steps == policy.steps_for(a_case())
    assert change.after.presses == ("7" * 32,)
    assert change.detail == "freeze,sessions,grants,password"
    assert (change.alert, change.leaves_account, change.spends) == (AlertOp.NONE, False, False)


def test_each_step_has_an_id_of_its_own_that_finds_the_case() -> None:
    change = approve(a_case())
    found = {put.key: put.value for put in change.puts}
    assert found == {keys.step(one.id): CASE_ID for one in change.after.steps}
    assert len(found) == 6
    # The case stays until somebody closes it, and so does the way to its steps.
    assert all(put.milliseconds == 3650 * 24 * 3600 * 1000 for put in change.puts)


def test_only_what_is_chosen_is_begun() -> None:
    change = approve(a_case(), steps=("grants", "freeze", "unfreeze", "brand_new"))
    assert [kind for kind, _ in steps(change)] == [K.EVIDENCE, K.FREEZE, K.GRANTS, K.CHECK]


@pytest.mark.parametrize("chosen", [(), ("evidence", "check"), ("unfreeze",), ("nonsense",)])
def test_where_nothing_is_chosen_nothing_is_approved(chosen: tuple[str, ...]) -> None:
    for plan in (
        plans.approval(a_case(), press(IRIS_PRESSES, steps=chosen), IRIS_PRESSES, NOW, RULES),
        plans.override(a_case(), press(BEN_PRESSES, steps=chosen), BEN_PRESSES, NOW),
    ):
        assert plan == Answer(code=AnswerCode.NOTHING_CHOSEN)


def test_a_planned_reset_keeps_no_evidence_and_contains_nothing() -> None:
    change = approve(a_planned_case(target=HELD_ADDRESS))
    assert steps(change) == [(K.PASSWORD, S.QUEUED), (K.CHECK, S.QUEUED)]


def test_the_reset_is_held_until_the_address_is_confirmed() -> None:
    change = approve(a_case(target=HELD_ADDRESS))
    assert dict(steps(change))[K.PASSWORD] is S.HELD
    assert {state for kind, state in steps(change) if kind is not K.PASSWORD} == {S.QUEUED}


def test_the_first_of_two_approvals_begins_nothing() -> None:
    change = approve(a_case(target=ADMIN))
    assert change.move is CaseMove.FIRST_APPROVE
    assert change.after.steps == ()
    assert change.puts == ()
    assert jobs(change) == [JobName.SHOW_CARD, JobName.CALL_SECOND]
    second = approve(change.after, IVAN_PRESSES)
    assert second.move is CaseMove.APPROVE
    assert len(second.after.approvals) == 2
    assert {state for _, state in steps(second)} == {S.QUEUED}


def test_the_same_approver_twice_is_not_two() -> None:
    first = approve(a_case(target=ADMIN)).after
    again = plans.approval(first, press(IRIS_PRESSES), IRIS_PRESSES, NOW, RULES)
    assert again == Answer(code=AnswerCode.SAME_APPROVER, at=NOW)


# Alone, in an emergency


def test_an_override_begins_it_is_marked_and_counted_and_told() -> None:
    change = override(a_case(), text="data is leaving")
    assert (change.move, change.why) == (CaseMove.OVERRIDE, "override")
    assert change.after.approvals[-1].override
    assert change.after.approvals[-1].note == "data is leaving"
    assert [state for _, state in steps(change)] == [S.QUEUED] * 6
    assert jobs(change)[0] is JobName.CONTAIN
    assert jobs(change)[-1] is JobName.TELL_OVERRIDE
    quota = Quota(keys.overrides_of(BEN_PRESSES.person.user_id), 3, timedelta(hours=1))
    assert change.quotas == (quota,)


def test_an_override_on_an_admin_leaves_the_rest_waiting() -> None:
    change = override(a_case(target=ADMIN))
    assert change.move is CaseMove.OVERRIDE_PART
    assert steps(change) == [
        (K.EVIDENCE, S.QUEUED),
        (K.FREEZE, S.QUEUED),
        (K.SESSIONS, S.QUEUED),
        (K.GRANTS, S.WAITING),
        (K.PASSWORD, S.WAITING),
        (K.CHECK, S.QUEUED),
    ]
    assert change.after.approvals[-1].steps == (K.FREEZE, K.SESSIONS)
    assert len(change.puts) == 6


def test_what_an_override_leaves_out_waits_too() -> None:
    change = override(a_case(target=ADMIN), steps=("sessions", "password"))
    waiting = [kind for kind, state in steps(change) if state is S.WAITING]
    assert waiting == [K.FREEZE, K.GRANTS, K.PASSWORD]


def test_a_second_override_adds_to_the_first_and_takes_nothing_of_it_away() -> None:
    voices = (reported_by(BEN_PRESSES.person), reported_by(IVAN_PRESSES.person))
    case = overridden(a_step(K.FREEZE, S.WAITING), a_step(K.SESSIONS, S.RUNNING), reports=voices)
    change = override(case, IVAN_PRESSES)
    assert change.move is CaseMove.OVERRIDE_PART
    assert steps(change) == [
        (K.EVIDENCE, S.DONE),
        (K.FREEZE, S.QUEUED),
        (K.SESSIONS, S.RUNNING),
        (K.GRANTS, S.WAITING),
        (K.PASSWORD, S.WAITING),
        (K.CHECK, S.QUEUED),
    ]
    assert [one.id for one in change.after.steps] == [one.id for one in case.steps]
    assert change.after.approvals[-1].steps == (K.FREEZE,)


# The rest, after an override


def test_the_rest_goes_on_after_one_more_approver() -> None:
    case = overridden()
    change = approve(case, steps=("freeze", "grants"))
    assert change.move is CaseMove.APPROVE
    assert steps(change) == [
        (K.EVIDENCE, S.DONE),
        (K.FREEZE, S.DONE),
        (K.SESSIONS, S.QUEUED),
        (K.GRANTS, S.QUEUED),
        (K.PASSWORD, S.SKIPPED),  # it wasn't chosen
        (K.CHECK, S.QUEUED),  # once more
    ]
    assert [one.id for one in change.after.steps] == [one.id for one in case.steps]
    assert change.puts == ()


def test_what_goes_on_is_held_where_it_would_have_been() -> None:
    case = overridden(target=a_target(is_admin=True, address_differs=None))
    assert dict(steps(approve(case)))[K.PASSWORD] is S.HELD


def test_whoever_approved_before_the_override_lets_the_rest_go_on() -> None:
    case = overridden(approvals=(APPROVAL, OVERRIDE))
    change = approve(case, IVAN_PRESSES)
    assert change.move is CaseMove.APPROVE
    assert not any(state is S.WAITING for _, state in steps(change))


# Denying


def test_a_denial_needs_a_reason() -> None:
    for text in (None, ""):
        plan = plans.denial(a_case(), press(IRIS_PRESSES, text=text), NOW)
        assert plan == Answer(code=AnswerCode.NOTHING_CHOSEN)


def test_a_denial_ends_it_and_opens_self_service_again() -> None:
    change = deny(a_case(reports=(reported_by(BEN_PRESSES.person), NOT_ME)))
    assert change.move is CaseMove.DENY
    assert change.after.denial is not None
    assert (change.after.denial.by, change.after.denial.note) == (IRIS_PRESSES.person, "a drill")
    assert (change.alert, change.leaves_account) == (AlertOp.CLOSE, True)
    assert change.alerts_taken_over == (NOT_ME.reset_id,)
    assert (change.preparing, change.card) == (QueueOp.LEAVE, QueueOp.LEAVE)
    assert jobs(change) == [JobName.SHOW_CARD, JobName.TELL_REPORTERS, JobName.SHOW_SUMMARY]


def test_a_denial_after_an_override_skips_the_rest_and_nothing_more() -> None:
    change = deny(overridden())
    assert change.move is CaseMove.DENY_REST
    assert steps(change) == [
        (K.EVIDENCE, S.DONE),
        (K.FREEZE, S.DONE),
        (K.SESSIONS, S.QUEUED),
        (K.GRANTS, S.SKIPPED),
        (K.PASSWORD, S.SKIPPED),
        (K.CHECK, S.DONE),
    ]
    # The account may be frozen: it stays in IT's hands until somebody closes it.
    assert (change.alert, change.leaves_account) == (AlertOp.NONE, False)
    assert jobs(change)[0] is JobName.CONTAIN


# All of them


@patient
@given(CASES)
def test_every_plan_for_a_case_that_may_be_decided_is_a_move_of_the_table(case: Case) -> None:
    waiting = case.model_copy(update={"state": CaseState.AWAITING_APPROVAL, "steps": ()})
    for plan in (
        plans.approval(waiting, press(IRIS_PRESSES), IRIS_PRESSES, NOW, RULES),
        plans.override(waiting, press(BEN_PRESSES), BEN_PRESSES, NOW),
        plans.denial(waiting, press(IRIS_PRESSES, text="no"), NOW),
    ):
        assert isinstance(plan, Answer) or (waiting.state, plan.move) in TRANSITIONS


def test_the_newest_presses_are_remembered() -> None:
    case = a_case(presses=tuple(f"{number:032}" for number in range(plans.MOST_PRESSES)))
    presses = approve(case).after.presses
    assert len(presses) == plans.MOST_PRESSES
    assert presses[-1] == "7" * 32
    assert presses[0] == f"{1:032}"


def test_what_is_about_one_case_names_it_and_what_is_about_all_says_so() -> None:
    assert Job(JobName.SHOW_SUMMARY, "all") in approve(a_case()).jobs
    assert Job(JobName.SHOW_SUMMARY, "all") in deny(a_case()).jobs
