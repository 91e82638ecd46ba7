import pytest

from handlers import not_me_messages
from services.resets.states import State
from tests.unit.handlers.examples import (
    APPROVERS,
    IT_CHANNEL,
    NOW,
    RESET_ID,
    a_reset,
    elements,
    read,
)

REPORTED_RESET = a_reset(State.DONE, not_me_at=NOW, intent_at=NOW)


def test_the_person_is_told_that_it_knows_and_to_phone_as_well() -> None:
    text = read(not_me_messages.not_me_told(REPORTED_RESET, IT_CHANNEL))
    assert "I told IT (<#C0IT>) that this reset wasn't you." in text
    assert "You reported it at <!date^" in text
    assert "|14:05 UTC>" in text
    assert "from a device you trust" in text
    assert "change your Salesforce and mail passwords too" in text
    assert "phone IT, because somebody else may be using your Slack account" in text
    assert "change your Slack password and sign out" in text


def test_when_it_could_not_be_told_that_is_not_claimed() -> None:
    text = read(not_me_messages.not_me_failed(REPORTED_RESET))
    assert "I couldn't reach IT in Slack" in text
    assert "Phone them now" in text
    assert RESET_ID in text
    assert "I told IT" not in text


def test_the_card_has_who_when_what_and_how_far() -> None:
    text = read(not_me_messages.alert(REPORTED_RESET, APPROVERS))
    for fact in (
        "<@U0ADA>, id `U0ADA`, team `T0ACME`",
        "`ada@acme.example`, id `005000000000001AAA`",
        "Production",
        f"*Reset:* `{RESET_ID}`",
        "*Method:* token only",
        "*State:* done",
        "*Asked for:* <!date^",
        "*Sent:* <!date^",
    ):
        assert fact in text


def test_the_card_says_what_else_has_to_be_done() -> None:
    text = read(not_me_messages.alert(REPORTED_RESET, APPROVERS))
    assert "started from the Slack account of <@U0ADA>" in text
    assert "End its Slack sessions too" in text
    assert "A reset of the token alone is not containment" in text
    order = ["1. Phone <@U0ADA>", "2. *Salesforce:* freeze", "3. *Slack:*", "4. *Mailbox* `a…@"]
    order.append("5. Press *Looked into*")
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)


def test_closing_asks_whether_the_account_is_safe() -> None:
    close = elements(not_me_messages.alert(REPORTED_RESET, APPROVERS))["alert.close"]
    assert close["confirm"]["title"]["text"] == "Close this alert?"
    assert close["confirm"]["text"]["text"] == (
        "Only when the person is reached and the account is safe."
    )


def test_the_card_calls_the_approvers_in_its_notification_too() -> None:
    message = not_me_messages.alert(REPORTED_RESET, APPROVERS)
    assert message.text.startswith("<@U0ANN> <!subteam^S0HELPDESK> ")
    assert "<@U0ANN> <!subteam^S0HELPDESK>" in read(message)
    assert set(elements(message)) == {"alert.close"}


def test_without_approvers_the_card_says_so() -> None:
    message = not_me_messages.alert(REPORTED_RESET, ())
    assert "No approvers are set" in read(message)
    assert message.text.startswith("<@U0ADA> says")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DONE, "*State:* done"),
        (State.UNKNOWN, "*State:* not known whether it took effect"),
        (State.REPORTED, "*State:* the person said that they pressed the button"),
    ],
)
def test_the_card_claims_no_more_than_is_known(state: State, words: str) -> None:
    assert words in read(not_me_messages.alert(a_reset(state, not_me_at=NOW), ()))


def test_a_press_in_salesforce_was_reported_not_sent() -> None:
    reset = a_reset(State.REPORTED, not_me_at=NOW, intent_at=NOW)
    text = read(not_me_messages.alert(reset, ()))
    assert "*Press reported:* <!date^" in text
    assert "*Sent:*" not in text


def test_a_closed_card_names_who_closed_it_and_has_no_button() -> None:
    closed = REPORTED_RESET.model_copy(update={"alert_closed_by": "U0ANN", "alert_closed_at": NOW})
    message = not_me_messages.alert_closed(closed)
    assert "*Looked into* by <@U0ANN>, <!date^" in read(message)
    assert "unless another alert on this user is still open" in read(message)
    assert RESET_ID in read(message)
    assert not elements(message)
