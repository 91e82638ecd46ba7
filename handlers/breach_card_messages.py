"""IT's card about a suspected breach or a planned reset, and what the channel is told around it."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from handlers.blocks import actions, button, context, contexts, message, section, sections
from handlers.breach_call_messages import escalation, overridden, reminder, second_needed
from handlers.breach_summary_messages import (
    summary,
    summary_escalation,
    summary_over,
    summary_reminder,
)
from handlers.card_deciding import (
    NO_APPROVERS,
    decided_so_far,
    until,
    what_approving_does,
    who_decides,
)
from handlers.card_facts import address, facts
from handlers.card_voices import Detail, voices
from handlers.case_wording import (
    account,
    is_planned,
    listed,
    place,
    reference,
    suspect,
    title,
    user,
    who,
    who_and_when,
)
from handlers.fitting import first_that_fits
from handlers.impact_wording import impact_lines
from handlers.message import Message
from handlers.problem_words import what_to_do, why_not
from handlers.step_words import to_be_approved
from handlers.wording import mentions, person, quoted, when
from services.cases import policy
from services.cases.model import Case, Decision
from services.cases.policy import Rules
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState

__all__ = [
    "card",
    "card_decided",
    "card_over",
    "escalation",
    "overridden",
    "reminder",
    "second_needed",
    "summary",
    "summary_escalation",
    "summary_over",
    "summary_reminder",
]

_GRANTS_TOO = (
    "*Revoking OAuth grants stops more:* every app that this user approved, which a reset alone "
    "leaves be."
)

_LEVELS = (
    Detail(programs=8, voices=5, words=1200, lines=10),
    Detail(programs=6, voices=4, words=700, lines=6),
    Detail(programs=4, voices=3, words=400, lines=4),
    Detail(programs=3, voices=2, words=300, lines=3),
    Detail(programs=2, voices=2, words=200, lines=2),
    Detail(programs=1, voices=1, words=200, lines=1),
    Detail(programs=0, voices=1, words=100, lines=0),
)


def card(case: Case, approvers: Sequence[str], rules: Rules, *, calls: bool = True) -> Message:
    """Put all that a decision takes before IT.

    Args:
        case: one that IT has still to decide.
        approvers: people and user groups who are called.
        rules: what the settings say about decisions.
        calls: whether it mentions them; among many, the summary does that once for all.
    """
    return first_that_fits(
        lambda detail: _card(case, approvers, rules, detail, calls=calls), _LEVELS
    )


def _card(
    case: Case, approvers: Sequence[str], rules: Rules, detail: Detail, *, calls: bool
) -> Message:
    called = mentions(tuple(approvers)) if calls else ""
    possible = bool(policy.steps_for(case))
    return message(
        f"{called} {_again(case)}{title(case)}: {suspect(case)} in {place(case)}.".strip(),
        *([section(called)] if called else []),
        *([] if approvers else [section(NO_APPROVERS)]),
        section(f"{_again(case)}*{title(case)}:* {_subject(case)}", _untouched(case)),
        *sections(voices(case, detail)),
        *sections(facts(case)),
        *sections(address(case)),
        *(_for_approval(case, rules, detail) if possible else _in_the_way(case)),
        *contexts([line for line in (until(case), reference(case.id)) if line]),
        *_buttons(case, possible=possible),
    )


def _for_approval(case: Case, rules: Rules, detail: Detail) -> list[Block]:
    return [
        *sections(_broken(case, detail)),
        *sections(what_approving_does(case)),
        *sections(decided_so_far(case, rules)),
        *sections(who_decides(case, rules)),
    ]


def _broken(case: Case, detail: Detail) -> list[str]:
    kinds = to_be_approved(case)
    if StepKind.PASSWORD not in kinds or case.target is None:
        return []
    return [
        "*What a reset of password and token breaks:*",
        *impact_lines(case.target.impact, password=True, most=detail.programs),
        *([_GRANTS_TOO] if StepKind.GRANTS in kinds else []),
    ]


def _in_the_way(case: Case) -> list[Block]:
    return [
        section(f"*I can't act on this:* {why_not(case)}", f"*What to do:* {what_to_do(case)}"),
        section("*Close…* when it is settled. Whoever reported it gets your reason."),
    ]


def _again(case: Case) -> str:
    """Say that this has been posted before, and since when nobody has decided."""
    if case.card is None or case.card.number < 2:
        return ""
    since = case.first_card_at or case.created_at
    return f"No decision yet, since {when(since, 'date_time')}. "


def _subject(case: Case) -> str:
    if not is_planned(case):
        return f"{suspect(case)} in *{place(case)}*"
    owner = f" Its owner {person(case.owner)} is told when it's done." if case.owner else ""
    return f"password and token of {user(case)}.{owner}"


def _untouched(case: Case) -> str:
    return "" if case.has_begun else "Nothing has changed in Salesforce yet."


def _buttons(case: Case, *, possible: bool) -> list[Block]:
    if case.card is None:
        return [context(f"This card has no buttons. {reference(case.id)}.")]
    if not possible:
        return [actions(button("Close…", "breach.deny", case.card.id))]
    return [
        actions(
            button("Approve…", "breach.approve", case.card.id, style="danger"),
            button("Deny…", "breach.deny", case.card.id),
        )
    ]


def card_over(case: Case) -> Message:
    """Take the buttons off a card that is posted afresh."""
    text = f"{title(case)}: {suspect(case)} in {place(case)}. No decision on this card."
    return message(
        text,
        section(
            f"*{title(case)}:* {_subject(case)}",
            "*No decision was made on this card*, so its time is over. It goes on with the newest "
            "card about it.",
        ),
        context(reference(case.id)),
    )


def card_decided(case: Case) -> Message:
    """Take the buttons off a card that needs no decision any more, and say why."""
    return message(
        f"{title(case)}: {suspect(case)} in {place(case)}. {_decided_short(case)}",
        section(f"*{title(case)}:* {_subject(case)}", *_decided(case)),
        *sections(voices(case, Detail(programs=0, voices=1, words=300, lines=0))),
        context(f"{account(case)} · {reference(case.id)}"),
    )


def _decided_short(case: Case) -> str:
    decision = case.denial or (case.approvals[-1] if case.approvals else None)
    if case.state is CaseState.MERGED:
        return "It joined another card."
    if case.state is CaseState.REFUSED:
        return "I no longer take it."
    if decision is None:
        return "It needs no decision any more."
    return f"{_verb(case, decision)} by {who(decision)}."


def _decided(case: Case) -> list[str]:
    if case.state is CaseState.MERGED:
        return [
            (
                "*Joined another report* about the same account. That one's card holds this "
                "report too."
            )
        ]
    if case.state is CaseState.REFUSED:
        return ["*I no longer take this.* Whoever asked for it is told why. Nothing was changed."]
    lines = [_approved(one) for one in case.approvals[:_MOST_NAMED]]
    if case.denial is not None:
        lines.append(_denied(case, case.denial))
    if case.closed is not None:
        lines.append(f"*Closed* by {who_and_when(case.closed)}.")
    if not lines:
        return ["It needs no decision any more."]
    return [*lines, *_not_chosen(case), *_how_far(case)]


_MOST_NAMED = 5


def _approved(one: Decision) -> str:
    if one.override:
        return (
            f"*Emergency override* by {who_and_when(one)}, alone, on their own report: "
            f"{listed(one.steps)}."
        )
    return f"*Approved* by {who_and_when(one)}: {listed(one.steps)}."


def _denied(case: Case, denial: Decision) -> str:
    said = f": {quoted(denial.note, 1000)}" if denial.note else "."
    return f"*{_verb(case, denial)}* by {who_and_when(denial)}{said}"


def _verb(case: Case, decision: Decision) -> str:
    if decision is not case.denial:
        return "Emergency override" if decision.override else "Approved"
    if case.has_begun:
        return "The rest denied"
    return "Denied" if policy.steps_for(case) else "Closed"


def _not_chosen(case: Case) -> list[str]:
    if not case.steps:
        return []
    chosen = {one.kind for one in case.steps if one.state is not StepState.SKIPPED}
    left_out = [kind for kind in policy.steps_for(case) if kind not in chosen]
    return [f"*Not done:* {listed(left_out)}."] if left_out else []


def _how_far(case: Case) -> list[str]:
    if case.steps:
        return ["The thread shows each step and how it ended."]
    return ["Nothing was changed in Salesforce."] if case.state is CaseState.DENIED else []
