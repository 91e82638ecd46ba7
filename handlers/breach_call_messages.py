"""What calls people about a case: the approvers again, then more people, then everybody."""

from collections.abc import Sequence

from handlers.blocks import context, message, section
from handlers.case_wording import (
    listed,
    place,
    reference,
    suspect,
    title_in_sentence,
    who,
    who_and_when,
)
from handlers.message import Message
from handlers.wording import mentions, quoted, when
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepState

_EVERYBODY = "<!channel>"


def reminder(case: Case, approvers: Sequence[str], minutes: int) -> Message:
    """Ask once more, in the channel."""
    called = mentions(tuple(approvers))
    waited = "a minute" if minutes == 1 else f"{minutes:,} minutes"
    text = (
        f"{called} No decision after {waited}: {title_in_sentence(case)}, {suspect(case)} in "
        f"{place(case)}."
    ).strip()
    return message(text, section(text, f"{_standing(case)} The buttons are on the card."))


def second_needed(case: Case, approvers: Sequence[str]) -> Message:
    """Ask for another approver: one has approved, and the account takes more."""
    called = mentions(tuple(approvers))
    by = who(case.approvals[-1]) if case.approvals else "An approver"
    text = (
        f"{called} {by} has approved, and it takes another approver: {title_in_sentence(case)}, "
        f"{suspect(case)} in {place(case)}."
    ).strip()
    return message(text, section(text, f"{_standing(case)} The buttons are on the card."))


def escalation(case: Case, group: str) -> Message:
    """Call more people: nobody has decided.

    Args:
        case: one that IT has still to decide.
        group: a user group's id, or "channel" for everybody in the channel.
    """
    called = _EVERYBODY if group == "channel" else mentions((group,))
    text = (
        f"{called} Nobody of IT's approvers has decided since "
        f"{when(case.created_at, 'date_time')}: {title_in_sentence(case)}, {suspect(case)} in "
        f"{place(case)}."
    )
    return message(
        text,
        section(
            text,
            f"{_standing(case)} Please reach an approver, by phone if need be. Only approvers can "
            "use the buttons on the card.",
        ),
    )


def overridden(case: Case) -> Message:
    """Tell the whole channel that an approver acted alone on their own report."""
    decision = next((one for one in reversed(case.approvals) if one.override), None)
    by = who_and_when(decision) if decision else "an approver"
    short = who(decision) if decision else "an approver"
    waiting = [one.kind for one in case.steps if one.state is StepState.WAITING]
    why = quoted(decision.note, 1000) if decision and decision.note else "none given"
    return message(
        f"{_EVERYBODY} Emergency override by {short} on {suspect(case)} in {place(case)}.",
        section(
            f"{_EVERYBODY} *Emergency override* by {by}: alone, on their own report.",
            f"*On whom:* {suspect(case)} in *{place(case)}*",
            f"*Why:* {why}",
            f"*Begun:* {listed(decision.steps) if decision else 'not known'}. The card's thread "
            "shows how each ends.",
            _waiting(case, listed(waiting) if waiting else ""),
        ),
        context(f"Marked as an override in the audit. {reference(case.id)}."),
    )


def _waiting(case: Case, steps: str) -> str:
    if not steps or case.state is not CaseState.AWAITING_APPROVAL:
        return ""
    return (
        f"*Waits for another approver:* {steps}. This account has admin rights. The buttons are "
        "on the card."
    )


def _standing(case: Case) -> str:
    if case.has_begun:
        return "Some steps have begun; the rest waits."
    return "Nothing has changed in Salesforce yet."
