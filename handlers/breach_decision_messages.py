"""The forms in which IT decides about a case, and what a decision about several led to."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from handlers.answer_messages import answer as answer_message
from handlers.blocks import message, modal, section, sections
from handlers.card_deciding import decided_so_far
from handlers.card_facts import SLACK_SUSPECTED, address
from handlers.case_wording import (
    counted,
    is_planned,
    listed,
    named,
    place,
    plain_label,
    suspect,
    user,
)
from handlers.evidence_view import evidence_view
from handlers.fitting import first_that_fits
from handlers.form_fields import MOST_LABEL, many_field, question, radio_field
from handlers.message import Message
from handlers.step_words import BOXES, FREEZE_FIRST, MAILED_LATER, SSO, to_be_approved
from handlers.wording import code, person
from services.cases import policy
from services.cases.model import Case
from services.cases.policy import Rules
from services.cases.steps import StepKind
from services.resets.policy import Answer

__all__ = [
    "address_form",
    "approve_form",
    "deny_form",
    "evidence_view",
    "looking_view",
    "override_form",
    "review_form",
    "reviewed",
]

_MOST_NOTE = 1000

_EVIDENCE_FIRST = "I keep evidence first, whatever you choose."

_NEVER = "Never write a token or a password."


def looking_view(title: str) -> dict[str, object]:
    """Open at once, while it is looked up whether this person may decide."""
    return modal(title, [section("One moment…")], close="Close")


def approve_form(case: Case, rules: Rules, approvals_needed: int) -> dict[str, object]:
    """Ask what is to be done.

    Args:
        case: one that waits for a decision.
        rules: what the settings say about decisions.
        approvals_needed: how many different approvers it takes in all.
    """
    kinds = to_be_approved(case)
    if not kinds:
        return _nothing_to_do("Approve")
    after = approvals_needed - len({one.by.user_id for one in case.approvals}) - 1
    more = (
        f"After yours, {counted(after, 'more approval is', 'more approvals are')} needed. Nothing "
        "is done before that, and the last approver's choice of steps counts."
        if after > 0
        else "With your approval it begins at once."
    )
    return modal(
        "Approve",
        [
            section(_about(case), "" if is_planned(case) else _EVIDENCE_FIRST, more),
            *sections(decided_so_far(case, rules)),
            *_warnings(case, kinds),
            _steps("What is to be done?", kinds),
            question(
                "Note",
                "note",
                hint=f"It stands in the card's thread, for IT. The person doesn't get it. {_NEVER}",
                most=_MOST_NOTE,
                optional=True,
            ),
        ],
        submit="Approve",
        close="Cancel",
        callback_id="breach.approve",
        reset_id=_card_id(case),
    )


def override_form(case: Case) -> dict[str, object]:
    """Ask an approver for a reason to act alone on their own report."""
    kinds = policy.steps_alone(case)
    if not kinds:
        return _nothing_to_do("Emergency override")
    later = [one for one in to_be_approved(case) if one not in kinds]
    waiting = (
        f"*Waits for a second approver*, because this account has admin rights: {listed(later)}."
        if later
        else ""
    )
    return modal(
        "Emergency override",
        [
            section(
                _about(case),
                "*You reported this yourself.* Acting alone is for when no other approver can be "
                "reached in time.",
                "The whole channel is told, with your reason, and it is marked in the audit. You "
                f"can do this {policy.OVERRIDES_AN_HOUR} times an hour at most. {_EVIDENCE_FIRST}",
                waiting,
            ),
            *_warnings(case, kinds),
            _steps("What is to be done?", kinds),
            question(
                "Why can't it wait for somebody else?",
                "reason",
                hint=f"The whole channel reads this. {_NEVER}",
                most=_MOST_NOTE,
            ),
        ],
        submit="Act alone",
        close="Cancel",
        callback_id="breach.override",
        reset_id=_card_id(case),
    )


def deny_form(case: Case) -> dict[str, object]:
    """Ask for the reason that the reporter gets."""
    possible = bool(policy.steps_for(case))
    title = "Deny" if possible else "Close"
    begun = (
        "What an override has begun stays done: only the rest is denied."
        if case.has_begun
        else "Nothing is changed in Salesforce."
    )
    return modal(
        title,
        [
            section(_about(case), begun),
            question(
                "Why?",
                "reason",
                hint=f"Whoever reported it gets this word for word. {_NEVER}",
                most=_MOST_NOTE,
            ),
        ],
        submit=title,
        close="Cancel",
        callback_id="breach.deny",
        reset_id=_card_id(case),
    )


def address_form(case: Case, address: str | None, slack_address: str | None) -> dict[str, object]:
    """Ask how the address was confirmed to which Salesforce mails the link.

    Args:
        case: one whose reset of the password waits for that.
        address: on the Salesforce user record now; None where Salesforce doesn't say.
        slack_address: the person's in Slack; None where it isn't known.
    """
    title = "Confirm the address"
    if address is None:
        return modal(title, [section(_about(case), _NO_ADDRESS)], close="Close")
    return modal(
        title,
        [
            section(
                _about(case),
                f"*Salesforce mails the link to:* {code(address, 300)}",
                f"*In Slack they have:* {code(slack_address, 300)}"
                if slack_address
                else "*In Slack:* I know no address of theirs.",
            ),
            section(
                "Whoever reads that mailbox can set a new password. Ask the person by phone, on a "
                "number that you had before, or in person; not by mail or Slack. If the address "
                "isn't theirs, correct it in Salesforce first, and press the button again.",
            ),
            radio_field(
                "Is it theirs?",
                "decision",
                [
                    ("It is theirs: reset, and mail the link there", "approve"),
                    ("It isn't, or nobody knows: leave this reset out", "deny"),
                ],
                initial="approve",
            ),
            question(
                "How do you know?",
                "how",
                hint=f"Such as: phoned them on the number in the staff list. {_NEVER}",
                most=_MOST_NOTE,
            ),
        ],
        submit="Send",
        close="Cancel",
        callback_id="breach.address",
        reset_id=f"{case.id}:{policy.digest(address)}",
    )


_NO_ADDRESS = (
    "Salesforce doesn't say now where it would mail the link, so there is nothing to confirm yet. "
    "Nothing has changed by your press. Try again in a minute."
)


def review_form(cases: Sequence[Case], steps: Sequence[StepKind]) -> dict[str, object]:
    """Ask for one decision about several cases.

    Args:
        cases: those that this person may decide about together, at most `MOST_TOGETHER`.
        steps: what may be chosen.
    """
    shown = [one for one in cases if one.card is not None][: policy.MOST_TOGETHER]
    if not shown or not steps:
        return _nothing_to_do("Review together")
    options = [(plain_label(one, MOST_LABEL), _card_id(one)) for one in shown]
    return modal(
        "Review together",
        [
            section(
                f"{counted(len(shown), 'report', 'reports')}, one decision. Each stays a case of "
                "its own: its card and its thread say what became of it. Accounts with admin "
                "rights and your own reports aren't in here.",
                f"{_EVIDENCE_FIRST} Where an address can't be confirmed by Slack, the reset of the "
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
            _steps("If you approve: what is to be done?", steps, optional=True),
            question(
                "Why?",
                "reason",
                hint=f"If you deny, whoever reported it gets this word for word. {_NEVER}",
                most=_MOST_NOTE,
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
        section(f"*{text}* Their cards show it.", "*Not these:*" if lines else ""),
        *sections([*lines, *([f"And {more:,} more that weren't."] if more else [])]),
    )


def _about(case: Case) -> str:
    if is_planned(case):
        owner = f" Its owner is {person(case.owner)}." if case.owner else ""
        return (
            f"*Planned reset* of {user(case)}: password and token both stop working at once. "
            f"{MAILED_LATER}{owner}"
        )
    return f"*Suspected:* {suspect(case)} in *{place(case)}*"


def _warnings(case: Case, kinds: Sequence[StepKind]) -> list[Block]:
    resets = StepKind.PASSWORD in kinds
    mail = address(case) if resets else []
    sso = [f"*Single sign-on:* {SSO}"] if resets and case.target and case.target.is_sso else []
    slack = [SLACK_SUSPECTED] if case.slack_suspected and not is_planned(case) else []
    freeze = [FREEZE_FIRST] if StepKind.FREEZE in kinds else []
    return sections([*mail, *slack, *sso, *freeze])


def _steps(label: str, kinds: Sequence[StepKind], *, optional: bool = False) -> Block:
    options = [(BOXES[kind], kind.value) for kind in kinds if kind in BOXES]
    return many_field(label, "steps", options, initial=[*kinds], optional=optional)


def _card_id(case: Case) -> str:
    return case.card.id if case.card else ""


def _nothing_to_do(title: str) -> dict[str, object]:
    return modal(title, [section("There is nothing here that can be done.")], close="Close")
