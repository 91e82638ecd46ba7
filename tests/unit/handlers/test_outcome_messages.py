from collections.abc import Callable
from datetime import timedelta

import pytest

from handlers import reset_messages
from handlers.message import Message
from handlers.refusal_words import WORDS
from services.orgs import ResetMethod
from services.resets.model import Choice, Reason, Reset
from services.resets.states import State
from tests.unit.handlers.examples import (
    IT_CHANNEL,
    LINK,
    NOW,
    QUESTION,
    a_reset,
    elements,
    read,
)

METHODS = (ResetMethod.TOKEN, ResetMethod.PASSWORD)
SUBJECT = "“Your new Salesforce security token”"


def tell(state: State, **fields: object) -> str:
    return read(reset_messages.outcome(a_reset(state, **fields), NOW))


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (ResetMethod.TOKEN, "Resetting your token in Production…"),
        (ResetMethod.PASSWORD, "Resetting your password and token in Production…"),
    ],
)
def test_while_it_runs_the_buttons_are_gone(method: ResetMethod, words: str) -> None:
    message = reset_messages.working(a_reset(State.RUNNING, method=method))
    assert message.text == words
    assert not elements(message)


def test_done_says_what_no_longer_works_and_where_the_new_one_is() -> None:
    text = tell(State.DONE)
    assert text.startswith(
        "Done. Your old token no longer works in Production for `ada@acme.example`."
    )
    assert "mails the new one to `a…@acme.example`" in text
    assert "The next steps come to you in a direct message." in text


def test_done_under_password_names_both_and_the_order_of_the_mails() -> None:
    text = tell(State.DONE, method=ResetMethod.PASSWORD)
    assert text.startswith(
        "Done. Your old password and token no longer work in Production for `ada@acme.example`."
    )
    assert "The new token comes after you have set it." in text


def test_done_by_the_audit_trail_says_so() -> None:
    text = tell(State.DONE, method=ResetMethod.PASSWORD, seen_in_audit_trail=True)
    assert "Salesforce's audit trail shows the reset; its answer to me was lost." in text
    assert "audit trail" not in tell(State.DONE)


def test_in_the_dm_no_direct_message_is_promised() -> None:
    assert "in a message of their own" in tell(State.DONE, in_dm=True)


@pytest.mark.parametrize("state", [State.DONE, State.UNKNOWN, State.REPORTED])
def test_where_no_dm_can_be_sent_the_next_steps_follow_with_their_buttons(state: State) -> None:
    message = reset_messages.outcome(a_reset(state), NOW, dm_refused=True)
    assert "I couldn't send you a direct message, so the next steps are here:" in read(message)
    assert "1. Find the mail" in read(message)
    assert set(elements(message)) == {"reset.no_email", "reset.not_me"}


@pytest.mark.parametrize("method", METHODS)
def test_unknown_never_says_done_nor_that_nothing_changed(method: ResetMethod) -> None:
    message = reset_messages.outcome(
        a_reset(State.UNKNOWN, method=method, reason=Reason.OUTCOME_UNKNOWN), NOW
    )
    text = f"{message.text}\n{read(message)}".casefold()
    assert "i don't know whether" in text
    assert "done" not in text
    assert "nothing has changed" not in text
    assert "won't send it again by myself" in text


def test_unknown_says_what_to_look_for_and_when_another_try_makes_sense() -> None:
    later = NOW + timedelta(minutes=10)
    text = tell(State.UNKNOWN, intent_at=NOW - timedelta(minutes=1), available_at=later)
    assert f"the mail {SUBJECT}, sent <!date^" in text
    assert "|3 June 2026 at 14:04 UTC> or later" in text
    assert "you can try again from <!date^" in text
    assert "|14:15 UTC>: type `/reset-token`" in text


def test_unknown_whose_cool_down_is_over_names_no_time() -> None:
    text = tell(State.UNKNOWN, available_at=NOW - timedelta(minutes=10))
    assert "you can try again: type `/reset-token`." in text


