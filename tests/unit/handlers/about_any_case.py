"""Every message and form about a case, and what has to hold for each, whatever is in it."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from handlers import (
    breach_card_messages,
    breach_decision_messages,
    breach_report_messages,
    containment_messages,
    review_messages,
    thread_moved,
)
from handlers.case_wording import Told
from handlers.fitting import MOST_CHARACTERS, size
from handlers.message import Message
from services.cases.model import Case
from services.cases.steps import StepKind
from services.resets.policy import Answer, AnswerCode
from tests.unit.handlers.case_examples import (
    RULES,
)
from tests.unit.handlers.examples import APPROVERS, IT_CHANNEL
from tests.unit.handlers.limits import check_message, mrkdwn

ABOUT_ANY: dict[str, Callable[[Case], Message]] = {
    "it_has_it": lambda case: breach_report_messages.it_has_it(case, IT_CHANNEL),
    "it_unreachable": breach_report_messages.it_unreachable,
    "joined": lambda case: breach_report_messages.joined(case, IT_CHANNEL),
    "no_decision_yet": lambda case: breach_report_messages.no_decision_yet(case, IT_CHANNEL),
    "decided": breach_report_messages.decided,
    "refused": breach_report_messages.refused,
    "card": lambda case: breach_card_messages.card(case, APPROVERS, RULES),
    "card_over": breach_card_messages.card_over,
    "card_decided": breach_card_messages.card_decided,
    "reminder": lambda case: breach_card_messages.reminder(case, APPROVERS, 10),
    "summary": lambda case: breach_card_messages.summary([case], 12, APPROVERS),
    "second_needed": lambda case: breach_card_messages.second_needed(case, APPROVERS),
    "progress": containment_messages.progress,
    **{f"next_{told}": partial(containment_messages.next_steps, told=told) for told in Told},
    "told_person": containment_messages.told_person,
    "told_owner": containment_messages.told_owner,
    "closed": containment_messages.closed,
    "moved": thread_moved.moved,
    "reviewed": lambda case: review_messages.reviewed(
        1, [(case, Answer(code=AnswerCode.CARD_OVER))]
    ),
}

CALLING: dict[str, Callable[[Case], Message]] = {
    "escalation": lambda case: breach_card_messages.escalation(case, "channel"),
    "overridden": breach_card_messages.overridden,
}
"""These call everybody in the channel."""

KINDS = (StepKind.FREEZE, StepKind.SESSIONS, StepKind.GRANTS, StepKind.PASSWORD)

FORMS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "approve": lambda case: breach_decision_messages.approve_form(case, RULES, 2),
    "override": breach_decision_messages.override_form,
    "deny": breach_decision_messages.deny_form,
    "review": lambda case: review_messages.review_form([case], KINDS),
    "evidence": lambda case: breach_decision_messages.evidence_view(case, None),
}


def known_in(case: Case) -> set[str]:
    decisions = [*case.approvals, case.denial, case.closed, case.address_confirmed]
    return {
        *APPROVERS,
        *case.reporters,
        case.suspect or "",
        case.misnamed or "",
        case.owner or "",
        *(one.by.user_id for one in decisions if one is not None),
    }


def check(message: Message, known: set[str]) -> None:
    """The limits, and that nobody is called who isn't part of it."""
    check_message(message)
    assert size(message.blocks) <= MOST_CHARACTERS
    for text in [message.text, *(one["text"] for one in mrkdwn(list(message.blocks)))]:
        assert set(re.findall(r"<(?:@|!subteam\^)([A-Z0-9]+)>", text)) <= known


def uncalled(message: Message) -> Message:
    """Take away the one mention of everybody that stands in front."""
    blocks = json.dumps(message.blocks)
    assert message.text.startswith("<!channel> ")
    assert blocks.count("<!channel>") == 1
    without = json.loads(blocks.replace("<!channel> ", ""))
    return Message(text=message.text.removeprefix("<!channel> "), blocks=tuple(without))
