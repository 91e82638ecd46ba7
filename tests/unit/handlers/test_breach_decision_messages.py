from datetime import timedelta
from typing import Any

import pytest

from handlers import breach_decision_messages, review_messages
from handlers.form_fields import MOST_LABEL
from handlers.step_words import BOXES
from services.cases.model import Card, Problem
from services.cases.steps import StepKind, StepState
from services.masking import digest
from services.resets.policy import Answer, AnswerCode
from services.salesforce.records import (
    AccountLock,
    Evidence,
    KeptGrant,
    KeptUser,
    Login,
    OpenSession,
)
from tests.unit.handlers.case_examples import (
    ALERT,
    APPROVAL,
    CARD_ID,
    CASE_ID,
    OVERRIDE,
    REPORT,
    RULES,
    a_case,
    a_planned_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import NOW, read, strings

ALL = ["freeze", "sessions", "grants", "password"]
ADMIN = a_target(is_admin=True)
BEGUN_ALONE = (
    a_step(StepKind.FREEZE, StepState.DONE),
    a_step(StepKind.SESSIONS, StepState.DONE),
    a_step(StepKind.GRANTS, StepState.WAITING),
    a_step(StepKind.PASSWORD, StepState.WAITING),
)


def field(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in view["blocks"] if one.get("block_id") == block_id)
    return found


def offered(view: dict[str, Any], block_id: str = "steps") -> list[str]:
    return [one["value"] for one in field(view, block_id)["element"]["options"]]


def chosen(view: dict[str, Any], block_id: str = "steps") -> list[str]:
    return [one["value"] for one in field(view, block_id)["element"].get("initial_options", [])]


def words(view: dict[str, Any]) -> str:
    return "\n".join(strings(view["blocks"]))


@pytest.mark.parametrize("kind", BOXES)
def test_a_checkbox_says_in_one_line_what_it_does_and_what_it_does_not(kind: StepKind) -> None:
    assert len(BOXES[kind]) <= MOST_LABEL
    assert BOXES[kind].count(".") == 2


def test_the_view_that_opens_at_once_sends_nothing() -> None:
    view = breach_decision_messages.looking_view("Approve")
    assert "submit" not in view
    assert "callback_id" not in view


def test_every_step_is_on_and_evidence_is_no_choice() -> None:
    view = breach_decision_messages.approve_form(a_case(), RULES, 1)
    assert (view["callback_id"], view["private_metadata"]) == ("breach.approve", CARD_ID)
    assert offered(view) == chosen(view) == ALL
    text = words(view)
    assert "I keep evidence first, whatever you choose." in text
    assert "without it an attacker can log in again between the steps" in text
    assert "With your approval it begins at once." in text
    assert field(view, "note")["optional"] is True
    assert "The person doesn't get it." in field(view, "note")["hint"]["text"]


def test_the_form_warns_of_a_differing_address_too() -> None:
    differs = a_case(target=a_target(address_differs=True))
    text = words(breach_decision_messages.approve_form(differs, RULES, 1))
    assert "*That isn't the address that Slack has for this person.*" in text
    same = words(breach_decision_messages.approve_form(a_case(), RULES, 1))
    assert "That isn't the address" not in same


def test_the_first_of_two_is_told_that_nothing_is_done_yet() -> None:
    view = breach_decision_messages.approve_form(a_case(target=ADMIN), RULES, 2)
    assert "After yours, 1 more approval is needed. Nothing is done before that" in words(view)
    assert "begins at once" not in words(view)


def test_the_second_of_two_sees_what_the_first_approved() -> None:
    case = a_case(target=ADMIN, approvals=(APPROVAL,))
    text = words(breach_decision_messages.approve_form(case, RULES, 2))
    assert "*Approved by* <@U0IVAN>" in text
    assert "With your approval it begins at once." in text


def test_after_an_override_only_the_rest_is_to_be_approved() -> None:
    case = a_case(target=ADMIN, approvals=(OVERRIDE,), steps=BEGUN_ALONE)
    view = breach_decision_messages.approve_form(case, RULES, 2)
    assert offered(view) == chosen(view) == ["grants", "password"]
    assert "Leave *Freeze* on" not in words(view)


def test_a_planned_reset_offers_one_step_and_states_its_cost() -> None:
    view = breach_decision_messages.approve_form(a_planned_case(), RULES, 1)
    assert offered(view) == ["password"]
    text = words(view)
    assert "password and token both stop working at once" in text
    assert "Its owner is <@U0OLGA>." in text
    assert "evidence" not in text


def test_an_account_without_anything_to_do_offers_nothing() -> None:
    case = a_case(target=None, problem=Problem.UNKNOWN_USER)
    for view in (
        breach_decision_messages.approve_form(case, RULES, 1),
        breach_decision_messages.override_form(case),
        review_messages.review_form([], []),
    ):
        assert "submit" not in view
        assert "There is nothing here that can be done." in words(view)


def test_acting_alone_says_what_it_takes() -> None:
    view = breach_decision_messages.override_form(a_case(target=ADMIN))
    assert (view["callback_id"], view["private_metadata"]) == ("breach.override", CARD_ID)
    assert offered(view) == chosen(view) == ["freeze", "sessions"]
    text = words(view)
    assert "The whole channel is told, with your reason, and it is marked in the audit." in text
    assert "3 times an hour at most" in text
    assert "*Waits for a second approver*, because this account has admin rights: " in text
    assert "revoke OAuth grants, reset password and token." in text
    assert not field(view, "reason").get("optional")


def test_on_anybody_else_acting_alone_may_do_everything() -> None:
    view = breach_decision_messages.override_form(a_case())
    assert offered(view) == ALL
    assert "second approver" not in words(view)


def test_a_denial_asks_for_the_reason_that_the_reporter_gets() -> None:
    view = breach_decision_messages.deny_form(a_case())
    assert (view["callback_id"], view["private_metadata"]) == ("breach.deny", CARD_ID)
    assert "Whoever reported it gets this word for word." in field(view, "reason")["hint"]["text"]
    assert "Nothing is changed in Salesforce." in words(view)
    begun = breach_decision_messages.deny_form(a_case(target=ADMIN, steps=BEGUN_ALONE))
    assert "What an override has begun stays done" in words(begun)
    closing = breach_decision_messages.deny_form(a_case(target=None, problem=Problem.SLACK_BOT))
    assert closing["submit"]["text"] == "Close"  # type: ignore[index]  # a view is plain JSON


def test_both_addresses_are_shown_in_full_to_be_compared() -> None:
    view = breach_decision_messages.address_form(a_case(), "eve@evil.example", "ada@acme.example")
    shown = f"{CASE_ID}:{digest('eve@evil.example')}"
    assert (view["callback_id"], view["private_metadata"]) == ("breach.address", shown)
    text = words(view)
    assert "*Salesforce mails the link to:* `eve@evil.example`" in text
    assert "*In Slack they have:* `ada@acme.example`" in text
    assert "by phone, on a number that you had before, or in person" in text
    assert offered(view, "decision") == ["approve", "deny"]
    assert not field(view, "how").get("optional")


def test_an_address_that_slack_does_not_know_is_said_to_be_so() -> None:
    text = words(breach_decision_messages.address_form(a_case(), "eve@evil.example", None))
    assert "*In Slack:* I know no address of theirs." in text


def test_an_address_that_salesforce_does_not_say_cannot_be_confirmed() -> None:
    view = breach_decision_messages.address_form(a_case(), None, "ada@acme.example")
    assert "submit" not in view
    assert "nothing to confirm yet" in words(view)


def test_many_are_decided_together_each_by_its_own_card() -> None:
    crowd = [a_case(card=Card(id=f"{number:032x}")) for number in range(12)]
    view = review_messages.review_form(crowd, tuple(BOXES))
    assert view["callback_id"] == "breach.review"
    ids = [f"{number:032x}" for number in range(12)]
    assert offered(view, "cases") == chosen(view, "cases") == ids
    assert offered(view) == chosen(view) == ALL
    assert offered(view, "decision") == ["approve", "deny"]
    assert field(view, "steps")["optional"] is True
    assert not field(view, "reason").get("optional")
    assert "12 reports, one decision. Each stays a case of its own" in words(view)


def test_the_review_says_how_many_and_why_not_the_others() -> None:
    refused = [(a_case(), Answer(code=AnswerCode.CARD_OVER))]
    message = review_messages.reviewed(7, refused)
    assert message.text == "7 of 8 decided."
    assert "• <@U0ADA> in Production: This card's time is over." in read(message)
    assert "Not these" not in read(review_messages.reviewed(8, []))


def _evidence(**fields: object) -> Evidence:
    given: dict[str, object] = {
        "user_id": "005000000000001AAA",
        "read_at": NOW,
        "days": 90,
        "user": KeptUser(
            id="005000000000001AAA",
            username="ada@acme.example",
            email="eve@evil.example",
            name="Ada Lovelace",
            profile="Sales User",
            is_active=True,
            user_type="Standard",
        ),
        "sessions": (OpenSession(id="0Ak1", session_type="UI", source_ip="203.0.113.9"),),
        "grants": (KeptGrant(app="Mailer", uses=3),),
        "logins": tuple(
            Login(
                time=NOW - timedelta(minutes=number),
                application="Browser",
                source_ip="203.0.113.9",
                status="Success" if number else "Invalid Password",
            )
            for number in range(60)
        ),
        "lock": AccountLock(is_frozen=False, is_password_locked=True),
    }
    return Evidence.model_validate(given | fields)


def test_the_evidence_has_counts_rows_and_the_whole_address() -> None:
    case = a_case(reports=(REPORT, ALERT))
    text = words(breach_decision_messages.evidence_view(case, _evidence()))
    assert "*Mail goes to:* `eve@evil.example`" in text
    assert "*Open sessions:* 1" in text
    assert "UI, from `203.0.113.9`" in text
    assert "• Mailer: approved not known, last used not known, used 3 times" in text
    assert "*Logins of the last 90 days:* 60, 1 of them failed" in text
    assert "from `203.0.113.9`: Invalid Password" in text
    assert text.count(": Browser, from") == 40
    assert "And 20 more that aren't shown here." in text
    assert "*Lock:* not frozen, locked after failed logins" in text
    assert "&gt; Logins from Oslo at night, she is on holiday." in text
    assert "*By an alert that calls itself “Splunk”*" in text


def test_what_could_not_be_read_is_no_zero() -> None:
    blind = _evidence(
        user=None, sessions=None, grants=None, logins=None, lock=None, needs="Manage Users"
    )
    text = words(breach_decision_messages.evidence_view(a_case(), blind))
    assert "The user record couldn't be read." in text
    assert "*Open sessions:* couldn't be read" in text
    assert "*OAuth grants:* couldn't be read" in text
    assert "*Logins of the last 90 days:* couldn't be read" in text
    assert "*Lock:* couldn't be read" in text
    assert "*Manage Users*" in text
    assert ":* 0" not in text


def test_more_than_one_answer_holds_is_at_least_that_many() -> None:
    text = words(breach_decision_messages.evidence_view(a_case(), _evidence(logins_cut=True)))
    assert "*Logins of the last 90 days:* at least 60" in text


def test_evidence_that_is_gone_is_said_to_be() -> None:
    view = breach_decision_messages.evidence_view(a_case(), None)
    assert "I don't have the evidence" in words(view)
    assert "submit" not in view
