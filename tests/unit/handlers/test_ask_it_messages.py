from datetime import timedelta
from typing import Any

import pytest

from handlers import ask_it_messages
from handlers.message import Message
from services.impact.model import Note
from services.orgs import ResetMethod
from services.resets.model import Question, Reset
from services.resets.policy import Answer, AnswerCode
from services.resets.states import State
from tests.unit.handlers.examples import (
    APPROVERS,
    IMPACT,
    IT_CHANNEL,
    LOADER,
    NOW,
    QUESTION,
    RESET_ID,
    UNREADABLE,
    a_reset,
    an_account,
    elements,
    read,
    strings,
)

ANSWER_BUTTONS = {"ask_it.go_ahead", "ask_it.wait"}
GO_AHEAD = QUESTION.model_copy(update={"answered_by": "U0ANN", "answered_at": NOW})
WAIT = GO_AHEAD.model_copy(update={"wait": "After the release on Monday."})


def asked(**fields: object) -> Reset:
    given: dict[str, object] = {"question": QUESTION, "deadline": NOW + timedelta(hours=24)}
    return a_reset(State.AWAITING_IT, **(given | fields))


def _card(reset: Reset) -> Message:
    return ask_it_messages.card(reset, APPROVERS)


@pytest.mark.parametrize(
    ("view", "callback_id", "block_id", "most"),
    [
        (ask_it_messages.form(RESET_ID), "reset.ask_it", "question", 1000),
        (ask_it_messages.wait_form(RESET_ID), "ask_it.wait", "wait", 500),
    ],
)
def test_a_form_has_one_field_and_carries_the_resets_id(
    view: dict[str, Any], callback_id: str, block_id: str, most: int
) -> None:
    assert view["callback_id"] == callback_id
    assert view["private_metadata"] == RESET_ID
    assert view["submit"]["text"] == "Send"
    assert view["close"]["text"] == "Back"
    (field,) = view["blocks"]
    assert field["block_id"] == block_id
    assert field["element"]["action_id"] == "text"
    assert field["element"]["multiline"] is True
    assert field["element"]["max_length"] == most


def test_the_view_that_opens_at_once_sends_nothing() -> None:
    view = ask_it_messages.loading_view()
    assert "submit" not in view
    assert "callback_id" not in view


def test_the_view_for_who_may_not_answer_says_why() -> None:
    view = ask_it_messages.refused_view(Answer(code=AnswerCode.OWN_QUESTION), IT_CHANNEL)
    assert "another approver has to decide" in " ".join(strings(view["blocks"]))
    assert "submit" not in view


def test_the_asker_is_told_that_it_has_the_question_and_that_nothing_changed() -> None:
    message = ask_it_messages.sent(asked(), IT_CHANNEL)
    text = read(message)
    assert "IT (<#C0IT>) has your question. Nothing has changed." in text
    assert "“Does the nightly sync use my token?”" in text
    assert "in a direct message" in text
    assert set(elements(message)) == {"reset.cancel"}


def test_the_card_has_who_why_what_and_until_when() -> None:
    message = ask_it_messages.card(asked(), APPROVERS)
    text = read(message)
    assert message.text.startswith("<@U0ANN> <!subteam^S0HELPDESK> <@U0ADA> asks")
    assert "<@U0ADA> asks whether to reset this token:" in text
    assert "“Does the nightly sync use my token?”" in text
    assert "*Production* · `ada@acme.example`" in text
    assert "*Method:* token only" in text
    assert "• *Data Loader*: with username and password" in text
    assert "Nothing has changed yet. *Go ahead* gives <@U0ADA> the button" in text
    assert "Open until <!date^" in text
    assert set(elements(message)) == ANSWER_BUTTONS
    assert "confirm" not in elements(message)["ask_it.go_ahead"]


def test_the_card_names_a_reset_of_the_password_as_one() -> None:
    message = ask_it_messages.card(asked(method=ResetMethod.PASSWORD), APPROVERS)
    assert "asks whether to reset a password and token in Production" in message.text


def test_the_card_does_not_take_an_unreadable_history_for_an_empty_one() -> None:
    text = read(ask_it_messages.card(asked(impact=UNREADABLE), APPROVERS))
    assert "I couldn't read the login history." in text


