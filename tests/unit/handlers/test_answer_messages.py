import pytest

from handlers import reset_messages
from services.resets.policy import Answer, AnswerCode
from services.resets.states import State
from tests.unit.handlers.examples import IT_CHANNEL, NOW, read

WITHOUT_EFFECT = sorted(
    set(AnswerCode)
    - {AnswerCode.EXPIRED, AnswerCode.CANCELLED, AnswerCode.STORE_DOWN, AnswerCode.FORM_FAILED}
    - {AnswerCode.UNKNOWN_FORM}  # no press: what was typed there isn't kept
)


@pytest.mark.parametrize("code", WITHOUT_EFFECT)
def test_every_refused_press_is_told_that_it_changed_nothing(code: AnswerCode) -> None:
    message = reset_messages.answer(Answer(code=code), IT_CHANNEL)
    assert "This press changed nothing." in read(message)
    assert "This press changed nothing." in message.text


def test_a_form_that_nobody_knows_says_that_it_kept_nothing() -> None:
    text = reset_messages.answer(Answer(code=AnswerCode.UNKNOWN_FORM), IT_CHANNEL).text
    assert "Nothing has changed. I kept none of it." in text


@pytest.mark.parametrize("code", AnswerCode)
def test_an_answers_text_can_stand_in_a_form(code: AnswerCode) -> None:
    text = reset_messages.answer(Answer(code=code, at=NOW, by="U0ANN"), IT_CHANNEL).text
    assert not set(text) & set("<>`*")
    assert len(text) <= 300


def test_no_two_codes_say_the_same() -> None:
    texts = {reset_messages.answer(Answer(code=code), IT_CHANNEL).text for code in AnswerCode}
    assert len(texts) == len(AnswerCode)


@pytest.mark.parametrize("code", [AnswerCode.EXPIRED, AnswerCode.CANCELLED])
@pytest.mark.parametrize(
    ("ended_in", "sure"),
    [
        (State.AWAITING_USER, True),
        (State.AWAITING_CHOICE, True),
        (State.AWAITING_PRESS, False),
        (None, False),
    ],
)
def test_an_offer_that_is_over_says_that_nothing_has_changed_as_far_as_can_be_seen(
    code: AnswerCode, ended_in: State | None, sure: bool
) -> None:
    state = State.EXPIRED if code is AnswerCode.EXPIRED else State.CANCELLED
    answer = Answer(code=code, state=state, detail=ended_in)
    text = reset_messages.answer(answer, IT_CHANNEL).text
    assert "Nothing has changed" in text
    assert ("unless you pressed" in text) is not sure


def test_an_offer_just_past_its_end_has_changed_nothing() -> None:
    answer = Answer(code=AnswerCode.EXPIRED, state=State.AWAITING_USER, at=NOW)
    text = read(reset_messages.answer(answer, IT_CHANNEL))
    assert text == (
        "This offer has expired. Nothing has changed. Type `/reset-token` to start again."
    )


def test_a_lost_save_claims_neither_that_it_counted_nor_that_it_did_not() -> None:
    text = reset_messages.answer(Answer(code=AnswerCode.STORE_DOWN), IT_CHANNEL).text
    assert "or can't tell whether I did" in text
    assert "changed nothing" not in text


def test_who_was_first_is_named_to_the_second() -> None:
    answer = Answer(code=AnswerCode.ALREADY_ANSWERED, by="U0ANN", at=NOW)
    assert read(reset_messages.answer(answer, IT_CHANNEL)).startswith(
        "<@U0ANN> has answered this already <!date^"
    )


def test_a_cool_down_says_from_when() -> None:
    answer = Answer(code=AnswerCode.COOLING_DOWN, at=NOW)
    assert "possible from <!date^" in read(reset_messages.answer(answer, IT_CHANNEL))
    timeless = reset_messages.answer(Answer(code=AnswerCode.COOLING_DOWN), IT_CHANNEL)
    assert "possible in a while" in read(timeless)


def test_a_pause_gives_its_reason() -> None:
    answer = Answer(code=AnswerCode.PAUSED, detail="Release night")
    assert "“Release night”" in read(reset_messages.answer(answer, IT_CHANNEL))


def test_an_unknown_org_is_answered_with_the_known_ones() -> None:
    text = reset_messages.unknown_org("<!here>", ["production", "partner"]).text
    assert "“&lt;!here&gt;”" in text
    assert "`/reset-token production`, `/reset-token partner`" in text
    assert "or `/reset-token help`." in text
    assert "Nothing has changed." in text


def test_a_colleagues_name_is_no_org() -> None:
    text = reset_messages.unknown_org("<@u0eve|eve>", ["production"]).text
    assert text.startswith("You can reset only your own token.")
    assert "ask them to type `/reset-token`" in text
    assert "eve" not in text


def test_only_its_approvers_are_named_and_no_setting() -> None:
    text = reset_messages.answer(Answer(code=AnswerCode.NOT_APPROVER), IT_CHANNEL).text
    assert "Only IT's approvers may decide this." in text
    assert "IT_APPROVERS" not in text


def test_paused_gives_the_reason_and_what_to_do() -> None:
    text = reset_messages.paused("Salesforce maintenance").text
    assert "“Salesforce maintenance”" in text
    assert "Nothing has changed." in text
    assert "Try again later" in text


def test_a_store_that_is_down_means_not_started() -> None:
    text = reset_messages.store_down().text
    assert "so no reset has started that I know of." in text
    assert "Nothing has changed." in text
    assert "try again in a few minutes" in text
