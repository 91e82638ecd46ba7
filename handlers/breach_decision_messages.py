"""The forms in which IT decides about a case."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from handlers.blocks import modal, section, sections
from handlers.card_deciding import decided_so_far
from handlers.card_facts import SLACK_SUSPECTED, address
from handlers.case_wording import (
    counted,
    is_planned,
    listed,
    place,
    suspect,
    user,
)
from handlers.decision_fields import (
    EVIDENCE_FIRST,
    MOST_NOTE,
    NEVER,
    card_id,
    nothing_to_do,
    step_boxes,
)
from handlers.evidence_view import evidence_view
from handlers.form_fields import question, radio_field
from handlers.step_words import FREEZE_FIRST, MAILED_LATER, SSO, to_be_approved
from handlers.wording import code, person
from services.cases import policy
from services.cases.model import Case
from services.cases.policy import Rules
from services.cases.steps import StepKind
from services.masking import digest

__all__ = [
    "address_form",
    "approve_form",
    "deny_form",
    "evidence_view",
    "looking_view",
    "override_form",
]


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
        return nothing_to_do("Approve")
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
            section(_about(case), "" if is_planned(case) else EVIDENCE_FIRST, more),
            *sections(decided_so_far(case, rules)),
            *_warnings(case, kinds),
            step_boxes("What is to be done?", kinds),
            question(
                "Note",
                "note",
                hint=f"It stands in the card's thread, for IT. The person doesn't get it. {NEVER}",
                most=MOST_NOTE,
                optional=True,
            ),
        ],
        submit="Approve",
        close="Cancel",
        callback_id="breach.approve",
        reset_id=card_id(case),
    )


def override_form(case: Case) -> dict[str, object]:
    """Ask an approver for a reason to act alone on their own report."""
    kinds = policy.steps_alone(case)
    if not kinds:
        return nothing_to_do("Emergency override")
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
                f"can do this {policy.OVERRIDES_AN_HOUR} times an hour at most. {EVIDENCE_FIRST}",
                waiting,
            ),
            *_warnings(case, kinds),
            step_boxes("What is to be done?", kinds),
            question(
                "Why can't it wait for somebody else?",
                "reason",
                hint=f"The whole channel reads this. {NEVER}",
                most=MOST_NOTE,
            ),
        ],
        submit="Act alone",
        close="Cancel",
        callback_id="breach.override",
        reset_id=card_id(case),
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
                hint=f"Whoever reported it gets this word for word. {NEVER}",
                most=MOST_NOTE,
            ),
        ],
        submit=title,
        close="Cancel",
        callback_id="breach.deny",
        reset_id=card_id(case),
    )


def _in_slack(case: Case, address: str | None) -> str:
    if address is None:
        return "*In Slack:* I know no address of theirs."
    if case.target and case.target.address_differs is None:
        return (
            f"*In Slack:* somebody has {code(address, 300)}, but I found them by it. That doesn't "
            "show whose account this is."
        )
    return f"*In Slack they have:* {code(address, 300)}"


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
                _in_slack(case, slack_address),
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
                hint=f"Such as: phoned them on the number in the staff list. {NEVER}",
                most=MOST_NOTE,
            ),
        ],
        submit="Send",
        close="Cancel",
        callback_id="breach.address",
        reset_id=f"{case.id}:{digest(address)}",
    )


_NO_ADDRESS = (
    "Salesforce doesn't say now where it would mail the link, so there is nothing to confirm yet. "
    "Nothing has changed by your press. Try again in a minute."
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
