from handlers import breach_card_messages, not_me_messages
from services.cases.states import CaseState
from services.resets.states import State
from tests.unit.handlers.case_examples import DENIAL, NOT_ME, RULES, a_case
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
REPORTED_CASE = a_case(reports=(NOT_ME,), slack_suspected=True)


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


def test_the_card_says_whose_account_it_came_from_and_which_reset() -> None:
    text = read(breach_card_messages.card(REPORTED_CASE, APPROVERS, RULES))
    for fact in (
        "<@U0ADA> pressed *This wasn't me*, <!date^",
        "started from their own Slack account",
        "*phone them, don't write by Slack.*",
        f"`{NOT_ME.reset_id}`",
        "*Their Slack account may be in other hands too.* I write nothing to it. Phone them.",
        "`ada@acme.example`, id `005000000000001AAA`",
    ):
        assert fact in text


def test_the_card_says_that_a_reset_alone_is_not_containment() -> None:
    text = read(breach_card_messages.card(REPORTED_CASE, APPROVERS, RULES))
    assert "A reset of the token alone is not containment" in text
    assert "*Put into the thread* the text for the person, for you to tell them by phone" in text


def test_the_card_calls_the_approvers_in_its_notification_too() -> None:
    message = breach_card_messages.card(REPORTED_CASE, APPROVERS, RULES)
    assert message.text.startswith("<@U0ANN> <!subteam^S0HELPDESK> ")
    assert "<@U0ANN> <!subteam^S0HELPDESK>" in read(message)
    assert set(elements(message)) == {"breach.approve", "breach.deny"}


def test_without_approvers_the_card_says_so() -> None:
    message = breach_card_messages.card(REPORTED_CASE, (), RULES)
    assert "No approvers are set" in read(message)
    assert message.text.startswith("Suspected breach, critical: <@U0ADA>")


def test_a_decided_card_names_who_decided_and_has_no_button() -> None:
    denied = REPORTED_CASE.model_copy(update={"state": CaseState.DENIED, "denial": DENIAL})
    message = breach_card_messages.card_decided(denied)
    assert "<@U0IRIS>, <!date^" in read(message)
    assert "She is in Oslo, I phoned her." in read(message)
    assert denied.id in read(message)
    assert not elements(message)
