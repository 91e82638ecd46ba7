"""The one card that leads when many reports are open, so that none is hidden behind the others."""

from collections.abc import Sequence

from handlers.blocks import actions, button, context, message, section, sections
from handlers.case_wording import ALL_ZERO, URGENCIES, counted, is_planned, place, suspect
from handlers.fitting import first_that_fits
from handlers.message import Message
from handlers.wording import mentions, quoted, when
from services.cases import policy
from services.cases.model import Case

_LEVELS = ((15, 120), (15, 60), (10, 60), (6, 60), (0, 0))
"""How many reports are named, and characters of each one's reason."""


def summary(cases: Sequence[Case], count: int, approvers: Sequence[str]) -> Message:
    """Lead a flood of reports.

    Args:
        cases: the open ones that are named, in any order.
        count: how many are open in all.
        approvers: people and user groups who are called, once for all of them.
    """
    called = mentions(tuple(approvers))
    return first_that_fits(lambda level: _summary(cases, count, called, *level), _LEVELS)


def _summary(cases: Sequence[Case], count: int, called: str, most: int, words: int) -> Message:
    shown = policy.most_urgent_first(cases)[:most]
    more = count - len(shown)
    text = f"{_open(count)} for a decision."
    return message(
        f"{called} {text}".strip(),
        *([section(called)] if called else []),
        section(f"*{text}* The most urgent come first, then the newest."),
        *sections(_line(one, words) for one in shown),
        *sections([f"And {more:,} more."] if more > 0 and shown else []),
        section(
            f"*Review together* takes up to {policy.MOST_TOGETHER} of them, without admins, into "
            "one decision. Each also gets a card of its own, one a second."
        ),
        actions(button("Review together", "breach.review", ALL_ZERO, style="primary")),
    )


def summary_over(count: int) -> Message:
    """Take the button off: there are few enough again for each to stand for itself."""
    now = f"{_open(count)}, each on a card of its own." if count else "None is open now."
    return message(
        f"This summary is over. {now}",
        section(f"*This summary is over.* {now}"),
        context("Reports that were decided say so on their cards."),
    )


def summary_reminder(count: int, approvers: Sequence[str]) -> Message:
    """Call the approvers once for all that is open."""
    called = mentions(tuple(approvers))
    text = f"{called} {_open(count)} for a decision.".strip()
    return message(text, section(text, "*Review together* is on the summary above."))


def summary_escalation(count: int, group: str) -> Message:
    """Call more people: for an hour nobody has decided.

    Args:
        count: how many are open.
        group: a user group's id, or "channel" for everybody in the channel.
    """
    called = "<!channel>" if group == "channel" else mentions((group,))
    text = f"{called} {_open(count)} for a decision, some for more than an hour."
    return message(
        text,
        section(
            text,
            "Please reach an approver, by phone if need be. *Review together* is on the summary "
            "above.",
        ),
    )


def _open(count: int) -> str:
    return counted(count, "report waits", "reports wait")


def _line(case: Case, words: int) -> str:
    kind = "planned reset" if is_planned(case) else URGENCIES[case.urgency]
    return (
        f"• *{kind}*, {when(case.created_at, 'date_time')}: {suspect(case)} in {place(case)}. "
        f"{quoted(case.origin.reason, words)}"
    )
