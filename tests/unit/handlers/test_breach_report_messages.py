from typing import Any

import pytest

from handlers import breach_report_messages
from services.cases.model import Case, Problem
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.unit.handlers.case_examples import (
    ALL_STEPS,
    APPROVAL,
    CASE_ID,
    DENIAL,
    OVERRIDE,
    a_case,
    a_contained_case,
    a_planned_case,
    a_step,
)
from tests.unit.handlers.examples import IT_CHANNEL, NOW, read, strings

ORGS = ("production", "partner")


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["block_id"]: one for one in view["blocks"] if one["type"] == "input"}


def words(view: dict[str, Any]) -> str:
    return "\n".join(strings(view["blocks"]))


def test_the_form_asks_whose_account_what_happened_and_how_urgent_it_is() -> None:
    view = breach_report_messages.report_form(ORGS, metadata="https://acme.slack.com/x")
    assert view["callback_id"] == "breach.report"
    assert view["private_metadata"] == "https://acme.slack.com/x"
    asked = fields(view)
    assert list(asked) == ["person", "username", "org", "reason", "seen", "urgency", "slack"]
    optional = {name for name, one in asked.items() if one.get("optional")}
    assert optional == {"person", "username", "seen", "slack"}
    assert asked["org"]["element"]["initial_option"]["value"] == "any"
    assert [one["value"] for one in asked["org"]["element"]["options"]] == ["any", *ORGS]
    assert asked["urgency"]["element"]["initial_option"]["value"] == "high"
    urgencies = [one["value"] for one in asked["urgency"]["element"]["options"]]
    assert urgencies == ["critical", "high", "medium", "low"]
    assert "initial_options" not in asked["slack"]["element"]


def test_the_form_warns_of_secrets_and_of_warning_the_attacker() -> None:
    text = words(breach_report_messages.report_form(ORGS))
    assert "Never write a token or a password." in text
    assert "Don't warn the person by Slack or mail" in text
    assert "phone IT" in text


def test_one_org_is_not_asked_for() -> None:
    assert "org" not in fields(breach_report_messages.report_form(["production"]))
    assert "planned_org" not in fields(breach_report_messages.planned_form(["production"]))


def test_what_was_typed_already_is_there_already() -> None:
    view = breach_report_messages.report_form(
        ORGS, person="U0ADA", username="ada@acme.example", reason="x" * 10_000
    )
    asked = fields(view)
    assert asked["person"]["element"]["initial_user"] == "U0ADA"
    assert asked["username"]["element"]["initial_value"] == "ada@acme.example"
    assert asked["reason"]["element"]["initial_value"] == "x" * 3000
    assert asked["reason"]["element"]["max_length"] == 3000


def test_a_planned_reset_is_one_press_away() -> None:
    (row,) = [
        one
        for one in breach_report_messages.report_form(ORGS)["blocks"]  # type: ignore[attr-defined]  # a view is plain JSON
        if one["type"] == "actions"
    ]
    (button,) = row["elements"]
    assert (button["action_id"], button["value"]) == ("breach.plan_instead", "0" * 32)


def test_the_planned_form_states_the_cost_and_asks_for_an_owner() -> None:
    view = breach_report_messages.planned_form(ORGS)
    assert view["callback_id"] == "breach.plan"
    assert not view.get("private_metadata")
    asked = fields(view)
    assert list(asked) == ["username", "planned_org", "reason", "owner"]
    assert not [name for name, one in asked.items() if one.get("optional")]
    assert "initial_option" not in asked["planned_org"]["element"]
    assert [one["value"] for one in asked["planned_org"]["element"]["options"]] == [*ORGS]
    text = words(view)
    assert "password and security token both stop working at once" in text
    assert "to the address on that Salesforce user" in text
    assert "For an API Only user there is no other way." in text
    assert "Another approver decides" in text


def test_a_report_is_saved_and_it_is_being_told_but_has_not_read_it_yet() -> None:
    message = breach_report_messages.reported(CASE_ID, IT_CHANNEL)
    text = read(message)
    assert "I'm telling IT (<#C0IT>)" in text
    assert "If it's urgent, phone IT now" in text
    assert "Don't warn the suspected person by Slack or mail" in text
    assert "Nothing changes in Salesforce until an approver says so." in text
    assert f"`{CASE_ID}`" in text
    assert "IT (<#C0IT>) has" not in text
    assert "<" not in message.text


def test_a_planned_reset_is_saved_and_another_approver_will_be_asked() -> None:
    text = read(breach_report_messages.planned_reported(CASE_ID, IT_CHANNEL))
    assert "then ask another of them in IT (<#C0IT>)" in text
    assert "suspected" not in text


def test_too_many_reports_were_not_sent_and_its_text_can_stand_in_a_form() -> None:
    message = breach_report_messages.too_many(NOW)
    assert "This report was not sent." in message.text
    assert "phone IT now" in message.text
    assert not set(message.text) & set("<>`*")
    assert "I take the next one from <!date^" in read(message)


def test_once_the_card_stands_it_has_it() -> None:
    text = read(breach_report_messages.it_has_it(a_case(), IT_CHANNEL))
    assert "IT (<#C0IT>) has your report about <@U0ADA> in Production. An approver decides." in text
    planned = read(breach_report_messages.it_has_it(a_planned_case(), IT_CHANNEL))
    assert "has your planned reset of `sync@acme.example` in Production" in planned
    assert "suspected" not in planned


