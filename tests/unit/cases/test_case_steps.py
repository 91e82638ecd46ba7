"""What may be done for an account, and what may be done again, confirmed or undone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases import policy
from services.cases.acted import may_shut_out
from services.cases.model import Case, CaseKind, Problem, Target
from services.cases.states import CaseState
from services.cases.steps import OVER, StepKind, StepState
from services.resets.policy import AnswerCode
from services.standing import Presser
from tests.unit.cases.pressing import BEN_PRESSES, IRIS_PRESSES, code
from tests.unit.cases.strategies import CASES, PRESSERS, STEPS, TARGETS, patient
from tests.unit.handlers.case_examples import (
    APPROVAL,
    TRUTH,
    a_case,
    a_contained_case,
    a_planned_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import NOW

ALL = (StepKind.FREEZE, StepKind.SESSIONS, StepKind.GRANTS, StepKind.PASSWORD)


# Which steps there are


@pytest.mark.parametrize(
    ("case", "steps"),
    [
        (a_case(), ALL),
        (a_case(target=a_target(is_admin=True)), ALL),
        # It can't log in, so there is nothing to freeze or to mail a link to.
        (a_case(target=a_target(is_active=False)), (StepKind.SESSIONS, StepKind.GRANTS)),
        (a_planned_case(), (StepKind.PASSWORD,)),
        (a_planned_case(target=a_target(is_active=False)), ()),
        (a_case(target=None), ()),
        (a_case(problem=Problem.SALESFORCE_UNREADABLE), ()),
    ],
)
def test_what_there_is_to_choose(case: Case, steps: tuple[StepKind, ...]) -> None:
    assert policy.steps_for(case) == steps


@patient
@given(CASES, st.lists(st.sampled_from(StepKind)))
def test_what_is_chosen_is_of_what_there_is_in_its_order(
    case: Case, wanted: list[StepKind]
) -> None:
    chosen = policy.chosen(case, wanted)
    assert set(chosen) == set(wanted) & set(policy.steps_for(case))
    assert list(chosen) == [one for one in StepKind if one in chosen]
    assert all(one.is_effect for one in chosen)


# Where Salesforce mails the link


@patient
@given(st.sampled_from(CaseKind), TARGETS)
def test_an_address_counts_only_where_it_is_known_to_be_the_persons(
    kind: CaseKind, target: Target
) -> None:
    case = a_case(kind=kind, target=target)
    is_known = target.address_differs is False
    assert policy.must_confirm_address(case) is (kind is CaseKind.BREACH and not is_known)
    confirmed = APPROVAL.model_copy(update={"address": target.address})
    assert not policy.must_confirm_address(
        a_case(kind=kind, target=target, address_confirmed=confirmed)
    )
    moved = target.model_copy(update={"address": "6" * 32, "address_differs": True})
    again = a_case(kind=kind, target=moved, address_confirmed=confirmed)
    assert policy.must_confirm_address(again) is (kind is CaseKind.BREACH)


@patient
@given(st.sampled_from(CaseKind), TARGETS)
def test_an_address_that_changed_since_the_card_is_held_whatever_is_asked_for(
    kind: CaseKind, target: Target
) -> None:
    moved = target.model_copy(update={"address": "6" * 32, "address_differs": True})
    case = a_case(kind=kind, target=target)
    assert policy.must_confirm_address(case, moved)
    confirmed = APPROVAL.model_copy(update={"address": moved.address})
    case = a_case(kind=kind, target=target, address_confirmed=confirmed)
    assert not policy.must_confirm_address(case, moved)


@patient
@given(CASES, PRESSERS)
def test_an_address_is_confirmed_by_nobody_who_reported_it_and_only_where_it_is_asked_for(
    case: Case, presser: Presser
) -> None:
    is_own = presser.person.user_id in case.reporters
    is_held = any(one.state is StepState.HELD for one in case.steps)
    refused = policy.refuse_confirmation(case, presser)
    assert (refused is None) is (is_held and not is_own)
    if is_own:
        assert code(refused) is AnswerCode.OWN_REPORT


def test_why_an_address_is_not_confirmed_is_said() -> None:
    held = a_case(CaseState.APPROVED, steps=(a_step(StepKind.PASSWORD, StepState.HELD),))
    assert policy.refuse_confirmation(held, IRIS_PRESSES) is None
    assert code(policy.refuse_confirmation(held, BEN_PRESSES)) is AnswerCode.OWN_REPORT
    refused = policy.refuse_confirmation(a_contained_case(), IRIS_PRESSES)
    assert code(refused) is AnswerCode.STEP_NOT_WAITING


# Try again


@patient
@given(CASES)
def test_only_what_failed_or_is_not_known_is_tried_again(case: Case) -> None:
    states = {CaseState.AWAITING_APPROVAL, CaseState.APPROVED, CaseState.CONTAINED}
    for one in case.steps:
        may = case.state in states and one.state in {StepState.FAILED, StepState.UNKNOWN}
        assert (policy.refuse_retry(case, one.id) is None) is may


@pytest.mark.parametrize("state", sorted(set(StepState) - {StepState.FAILED, StepState.UNKNOWN}))
def test_a_step_that_is_not_waiting_for_it_says_how_it_stands(state: StepState) -> None:
    step = a_step(StepKind.FREEZE, state)
    refused = policy.refuse_retry(a_case(CaseState.APPROVED, steps=(step,)), step.id)
    assert refused is not None
    assert (refused.code, refused.detail) == (AnswerCode.STEP_NOT_WAITING, state)


def test_a_step_of_nothing_or_of_a_closed_case_is_not_tried_again() -> None:
    assert code(policy.refuse_retry(a_contained_case(), "0" * 32)) is AnswerCode.STEP_NOT_WAITING
    step = a_step(StepKind.FREEZE, StepState.FAILED)
    closed = a_case(CaseState.CLOSED, steps=(step,), closed=APPROVAL)
    assert code(policy.refuse_retry(closed, step.id)) is AnswerCode.ALREADY_DECIDED


# Unfreeze


FROZEN = a_step(StepKind.FREEZE, StepState.DONE, ended_at=NOW)
UNFROZEN = a_step(StepKind.UNFREEZE, StepState.DONE, ended_at=NOW + timedelta(minutes=5))


def seen(*, minutes: int, is_frozen: bool | None) -> object:
    at = NOW + timedelta(minutes=minutes)
    return TRUTH.model_copy(update={"at": at, "is_frozen": is_frozen})


@pytest.mark.parametrize(
    ("steps", "truth", "may_be"),
    [
        ((), None, False),
        ((FROZEN,), None, True),
        ((FROZEN,), seen(minutes=1, is_frozen=None), True),
        ((FROZEN,), seen(minutes=1, is_frozen=True), True),
        # Somebody unfroze it in Salesforce.
        ((FROZEN,), seen(minutes=1, is_frozen=False), False),
        ((FROZEN,), seen(minutes=-1, is_frozen=False), True),
        ((a_step(StepKind.FREEZE, StepState.UNKNOWN),), None, True),
        ((a_step(StepKind.FREEZE, StepState.FAILED),), None, False),
        ((a_step(StepKind.FREEZE, StepState.SKIPPED),), None, False),
        ((FROZEN, UNFROZEN), None, False),
        # The look back after it failed: what was seen before is out of date.
        ((FROZEN, UNFROZEN), seen(minutes=1, is_frozen=True), False),
        ((FROZEN, UNFROZEN), seen(minutes=6, is_frozen=True), True),
        ((FROZEN, UNFROZEN.model_copy(update={"state": StepState.UNKNOWN})), None, True),
        ((FROZEN, UNFROZEN.model_copy(update={"state": StepState.FAILED})), None, True),
        # Tried again after the account was unfrozen.
        (
            (FROZEN.model_copy(update={"ended_at": NOW + timedelta(minutes=9)}), UNFROZEN),
            seen(minutes=6, is_frozen=False),
            True,
        ),
    ],
)
def test_whether_it_may_be_frozen_is_what_was_done_or_seen_last(
    steps: tuple[object, ...], truth: object, may_be: bool
) -> None:
    case = a_case(CaseState.CONTAINED, steps=steps, truth=truth)
    assert policy.may_be_frozen(case) is may_be
    planned = a_planned_case(CaseState.CONTAINED, steps=steps, truth=truth)
    assert not policy.may_be_frozen(planned)


@patient
@given(CASES)
def test_only_what_is_contained_and_may_be_frozen_is_unfrozen(case: Case) -> None:
    refused = policy.refuse_unfreeze(case)
    may = case.state is CaseState.CONTAINED and policy.may_be_frozen(case)
    assert (refused is None) is may
    if case.state is not CaseState.CONTAINED:
        assert refused == policy.decided(case)


# What keeps programs from logging in as they did


@pytest.mark.parametrize(
    ("kind", "shuts_out"),
    [
        (StepKind.EVIDENCE, False),
        (StepKind.FREEZE, True),
        (StepKind.SESSIONS, False),
        (StepKind.GRANTS, False),
        (StepKind.PASSWORD, True),
        (StepKind.RENEW_PASSWORD, True),
        (StepKind.UNFREEZE, False),
        (StepKind.CHECK, False),
    ],
)
@pytest.mark.parametrize("state", StepState)
def test_what_may_have_shut_programs_out(kind: StepKind, shuts_out: bool, state: StepState) -> None:
    step = a_step(kind, state, intent_at=NOW)
    may_be_done = state in {StepState.DONE, StepState.UNKNOWN}
    assert may_shut_out(step) is (shuts_out and may_be_done)


@pytest.mark.parametrize(
    ("case", "who", "investigated", "may"),
    [
        (a_case(CaseState.APPROVED), "suspect", True, True),
        (a_case(CaseState.APPROVED), "another", True, False),
        (a_case(CaseState.APPROVED, suspect=None), "suspect", True, False),
        (a_case(CaseState.APPROVED, slack_suspected=True), "suspect", True, False),
        (a_case(CaseState.CLOSED, slack_suspected=True), "suspect", False, False),
        (a_planned_case(CaseState.APPROVED), "another", False, True),
        (a_planned_case(CaseState.APPROVED), "another", True, False),
    ],
)
def test_only_who_is_trusted_may_read_that_it_acted(
    case: Case, who: str, investigated: bool, may: bool
) -> None:
    user_id = a_case().suspect if who == "suspect" else "U0ANOTHER1"
    assert user_id is not None
    assert policy.may_be_told(case, user_id, investigated=investigated) is may


# How far it is


@patient
@given(st.lists(STEPS, max_size=6).map(tuple))
def test_it_is_settled_when_nothing_runs_and_finished_when_nothing_waits(
    steps: tuple[object, ...],
) -> None:
    case = a_case(CaseState.APPROVED, steps=steps)
    states = {one.state for one in case.steps}
    assert policy.is_settled(case) is not bool(states & {StepState.QUEUED, StepState.RUNNING})
    assert policy.is_finished(case) is (states <= OVER)
    assert not policy.is_finished(case) or policy.is_settled(case)
