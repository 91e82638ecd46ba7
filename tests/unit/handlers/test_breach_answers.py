"""What whoever pressed a button of a case is told instead of an effect."""

import pytest

from handlers import reset_messages
from services.cases.states import CaseState
from services.resets.policy import Answer, AnswerCode
from tests.unit.handlers.examples import IT_CHANNEL, NOW, read

OF_CASES = (
    AnswerCode.OWN_REPORT,
    AnswerCode.SUSPECTED,
    AnswerCode.CARD_OVER,
    AnswerCode.ALREADY_DECIDED,
    AnswerCode.SAME_APPROVER,
    AnswerCode.NO_ACCOUNT,
    AnswerCode.OVERRIDE_OFF,
    AnswerCode.OVERRIDE_LIMIT,
    AnswerCode.NOTHING_CHOSEN,
    AnswerCode.STEP_NOT_WAITING,
    AnswerCode.TOO_MANY_REPORTS,
    AnswerCode.NOTHING_TO_REVIEW,
)


def told(code: AnswerCode, **fields: object) -> str:
    answer = Answer.model_validate({"code": code, **fields})
    return read(reset_messages.answer(answer, IT_CHANNEL))


@pytest.mark.parametrize("code", OF_CASES)
def test_it_says_that_nothing_changed_and_what_to_do(code: AnswerCode) -> None:
    before, _, after = told(code, at=NOW, by="U0ANN").partition("This press changed nothing.")
    assert before
    assert after


@pytest.mark.parametrize(
    ("state", "done"),
    [
        (CaseState.APPROVED, "approved"),
        (CaseState.CONTAINED, "approved"),
        (CaseState.DENIED, "denied"),
        (CaseState.CLOSED, "closed"),
    ],
)
def test_whoever_was_second_is_told_who_was_first_and_when(state: CaseState, done: str) -> None:
    text = told(AnswerCode.ALREADY_DECIDED, detail=state, by="U0ANN", at=NOW)
    assert text.startswith(f"This was already {done} by <@U0ANN>, <!date^")


def test_a_report_that_joined_another_sends_to_that_ones_card() -> None:
    text = told(AnswerCode.ALREADY_DECIDED, detail=CaseState.MERGED)
    assert "has joined another one about the same account" in text


@pytest.mark.parametrize("state", [CaseState.PREPARING, CaseState.AWAITING_APPROVAL, "new", None])
def test_what_nobody_has_decided_is_not_called_decided(state: str | None) -> None:
    text = told(AnswerCode.ALREADY_DECIDED, detail=state, at=NOW, by="U0ANN")
    assert "already" not in text
    assert "<@U0ANN>" not in text


def test_a_reporter_is_pointed_to_the_override_unless_it_is_turned_off() -> None:
    assert "*Emergency override*" in told(AnswerCode.OWN_REPORT)
    off = told(AnswerCode.OWN_REPORT, detail="override_off")
    assert "Phone another approver." in off
    assert "*Approve…* offers" not in off


@pytest.mark.parametrize("code", [AnswerCode.OVERRIDE_LIMIT, AnswerCode.TOO_MANY_REPORTS])
def test_a_limit_says_from_when_it_is_possible_again(code: AnswerCode) -> None:
    assert "from <!date^" in told(code, at=NOW)
    assert "in a while" in told(code)


def test_the_same_approver_is_told_when_they_approved() -> None:
    assert "You have approved this already, <!date^" in told(AnswerCode.SAME_APPROVER, at=NOW)


def test_a_suspected_approver_is_not_told_what_about() -> None:
    text = told(AnswerCode.SUSPECTED)
    assert "an account that may be yours" in text
    assert "reported" not in text


def test_a_report_that_is_gone_is_no_reset_to_start_again() -> None:
    text = told(AnswerCode.GONE, detail="case")
    assert text.startswith("I don't know the report that this button belongs to")
    assert "This press changed nothing." in text
    assert "`/reset-token breach`" in text
    assert "the reset that this button belongs to" in told(AnswerCode.GONE)
