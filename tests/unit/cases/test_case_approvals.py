"""How many approvals it takes, and what one approver may do alone or about many."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases import policy
from services.cases.model import Case, CaseKind, Problem, Urgency
from services.cases.policy import Rules
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser
from tests.unit.cases.pressing import (
    ADMIN,
    BEN_PRESSES,
    IRIS_PRESSES,
    IVAN_PRESSES,
    code,
    decide,
    override,
)
from tests.unit.cases.strategies import CASES, PRESSERS, TIMES, patient, reported_by
from tests.unit.handlers.case_examples import (
    APPROVAL,
    BEN,
    CARD,
    DENIAL,
    IRIS,
    OVERRIDE,
    REPORT,
    RULES,
    a_case,
    a_planned_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import NOW

# How many it takes


@pytest.mark.parametrize(
    ("case", "needed"),
    [
        (a_case(), 1),
        (a_case(target=ADMIN), 2),
        (a_planned_case(), 1),
        (a_planned_case(target=ADMIN), 2),
        (a_case(target=None), 1),
    ],
)
def test_an_admin_takes_two_different_approvers(case: Case, needed: int) -> None:
    assert policy.approvers_needed(case, RULES) == needed


@patient
@given(st.integers(1, 5))
def test_how_many_an_admin_takes_is_a_setting(number: int) -> None:
    rules = Rules(admin_approvers=number)
    assert policy.approvers_needed(a_case(target=ADMIN), rules) == number
    assert policy.approvers_needed(a_case(), rules) == 1


def test_the_same_approver_does_not_count_twice() -> None:
    case = a_case(target=ADMIN, approvals=(APPROVAL,))
    refused = policy.refuse_approval(case, IVAN_PRESSES)
    assert refused == Answer(code=AnswerCode.SAME_APPROVER, at=NOW)
    assert policy.refuse_approval(case, IRIS_PRESSES) is None


def test_what_an_override_left_waiting_is_asked_of_the_first_approver_anew() -> None:
    """Else nobody could let it go on where there are but two: the reporter, and the first."""
    case = a_case(target=ADMIN, approvals=(APPROVAL, OVERRIDE))
    assert policy.refuse_approval(case, IVAN_PRESSES) is None
    case = a_case(target=ADMIN, approvals=(APPROVAL, OVERRIDE, APPROVAL))
    assert code(policy.refuse_approval(case, IVAN_PRESSES)) is AnswerCode.SAME_APPROVER
    assert code(policy.refuse_approval(case, BEN_PRESSES)) is AnswerCode.SAME_APPROVER


@pytest.mark.parametrize(
    "case",
    [
        a_case(problem=Problem.UNKNOWN_USER, target=None),
        a_case(problem=Problem.OWN_USER),
        a_planned_case(target=a_target(is_active=False)),
    ],
)
def test_nothing_is_approved_where_there_is_no_account_for_it(case: Case) -> None:
    refused = policy.refuse_approval(case, IRIS_PRESSES)
    assert refused == Answer(code=AnswerCode.NO_ACCOUNT, detail=case.problem)
    assert decide(case, IRIS_PRESSES) is None  # denied it may be
    own = Presser(BEN, is_approver=True)
    if case.kind is CaseKind.BREACH:
        assert code(override(case, own)) is AnswerCode.NO_ACCOUNT


# Alone, in an emergency


@patient
@given(CASES, PRESSERS, st.builds(Rules, emergency=st.booleans()))
def test_alone_acts_but_an_approver_on_their_own_report_of_somebody_else(
    case: Case, presser: Presser, rules: Rules
) -> None:
    may = (
        rules.emergency
        and case.kind is CaseKind.BREACH
        and code(decide(case, presser)) is AnswerCode.OWN_REPORT
        and policy.refuse_approval(case, presser) is None
        and bool(policy.steps_alone(case))
    )
    assert (override(case, presser, rules) is None) is may


@pytest.mark.parametrize(
    ("case", "presser", "rules", "refused"),
    [
        (a_case(), BEN_PRESSES, RULES, None),
        (a_case(), IRIS_PRESSES, RULES, AnswerCode.OVERRIDE_OFF),
        (a_case(), Presser(BEN, is_approver=False), RULES, AnswerCode.NOT_APPROVER),
        (a_case(suspect=BEN.user_id), BEN_PRESSES, RULES, AnswerCode.SUSPECTED),
        (a_case(), BEN_PRESSES, Rules(emergency=False), AnswerCode.OWN_REPORT),
        (a_planned_case(), BEN_PRESSES, RULES, AnswerCode.OWN_REPORT),
        (a_case(CaseState.DENIED, denial=DENIAL), BEN_PRESSES, RULES, AnswerCode.ALREADY_DECIDED),
        (a_case(card=None), BEN_PRESSES, RULES, AnswerCode.CARD_OVER),
        (a_case(approvals=(OVERRIDE,)), BEN_PRESSES, RULES, AnswerCode.SAME_APPROVER),
    ],
)
def test_who_may_act_alone(
    case: Case, presser: Presser, rules: Rules, refused: AnswerCode | None
) -> None:
    assert code(override(case, presser, rules)) is refused


def test_alone_on_an_admin_one_freezes_and_ends_sessions() -> None:
    assert policy.steps_alone(a_case(target=ADMIN)) == (StepKind.FREEZE, StepKind.SESSIONS)
    assert policy.steps_alone(a_case()) == policy.steps_for(a_case())


def test_what_somebody_began_alone_nobody_begins_alone_again() -> None:
    begun = (
        a_step(StepKind.SESSIONS, StepState.FAILED),
        a_step(StepKind.FREEZE, StepState.WAITING),
        a_step(StepKind.PASSWORD, StepState.WAITING),
    )
    voices = (reported_by(BEN), reported_by(IRIS))
    case = a_case(target=ADMIN, approvals=(OVERRIDE,), steps=begun, reports=voices)
    assert policy.steps_alone(case) == (StepKind.FREEZE,)
    assert override(case, IRIS_PRESSES) is None
    frozen = case.model_copy(
        update={"steps": case.with_step(a_step(StepKind.FREEZE, StepState.UNKNOWN))}
    )
    assert code(override(frozen, IRIS_PRESSES)) is AnswerCode.ALREADY_DECIDED


# Many at once


def urgent(urgency: Urgency, at: datetime) -> Case:
    return a_case(created_at=at, reports=(REPORT.model_copy(update={"urgency": urgency}),))


@patient
@given(CASES, PRESSERS)
def test_together_are_decided_only_breaches_of_others_than_admins(
    case: Case, presser: Presser
) -> None:
    if policy.may_be_reviewed(case, presser, NOW):
        assert case.kind is CaseKind.BREACH
        assert case.target is not None
        assert not case.target.is_admin
        assert case.card is not None
        assert decide(case.model_copy(update={"card": CARD}), presser) is None
        assert policy.refuse_approval(case, presser) is None


def test_an_ordinary_open_case_may_be_decided_with_others() -> None:
    assert policy.may_be_reviewed(a_case(), IRIS_PRESSES, NOW)
    assert not policy.may_be_reviewed(a_case(), BEN_PRESSES, NOW)
    assert not policy.may_be_reviewed(a_case(target=ADMIN), IRIS_PRESSES, NOW)
    assert not policy.may_be_reviewed(a_planned_case(), IRIS_PRESSES, NOW)


@patient
@given(st.lists(st.builds(urgent, st.sampled_from(Urgency), TIMES), max_size=8))
def test_the_most_urgent_come_first_and_of_those_the_newest(cases: list[Case]) -> None:
    ordered = policy.most_urgent_first(cases)
    assert sorted(ordered, key=id) == sorted(cases, key=id)
    for one, following in pairwise(ordered):
        order = list(type(one.urgency))
        assert order.index(one.urgency) <= order.index(following.urgency)
        if one.urgency is following.urgency:
            assert one.created_at >= following.created_at


def test_who_approved_and_then_reported_counts_no_more() -> None:
    by_ben = APPROVAL.model_copy(update={"by": BEN})
    by_iris = APPROVAL.model_copy(update={"by": IRIS})
    case = a_case(target=ADMIN, reports=(reported_by(BEN),))
    assert policy.counted(case, (by_ben, by_iris)) == {IRIS.user_id}
    alone = by_ben.model_copy(update={"override": True})
    assert policy.counted(case, (alone, by_iris)) == {BEN.user_id, IRIS.user_id}
    suspected = a_case(target=ADMIN, suspect=IRIS.user_id, reports=(REPORT,))
    assert policy.counted(suspected, (by_iris,)) == set()
