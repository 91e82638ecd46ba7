"""Who may decide about a case, and who never may."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases import policy
from services.cases.model import Case
from services.cases.states import CaseState
from services.masking import digest
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser
from tests.unit.cases.pressing import (
    BEN_PRESSES,
    IRIS_PRESSES,
    IVAN_PRESSES,
    code,
    decide,
)
from tests.unit.cases.strategies import APPROVERS, CASES, PRESSERS, TIMES, patient, reported_by
from tests.unit.handlers.case_examples import (
    APPROVAL,
    BEN,
    CARD,
    CARD_ID,
    DENIAL,
    IRIS,
    IVAN,
    OVERRIDE,
    TARGET,
    a_case,
    a_target,
)
from tests.unit.handlers.examples import NOW

# Approvers only, never the suspected person


@patient
@given(CASES, PRESSERS, TIMES)
def test_whoever_decides_is_an_approver_who_neither_reported_it_nor_is_suspected(
    case: Case, presser: Presser, now: datetime
) -> None:
    may = (
        presser.is_approver
        and not policy.is_suspected(case, presser)
        and presser.person.user_id not in case.reporters
        and case.state is CaseState.AWAITING_APPROVAL
        and case.card is not None
        and case.card.id == CARD_ID
        and (case.card.until is None or now < case.card.until)
    )
    assert (policy.refuse_decision(case, CARD_ID, presser, now) is None) is may


@patient
@given(CASES, PRESSERS)
def test_suspected_is_whoever_was_named_or_has_an_address_of_the_account(
    case: Case, presser: Presser
) -> None:
    address = presser.address or ""
    addresses = case.target.addresses if case.target else ()
    is_suspected = (
        presser.person.user_id == case.suspect
        or digest(address) in addresses
        or address == case.asked_for
    )
    assert policy.is_suspected(case, presser) is is_suspected


@patient
@given(st.none() | CASES, PRESSERS)
def test_nobody_else_learns_whether_there_is_such_a_case(
    case: Case | None, presser: Presser
) -> None:
    outsider = Presser(presser.person, is_approver=False, address=presser.address)
    assert code(policy.refuse_presser(case, outsider)) is AnswerCode.NOT_APPROVER
    assert code(decide(case, outsider)) is AnswerCode.NOT_APPROVER


@patient
@given(APPROVERS)
def test_a_case_that_is_gone_is_said_to_be(presser: Presser) -> None:
    assert code(decide(None, presser)) is AnswerCode.GONE


@pytest.mark.parametrize(
    ("case", "presser"),
    [
        (a_case(suspect=IRIS.user_id), IRIS_PRESSES),
        (a_case(target=a_target(addresses=(digest("Iris@ACME.example"),))), IRIS_PRESSES),
        (a_case(target=None, asked_for="IRIS@acme.example"), IRIS_PRESSES),
        (
            a_case(suspect=None, target=a_target(addresses=(digest("iris@acme.example"),))),
            Presser(IRIS, is_approver=True, address=" IRIS@Acme.Example "),
        ),
    ],
)
def test_the_suspected_person_decides_nothing_under_no_name(case: Case, presser: Presser) -> None:
    assert code(decide(case, presser)) is AnswerCode.SUSPECTED
    assert code(policy.refuse_presser(case, presser)) is AnswerCode.SUSPECTED


@patient
@given(CASES, st.sampled_from(["iris@acme.example", "ada@acme.example"]), st.data())
def test_letters_large_or_small_make_no_other_person(
    case: Case, address: str, data: st.DataObject
) -> None:
    written = "".join(letter.upper() if data.draw(st.booleans()) else letter for letter in address)
    presser = Presser(IRIS, is_approver=True, address=address)
    again = Presser(IRIS, is_approver=True, address=written)
    assert policy.is_suspected(case, presser) is policy.is_suspected(case, again)


def test_an_account_of_somebody_else_suspects_nobody() -> None:
    target = a_target(addresses=(digest("ada@acme.example"),))
    case = a_case(target=target, asked_for=TARGET.user_id)
    assert not policy.is_suspected(case, IRIS_PRESSES)
    assert not policy.is_suspected(case, Presser(IRIS, is_approver=True))


def test_a_digest_holds_no_address() -> None:
    assert "ada" not in digest("ada@acme.example")
    assert len(digest("ada@acme.example")) == 32


# Never the reporter


def test_an_approver_who_is_any_of_the_voices_needs_another_one() -> None:
    voices = (reported_by(IVAN), reported_by(BEN))
    for presser in (IVAN_PRESSES, BEN_PRESSES):
        assert code(decide(a_case(reports=voices), presser)) is AnswerCode.OWN_REPORT
    assert decide(a_case(reports=voices), IRIS_PRESSES) is None


def test_a_voice_that_is_not_kept_any_more_was_one_all_the_same() -> None:
    case = a_case(more_reports=1, more_reporters=(IRIS.user_id,))
    assert code(decide(case, IRIS_PRESSES)) is AnswerCode.OWN_REPORT
    assert code(policy.refuse_confirmation(case, IRIS_PRESSES)) is AnswerCode.OWN_REPORT


# On the newest card only, while it waits


def test_an_older_card_is_over() -> None:
    case = a_case(card=CARD.model_copy(update={"id": "0" * 32, "number": 2}))
    assert code(decide(case, IRIS_PRESSES)) is AnswerCode.CARD_OVER
    assert code(decide(a_case(card=None), IRIS_PRESSES)) is AnswerCode.CARD_OVER


@pytest.mark.parametrize(("minutes", "is_over"), [(239, False), (240, True), (9999, True)])
def test_a_card_holds_until_its_time_is_over(*, minutes: int, is_over: bool) -> None:
    refused = decide(a_case(), IRIS_PRESSES, minutes=minutes)
    assert code(refused) is (AnswerCode.CARD_OVER if is_over else None)


def test_the_last_card_holds_until_somebody_decides() -> None:
    case = a_case(card=CARD.model_copy(update={"until": None}))
    assert decide(case, IRIS_PRESSES, minutes=10**6) is None


@patient
@given(st.sampled_from(sorted(set(CaseState) - {CaseState.AWAITING_APPROVAL})))
def test_what_is_decided_is_decided_once(state: CaseState) -> None:
    refused = decide(a_case(state, approvals=(APPROVAL,)), IRIS_PRESSES, minutes=9999)
    assert refused == Answer(code=AnswerCode.ALREADY_DECIDED, by=IVAN.user_id, at=NOW, detail=state)


@pytest.mark.parametrize(
    ("case", "by", "what"),
    [
        (a_case(CaseState.APPROVED, approvals=(APPROVAL,)), IVAN, CaseState.APPROVED),
        (a_case(CaseState.DENIED, denial=DENIAL), IRIS, CaseState.DENIED),
        (
            a_case(CaseState.CLOSED, approvals=(APPROVAL,), closed=DENIAL),
            IRIS,
            CaseState.CLOSED,
        ),
        # What an override began runs on, but it was a denial that decided.
        (
            a_case(CaseState.APPROVED, approvals=(OVERRIDE,), denial=DENIAL),
            IRIS,
            CaseState.DENIED,
        ),
        (a_case(CaseState.MERGED), None, CaseState.MERGED),
    ],
)
def test_who_comes_second_is_told_who_was_first_and_what_it_was(
    case: Case, by: object, what: CaseState
) -> None:
    said = policy.decided(case)
    assert said.by == (getattr(by, "user_id", None))
    assert said.detail == what
    assert said.at == (NOW if by else None)