def test_it_is_told_what_is_urgent_and_what_makes_a_reset_pointless() -> None:
    impact = IMPACT.model_copy(update={"notes": (Note.LOCKED, Note.SSO_ONLY)})
    text = read(ask_it_messages.card(asked(impact=impact), APPROVERS))
    order = ["This Salesforce user is locked", "Single sign-on (SSO) only", "These will break"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


@pytest.mark.parametrize("question", [QUESTION, WAIT])
def test_while_it_can_answer_it_can_see_every_integration(question: Question) -> None:
    many = IMPACT.model_copy(update={"integrations": (LOADER,) * 11})
    reset = asked(impact=many, question=question)
    show = ask_it_messages.card_answered if question is WAIT else _card
    assert set(elements(show(reset))) == {*ANSWER_BUTTONS, "impact.show_all"}
    assert "*Not listed here:* 1 that will break" in read(show(reset))


def test_a_settled_card_has_no_button_to_see_more() -> None:
    many = IMPACT.model_copy(update={"integrations": (LOADER,) * 11})
    closed = ask_it_messages.card_closed(a_reset(State.CANCELLED, question=QUESTION, impact=many))
    assert not elements(closed)
    assert "*Not listed here:*" in read(closed)


def test_going_ahead_for_an_unproven_user_is_vouching_and_asked_once_more() -> None:
    message = ask_it_messages.card(asked(account=an_account(proven=False), impact=None), APPROVERS)
    text = read(message)
    assert "*Go ahead* means that you vouch that this Salesforce user is theirs." in text
    assert "I haven't read what depends on it." in text
    assert "open the user in Salesforce, and ask <@U0ADA> by phone" in text
    assert "The new token goes to `a…@acme.example`." in text
    assert "vouch" in elements(message)["ask_it.go_ahead"]["confirm"]["text"]["text"]


def test_a_differing_address_is_shown_to_it_too() -> None:
    card = ask_it_messages.card(asked(account=an_account(address_differs=True)), APPROVERS)
    assert "That isn't the address that Slack has for this person." in read(card)


def test_without_approvers_the_card_says_so() -> None:
    assert "No approvers are set" in read(ask_it_messages.card(asked(), ()))


def test_after_a_go_ahead_the_card_has_no_buttons() -> None:
    answered = a_reset(State.PREPARING, question=GO_AHEAD, impact=None)
    message = ask_it_messages.card_answered(answered)
    text = read(message)
    assert "*Go ahead*, says <@U0ANN>, <!date^" in text
    assert "I send <@U0ADA> the button, or why it isn't possible now." in text
    assert "Nothing has changed" not in text, "it may have by the time that somebody reads this"
    assert "IT had asked to wait" not in text
    assert not elements(message)


def test_a_go_ahead_keeps_the_earlier_words_on_the_card() -> None:
    message = ask_it_messages.card_answered(a_reset(State.PREPARING, question=WAIT))
    assert "IT had asked to wait: “After the release on Monday.”" in read(message)
    assert "*Go ahead*, says <@U0ANN>" in read(message)
    assert not elements(message)


def test_please_wait_is_not_the_last_word() -> None:
    message = ask_it_messages.card_answered(asked(question=WAIT))
    assert "*Please wait*, says <@U0ANN>, <!date^" in read(message)
    assert "“After the release on Monday.”" in read(message)
    assert set(elements(message)) == ANSWER_BUTTONS


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.CANCELLED, "<@U0ADA> has cancelled"), (State.EXPIRED, "the time to answer is over")],
)
def test_a_closed_card_says_why_it_needs_no_answer(state: State, words: str) -> None:
    message = ask_it_messages.card_closed(a_reset(state, question=QUESTION))
    assert words in read(message)
    assert not elements(message)


def test_the_reminder_calls_the_approvers_and_says_until_when() -> None:
    text = read(ask_it_messages.reminder(asked(), APPROVERS))
    assert text.startswith("<@U0ANN> <!subteam^S0HELPDESK> <@U0ADA> still waits")
    assert "It lapses <!date^" in text


def test_its_words_come_to_the_person() -> None:
    message = ask_it_messages.please_wait(asked(question=WAIT))
    text = read(message)
    assert "IT (<@U0ANN>) asks you to wait with your reset in Production:" in text
    assert "“After the release on Monday.”" in text
    assert "Nothing has changed. Your request stays open until <!date^" in text
    assert "a fresh button comes here" in text
    assert set(elements(message)) == {"reset.cancel"}
