"""IT's card once it is over or decided on, and what the channel is told around it."""

from datetime import timedelta

import pytest

from handlers import breach_card_messages
from services.cases.model import Case, Problem
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.unit.handlers.case_examples import (
    ALERT,
    APPROVAL,
    CLOSING,
    DENIAL,
    OVERRIDE,
    a_case,
    a_contained_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import APPROVERS, NOW, elements, read

ADMIN = a_target(is_admin=True, profile="System Administrator")
BEGUN_ALONE = (
    a_step(StepKind.FREEZE, StepState.DONE),
    a_step(StepKind.SESSIONS, StepState.RUNNING),
    a_step(StepKind.GRANTS, StepState.WAITING),
    a_step(StepKind.PASSWORD, StepState.WAITING),
)


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def test_a_card_that_is_over_has_no_buttons_and_no_decision() -> None:
    message = breach_card_messages.card_over(a_case())
    assert not elements(message)
    assert "*No decision was made on this card*" in read(message)
    assert "It goes on with the newest card" in read(message)


def decided(case: Case) -> str:
    message = breach_card_messages.card_decided(case)
    assert not elements(message)
    return read(message)


def test_an_approved_card_says_who_when_and_which_steps_but_not_that_they_are_done() -> None:
    freezing = (a_step(StepKind.FREEZE, StepState.RUNNING), a_step(StepKind.SESSIONS))
    partly = APPROVAL.model_copy(update={"steps": (StepKind.FREEZE, StepKind.SESSIONS)})
    case = a_case(CaseState.APPROVED, approvals=(partly,), steps=freezing)
    text = decided(case)
    assert "*Approved* by <@U0IVAN>, <!date^" in text
    assert "freeze the user, end open sessions." in text
    assert "*Not done:* revoke OAuth grants, reset password and token." in text
    assert "The thread shows each step and how it ended." in text
    assert "frozen" not in text
    assert "Spoke to her manager." not in text, "a note is for the thread"


def test_a_denied_card_has_the_reason_and_says_that_nothing_was_changed() -> None:
    text = decided(a_case(CaseState.DENIED, denial=DENIAL))
    assert "*Denied* by <@U0IRIS>, <!date^" in text
    assert "“She is in Oslo, I phoned her.”" in text
    assert "Nothing was changed in Salesforce." in text


def test_a_card_without_an_account_was_closed_not_denied() -> None:
    case = a_case(CaseState.DENIED, denial=DENIAL, target=None, problem=Problem.UNKNOWN_USER)
    assert "*Closed* by <@U0IRIS>" in decided(case)


def test_an_override_is_marked_and_its_denied_rest_does_not_undo_it() -> None:
    case = a_case(
        CaseState.APPROVED, target=ADMIN, approvals=(OVERRIDE,), denial=DENIAL, steps=BEGUN_ALONE
    )
    text = decided(case)
    assert "*Emergency override* by <@U0BEN>, <!date^" in text
    assert "alone, on their own report: freeze the user, end open sessions." in text
    assert "*The rest denied* by <@U0IRIS>" in text
    assert "Nothing was changed" not in text


def test_a_denial_after_the_first_of_two_approvals_denies_all_of_it() -> None:
    first = APPROVAL.model_copy(update={"steps": (StepKind.FREEZE,)})
    case = a_case(CaseState.DENIED, target=ADMIN, approvals=(first,), denial=DENIAL)
    text = decided(case)
    assert "*Denied* by <@U0IRIS>" in text
    assert "Nothing was changed in Salesforce." in text
    assert "The rest denied" not in text
    assert "*Not done:*" not in text


def test_a_merged_card_says_that_it_joined_another() -> None:
    text = decided(a_case(CaseState.MERGED, merged_into="1" * 32))
    assert "*Joined another report* about the same account." in text


def test_a_closed_card_says_who_closed_it() -> None:
    case = a_contained_case(closed=CLOSING).model_copy(update={"state": CaseState.CLOSED})
    assert "*Closed* by <@U0IRIS>" in decided(case)


def test_the_reminder_calls_the_approvers_again() -> None:
    message = breach_card_messages.reminder(a_case(), APPROVERS, 30)
    assert message.text.startswith(
        "<@U0ANN> <!subteam^S0HELPDESK> No decision after 30 minutes: suspected breach, high "
        "urgency, <@U0ADA>"
    )
    assert "Nothing has changed in Salesforce yet." in read(message)
    begun = breach_card_messages.reminder(a_case(steps=BEGUN_ALONE), APPROVERS, 10)
    assert "Some steps have begun; the rest waits." in read(begun)


def test_another_approver_is_called_once_one_has_approved() -> None:
    case = a_case(target=ADMIN, approvals=(OVERRIDE, APPROVAL), steps=BEGUN_ALONE)
    message = breach_card_messages.second_needed(case, APPROVERS)
    assert message.text.startswith(
        "<@U0ANN> <!subteam^S0HELPDESK> <@U0IVAN> has approved, and it takes another approver: "
    )
    assert "The buttons are on the card." in read(message)


@pytest.mark.parametrize(
    ("group", "called"), [("channel", "<!channel>"), ("S0HELPDESK", "<!subteam^S0HELPDESK>")]
)
def test_an_escalation_calls_more_people_and_says_what_they_can_do(group: str, called: str) -> None:
    message = breach_card_messages.escalation(a_case(), group)
    assert message.text.startswith(f"{called} Nobody of IT's approvers has decided since")
    assert "reach an approver, by phone if need be" in read(message)


def test_an_override_is_told_to_the_whole_channel_with_its_reason() -> None:
    case = a_case(target=ADMIN, approvals=(OVERRIDE,), steps=BEGUN_ALONE)
    message = breach_card_messages.overridden(case)
    text = read(message)
    assert message.text.startswith("<!channel> Emergency override by <@U0BEN> on <@U0ADA>")
    assert "alone, on their own report" in text
    assert "*Why:* “Nobody answers the phone and data is leaving.”" in text
    assert "*Begun:* freeze the user, end open sessions." in text
    assert "*Waits for another approver:* revoke OAuth grants, reset password and token." in text
    assert "Marked as an override in the audit." in text


def test_an_override_on_somebody_without_admin_rights_leaves_nothing_waiting() -> None:
    case = a_case(CaseState.APPROVED, approvals=(OVERRIDE,), steps=(a_step(StepKind.FREEZE),))
    assert "Waits for another approver" not in read(breach_card_messages.overridden(case))


def test_the_summary_names_the_most_urgent_first_and_counts_the_rest() -> None:
    old = a_case(id="1" * 32, reports=(ALERT,), created_at=NOW - timedelta(hours=2))
    new = a_case(id="2" * 32, created_at=NOW)
    text = read(breach_card_messages.summary([new, old], 12, APPROVERS))
    assert "*12 reports wait for a decision.*" in text
    assert in_order(text, "“Impossible travel”", "“Logins from Oslo")
    assert "And 10 more." in text
    assert "Each also gets a card of its own, one a second." in text
    button = elements(breach_card_messages.summary([new, old], 12, APPROVERS))["breach.review"]
    assert button["value"] == "0" * 32


def test_the_summary_steps_back_when_few_are_left() -> None:
    assert "3 reports wait" in breach_card_messages.summary_over(3).text
    none = breach_card_messages.summary_over(0)
    assert none.text == "This summary is over. None is open now."
    assert not elements(none)


def test_one_reminder_for_all_that_is_open() -> None:
    text = breach_card_messages.summary_reminder(12, APPROVERS).text
    assert text == "<@U0ANN> <!subteam^S0HELPDESK> 12 reports wait for a decision."