def test_unknown_under_password_looks_for_the_link_first() -> None:
    text = tell(State.UNKNOWN, method=ResetMethod.PASSWORD)
    assert text.index("link to choose a new password") < text.index(SUBJECT)


def test_reported_is_the_persons_word_and_never_done() -> None:
    text = tell(State.REPORTED, method=ResetMethod.GUIDED)
    assert text.startswith("You told me that you pressed it in Salesforce (Production).")
    assert "I can't see that myself." in text
    assert "Done" not in text


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.OUTCOME_UNKNOWN}))
def test_failed_says_that_nothing_has_changed_why_and_what_to_do(reason: Reason) -> None:
    text = tell(State.FAILED, reason=reason, detail="insufficient_access")
    assert "I couldn't reset your token in Production. Nothing has changed." in text
    assert WORDS[reason].why in text
    assert WORDS[reason].do.format(it="IT") in text
    assert f"For IT: `{reason}` · `insufficient_access` · reset `" in text


def test_failed_may_offer_the_page() -> None:
    message = reset_messages.outcome(a_reset(State.FAILED, reason=Reason.INTERNAL), NOW, link=LINK)
    assert "You can do it yourself: <https://acme.my.salesforce.com/" in read(message)


@pytest.mark.parametrize(
    "state",
    sorted(set(State) - {State.DONE, State.UNKNOWN, State.REPORTED, State.FAILED}),
)
def test_what_has_not_ended_by_running_has_no_outcome(state: State) -> None:
    with pytest.raises(ValueError, match="is no outcome"):
        reset_messages.outcome(a_reset(state), NOW)


def test_guided_gives_the_link_the_way_by_hand_and_its_time() -> None:
    reset = a_reset(
        State.AWAITING_PRESS, method=ResetMethod.GUIDED, deadline=NOW + timedelta(minutes=25)
    )
    message = reset_messages.guided(reset, LINK)
    text = read(message)
    assert "retURL=%2Fui&amp;setupid=ResetApiToken|Open the page in Salesforce>" in text
    assert (
        "*Settings* → *My Personal Information* → *Reset My Security Token*, "
        "then press *Reset Security Token*."
    ) in text
    assert "|14:30 UTC>" in text
    assert set(elements(message)) == {"reset.pressed", "reset.cancel"}
    assert "couldn't" not in text


def test_guided_without_a_link_still_gives_the_way_by_hand() -> None:
    text = read(reset_messages.guided(a_reset(State.AWAITING_PRESS), None))
    assert "In Salesforce: your avatar → *Settings*" in text
    assert "Open the page" not in text


@pytest.mark.parametrize("reason", [Reason.SALESFORCE_UNAVAILABLE, Reason.PAGE_UNUSABLE])
def test_a_fall_back_says_why_and_that_nothing_has_changed(reason: Reason) -> None:
    message = reset_messages.guided(a_reset(State.AWAITING_PRESS, reason=reason), LINK)
    text = read(message)
    assert f"I couldn't do it for you. {WORDS[reason].why} Nothing has changed." in text
    assert "You can do it yourself:" in text
    assert "Nothing has changed." in message.text


def test_a_fall_back_for_an_expired_password_says_what_comes_first() -> None:
    reset = a_reset(State.AWAITING_PRESS, reason=Reason.PASSWORD_EXPIRED)
    assert "choose a new password" in read(reset_messages.guided(reset, LINK))


@pytest.mark.parametrize(
    "waited_in", [State.AWAITING_CHOICE, State.AWAITING_USER, State.AWAITING_IT]
)
def test_cancelled_and_expired_say_that_nothing_has_changed(waited_in: State) -> None:
    cancelled = reset_messages.cancelled(a_reset(State.CANCELLED, detail=waited_in))
    assert cancelled.text == "Cancelled. Nothing has changed."
    expired = reset_messages.expired(a_reset(State.EXPIRED, detail=waited_in))
    assert "expired" in expired.text
    assert "Nothing has changed." in expired.text
    assert "Type `/reset-token` to start again." in expired.text
    assert not elements(cancelled)
    assert not elements(expired)