def test_without_an_account_nobody_is_said_to_decide() -> None:
    case = a_case(target=None, problem=Problem.UNKNOWN_USER)
    text = read(breach_report_messages.it_has_it(case, IT_CHANNEL))
    assert "I found no Salesforce user for" in text
    assert "there is nothing to approve" in text
    assert "An approver decides" not in text
    assert "phone IT now" in text


def test_the_reporter_is_told_no_more_of_the_account_than_they_said() -> None:
    for case in (a_case(), a_contained_case()):
        text = read(breach_report_messages.it_has_it(case, IT_CHANNEL))
        text += read(breach_report_messages.decided(case))
        assert "ada@acme.example" not in text
        assert "a…@" not in text


def test_where_it_cannot_be_reached_only_a_phone_helps() -> None:
    message = breach_report_messages.it_unreachable(a_case())
    assert message.text == "I couldn't reach IT in Slack: phone them now."
    assert "They may not have seen your report" in read(message)
    assert CASE_ID in read(message)


def test_a_second_report_joins_the_first() -> None:
    text = read(breach_report_messages.joined(a_case(CaseState.MERGED), IT_CHANNEL))
    assert "has been reported already. Yours was added to it" in text


def test_no_decision_is_not_an_end() -> None:
    text = read(breach_report_messages.no_decision_yet(a_case(), IT_CHANNEL))
    assert "hasn't decided yet about your report about <@U0ADA>" in text
    assert "It stays open until somebody decides." in text
    assert "daily for 7 days" in text
    assert "Nothing changes in Salesforce until an approver says so." in text


def test_nothing_is_called_untouched_that_an_override_has_begun() -> None:
    case = a_case(approvals=(OVERRIDE,), steps=(a_step(StepKind.FREEZE, StepState.RUNNING),))
    text = read(breach_report_messages.no_decision_yet(case, IT_CHANNEL))
    assert "Some steps were begun; the rest waits." in text
    assert "Nothing changes" not in text


def test_a_denial_brings_its_reason_word_for_word() -> None:
    message = breach_report_messages.decided(a_case(CaseState.DENIED, denial=DENIAL))
    assert message.text == "IT decided against acting on your report about <@U0ADA> in Production."
    assert "<@U0IRIS>, <!date^" in read(message)
    assert "“She is in Oslo, I phoned her.”" in read(message)
    assert "I changed nothing in Salesforce." in read(message)


def test_a_report_without_an_account_was_closed() -> None:
    case = a_case(CaseState.DENIED, denial=DENIAL, target=None, problem=Problem.UNKNOWN_USER)
    assert breach_report_messages.decided(case).text == (
        "IT has closed your report about <@U0ADA>."
    )


def test_an_approval_is_no_success() -> None:
    steps = tuple(a_step(kind) for kind in ALL_STEPS)
    case = a_case(CaseState.APPROVED, approvals=(APPROVAL,), steps=steps)
    text = read(breach_report_messages.decided(case))
    assert (
        "*IT is acting on your report about <@U0ADA> in Production.* Approved by <@U0IVAN>." in text
    )
    assert "*Where it stands now:*" in text
    assert "• Freeze the user: about to begin" in text
    assert ": done" not in text
    assert "Spoke to her manager." not in text, "a note is for IT"


def test_what_was_done_is_told_step_by_step() -> None:
    case = a_contained_case(
        a_step(StepKind.FREEZE, StepState.FAILED, code="last_admin"),
        a_step(StepKind.SESSIONS, StepState.FAILED, code="still_open", count=2, left=1),
        a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout"),
    )
    text = read(breach_report_messages.decided(case))
    assert "*What was done:*" in text
    assert "• Freeze the user: not done" in text
    assert "• End open sessions: not all of it done" in text
    assert "• Revoke OAuth grants: done" in text
    assert "• Reset password and token: unknown whether it was done" in text


def test_an_override_and_a_denied_rest_are_both_told() -> None:
    steps = (
        a_step(StepKind.FREEZE, StepState.DONE),
        a_step(StepKind.PASSWORD, StepState.SKIPPED),
    )
    case = a_case(CaseState.APPROVED, approvals=(OVERRIDE,), denial=DENIAL, steps=steps)
    text = read(breach_report_messages.decided(case))
    assert "Emergency override by <@U0BEN>" in text
    assert "The rest was denied by <@U0IRIS>" in text
    assert "• Reset password and token: left out" in text


REFUSED = a_planned_case(CaseState.REFUSED, target=None, card=None)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (
            REFUSED.model_copy(update={"detail": "not_approver"}),
            "Only IT's approvers may ask for a planned reset.",
        ),
        (REFUSED.model_copy(update={"detail": "approvers_unknown"}), "so I took it for a no."),
        (REFUSED.model_copy(update={"problem": Problem.UNKNOWN_USER}), "`sync@acme.example`"),
    ],
)
def test_a_refused_plan_says_why_and_what_to_do(case: Case, why: str) -> None:
    text = read(breach_report_messages.refused(case))
    assert "*I couldn't take your planned reset.*" in text
    assert why in text
    assert "I changed nothing in Salesforce." in text


def test_how_to_report_without_the_form() -> None:
    message = breach_report_messages.usage(IT_CHANNEL)
    assert "Nothing was reported." in message.text
    assert "`/reset-token breach @person what happened`" in read(message)
