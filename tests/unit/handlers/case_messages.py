"""Every message and form about a case, in each of its shapes."""

from collections.abc import Iterator
from typing import Any

from handlers import (
    breach_card_messages,
    breach_decision_messages,
    breach_report_messages,
    containment_messages,
    review_messages,
    thread_moved,
)
from handlers.blocks import said
from handlers.case_wording import Told
from handlers.message import Message
from services.cases.model import Case, Problem
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.resets.policy import Answer, AnswerCode
from tests.unit.handlers.case_examples import (
    APPROVAL,
    CLOSING,
    DENIAL,
    NOT_ME,
    OVERRIDE,
    RULES,
    a_case,
    a_contained_case,
    a_planned_case,
    a_step,
)
from tests.unit.handlers.examples import APPROVERS, IT_CHANNEL, NOW

ORGS = ("production", "partner")


def a_case_of_each_kind() -> list[Case]:
    """One for each way in which a case stands, breach and planned."""
    held = a_step(StepKind.PASSWORD, StepState.HELD)
    failed = a_step(StepKind.SESSIONS, StepState.FAILED, code="still_open", left=1)
    return [
        *(a_case(state) for state in CaseState),
        *(a_planned_case(state) for state in CaseState),
        a_case(reports=(NOT_ME,), slack_suspected=True),
        a_case(problem=Problem.OWN_USER, target=None),
        a_case(approvals=(OVERRIDE,)),
        a_case(CaseState.APPROVED, approvals=(APPROVAL,), steps=(failed, held)),
        a_case(CaseState.DENIED, denial=DENIAL),
        a_contained_case(),
        a_contained_case(held, failed),
    ]


def messages_about(case: Case) -> Iterator[Message]:
    """Every message about one case."""
    yield breach_report_messages.reported(case.id, IT_CHANNEL)
    yield breach_report_messages.planned_reported(case.id, IT_CHANNEL)
    yield breach_report_messages.too_many(NOW)
    yield breach_report_messages.not_saved()
    yield breach_report_messages.it_has_it(case, IT_CHANNEL)
    yield breach_report_messages.it_unreachable(case)
    yield breach_report_messages.joined(case, IT_CHANNEL)
    yield breach_report_messages.no_decision_yet(case, IT_CHANNEL)
    yield breach_report_messages.decided(case)
    yield breach_report_messages.refused(case)
    yield said(breach_report_messages.too_many_in_form(NOW, NOW))
    yield breach_report_messages.usage(IT_CHANNEL)
    yield breach_card_messages.card(case, APPROVERS, RULES)
    yield breach_card_messages.card_over(case)
    yield breach_card_messages.card_decided(case)
    yield breach_card_messages.reminder(case, APPROVERS, 10)
    yield breach_card_messages.second_needed(case, APPROVERS)
    yield breach_card_messages.escalation(case, "channel")
    yield breach_card_messages.overridden(case)
    yield breach_card_messages.summary([case], 11, APPROVERS)
    yield breach_card_messages.summary_over(3)
    yield breach_card_messages.summary_reminder(11, APPROVERS)
    yield breach_card_messages.summary_escalation(11, "channel")
    yield review_messages.reviewed(1, [(case, Answer(code=AnswerCode.CARD_OVER))])
    yield containment_messages.progress(case)
    for told in Told:
        yield containment_messages.next_steps(case, told)
    yield thread_moved.moved(case)
    yield containment_messages.told_person(case)
    yield containment_messages.told_owner(case)
    yield containment_messages.closed(case.model_copy(update={"closed": CLOSING}))


def case_messages() -> Iterator[Message]:
    """Every message about any case."""
    for case in a_case_of_each_kind():
        yield from messages_about(case)


def case_views() -> list[dict[str, Any]]:
    """Every form about a case."""
    case = a_case()
    return [
        breach_report_messages.report_form(ORGS),
        breach_report_messages.planned_form(ORGS),
        breach_decision_messages.looking_view("Approve"),
        breach_decision_messages.approve_form(case, RULES, 1),
        breach_decision_messages.override_form(case),
        breach_decision_messages.deny_form(case),
        breach_decision_messages.address_form(case, "ada@acme.example", None),
        review_messages.review_form([case], tuple(StepKind)),
        breach_decision_messages.evidence_view(case, None),
    ]