@pytest.mark.parametrize("say", [reset_messages.cancelled, reset_messages.expired])
def test_what_may_have_happened_on_salesforces_page_is_not_denied(
    say: Callable[[Reset], Message],
) -> None:
    text = say(a_reset(State.EXPIRED, detail=State.AWAITING_PRESS)).text
    assert "I can't see whether you pressed *Reset Security Token* in Salesforce." in text
    assert "If you did, your old token no longer works" in text
    assert "If not, nothing has changed." in text
    assert "Nothing has changed." not in text


def test_a_question_without_an_answer_expires_in_its_own_words() -> None:
    reset = a_reset(State.EXPIRED, detail=State.AWAITING_IT, question=QUESTION)
    text = reset_messages.expired(reset).text
    assert "IT hasn't answered your question" in text
    assert "Nothing has changed." in text


def test_it_is_not_said_to_be_silent_when_it_asked_to_wait() -> None:
    waiting = QUESTION.model_copy(update={"answered_by": "U0ANN", "wait": "Monday"})
    reset = a_reset(State.EXPIRED, detail=State.AWAITING_IT, question=waiting)
    text = reset_messages.expired(reset).text
    assert "hasn't answered" not in text
    assert "IT asked you to wait" in text


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_and_something_to_do(reason: Reason) -> None:
    reset = a_reset(State.FAILED, reason=reason, account=None, detail="code")
    message = reset_messages.refused(reset, IT_CHANNEL)
    text = read(message)
    assert WORDS[reason].why in text
    assert WORDS[reason].do.format(it="IT (<#C0IT>)") in text
    assert ("Nothing has changed" in text) is (reason is not Reason.OUTCOME_UNKNOWN)
    assert f"For IT: `{reason}`" in text


def test_no_two_reasons_say_the_same() -> None:
    assert len({words.why for words in WORDS.values()}) == len(Reason)
    assert len({words.short for words in WORDS.values()}) == len(Reason)


def test_cooling_down_says_from_when() -> None:
    reset = a_reset(State.FAILED, reason=Reason.COOLING_DOWN, available_at=NOW)
    text = read(reset_messages.refused(reset, IT_CHANNEL))
    assert "Another reset is possible from <!date^" in text
    assert SUBJECT in text


def test_a_pause_says_its_reason_when_it_has_one() -> None:
    reset = a_reset(State.FAILED, reason=Reason.PAUSED, detail="Release *night*")
    assert "“Release \u2217night\u2217”" in read(reset_messages.refused(reset, IT_CHANNEL))


def test_an_investigation_is_named_as_it_is() -> None:
    reset = a_reset(State.FAILED, reason=Reason.UNDER_INVESTIGATION)
    text = read(reset_messages.refused(reset, IT_CHANNEL))
    assert "IT is looking at this account. Nothing is reset" in text
    assert "report" not in text


def test_a_refusal_names_the_user_that_it_is_about() -> None:
    account = reset_messages.refused(a_reset(State.FAILED, reason=Reason.FROZEN), IT_CHANNEL)
    assert account.text.startswith("No reset in Production for `ada@acme.example`. ")
    chosen = Choice(id="c" * 32, org="partner", user_id="005", username="ada@partner.example")
    unread = a_reset(State.FAILED, reason=Reason.FROZEN, account=None, org=None, chosen=chosen)
    assert reset_messages.refused(unread, IT_CHANNEL).text.startswith(
        "No reset in Partner for `ada@partner.example`. "
    )


def test_without_an_org_salesforce_itself_is_named() -> None:
    reset = a_reset(State.FAILED, reason=Reason.NO_SALESFORCE_USER, account=None, org=None)
    assert reset_messages.refused(reset, IT_CHANNEL).text.startswith("No reset in Salesforce.")
