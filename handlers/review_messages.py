"""The form in which IT decides about several cases at once, and what that led to."""

from collections.abc import Sequence

from handlers.answer_messages import answer as answer_message
from handlers.blocks import message, modal, section, sections
from handlers.case_wording import counted, named, place, plain_label
from handlers.decision_fields import (
    EVIDENCE_FIRST,
    MOST_NOTE,
    NEVER,
    card_id,
    nothing_to_do,
    step_boxes,
)
from handlers.fitting import first_that_fits
from handlers.form_fields import MOST_LABEL, many_field, question, radio_field
from handlers.message import Message
from handlers.reset_wording import UNTOUCHED
from handlers.step_words import FREEZE_FIRST
from services.cases import policy
from services.cases.model import Case
from services.cases.steps import StepKind
from services.resets.policy import Answer


def review_form(cases: Sequence[Case], steps: Sequence[StepKind]) -> dict[str, object]:
    """Ask for one decision about several cases.

    Args:
        cases: those that this person may decide about together, at most `MOST_TOGETHER`.
        steps: what may be chosen.
    """
    shown = [one for one in cases if one.card is not None][: policy.MOST_TOGETHER]
    if not shown or not steps:
        return nothing_to_do("Review together")
    options = [(plain_label(one, MOST_LABEL), card_id(one)) for one in shown]
    return modal(
        "Review together",
        [
            section(
                f"{counted(len(shown), 'report', 'reports')}, one decision. Each stays a case of "
                "its own: its card and its thread say what became of it. Accounts with admin "
                "rights and your own reports aren't in here.",
                f"{EVIDENCE_FIRST} Where an address can't be confirmed by Slack, the reset of the "
                "password waits in that case's thread.",
                FREEZE_FIRST if StepKind.FREEZE in steps else "",
            ),
            many_field("Which?", "cases", options, initial=[value for _, value in options]),
            radio_field(
                "Your decision",
                "decision",
                [("Approve all that are chosen", "approve"), ("Deny all that are chosen", "deny")],
                initial="approve",
            ),
            step_boxes("If you approve: what is to be done?", steps, optional=True),
            question(
                "Why?",
                "reason",
                hint=f"If you deny, whoever reported it gets this word for word. {NEVER}",
                most=MOST_NOTE,
            ),
        ],
        submit="Decide",
        close="Cancel",
        callback_id="breach.review",
    )


def reviewed(done: int, refused: Sequence[tuple[Case, Answer]]) -> Message:
    """Say what one decision about several led to."""
    return first_that_fits(lambda most: _reviewed(done, refused, most), (20, 15, 10, 5, 0))


def _reviewed(done: int, refused: Sequence[tuple[Case, Answer]], most: int) -> Message:
    text = f"{done:,} of {done + len(refused):,} decided."
    lines = [
        f"• {named(case)} in {place(case)}: {answer_message(answer, '').text}"
        for case, answer in refused[:most]
    ]
    more = len(refused) - len(lines)
    return message(
        text,
        section(
            f"*{text}* {'Their cards show it.' if done else UNTOUCHED}",
            "*Not these:*" if lines else "",
        ),
        *sections([*lines, *([f"And {more:,} more that weren't."] if more else [])]),
    )
