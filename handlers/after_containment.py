"""After the steps: what IT does next, and what the person or the owner is told."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.blocks import actions, button, confirmation, context, message, section, sections
from handlers.case_wording import (
    RUNBOOK,
    Told,
    is_planned,
    listed,
    mailbox,
    reference,
    suspect,
    user,
    who_and_when,
)
from handlers.fitting import first_that_fits
from handlers.message import Message
from handlers.person_words import for_owner, for_person, owner_headline, person_headline
from handlers.step_words import SSO
from handlers.wording import person, quoted
from services.cases import policy
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepState

_UNFREEZE_LATER = (
    "Only then *Unfreeze…*. A fresh reset goes with it, because a frozen user may not have been "
    "able to use the first link."
)

_UNFREEZE_ALONE = "Only then *Unfreeze…*. No reset goes with it: that was denied."

_PROGRAMS = (8, 6, 4, 2, 1, 0)
"""Programs that an owner's message describes; the others are counted."""


def next_steps(case: Case, told: Told) -> Message:
    """Say in the thread what is left for IT: a machine can't do it.

    Args:
        case: one whose steps have ended, or wait for somebody.
        told: how the person, or the owner of a planned reset, was told, or why not.
    """
    return first_that_fits(lambda most: _next_steps(case, told, most), _PROGRAMS)


def _next_steps(case: Case, told: Told, programs: int) -> Message:
    text = f"Next steps for IT: {user(case) if is_planned(case) else suspect(case)}"
    steps = _planned_steps(case) if is_planned(case) else _breach_steps(case)
    return message(
        text,
        section(f"*{text}*", _told(case, told)),
        *_to_be_sent(case, told, programs),
        *sections(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        *_buttons(case),
    )


def _told(case: Case, told: Told) -> str:
    whom = _whom(case)
    match told:
        case Told.BY_DM:
            return f"I told {whom} in a direct message what happened and what to do."
        case Told.NOTHING_DONE:
            return f"I wrote nothing to {whom}, because nothing was done to their account."
        case Told.SLACK_SUSPECTED:
            return (
                f"I wrote nothing to {whom}: their Slack account may be in other hands too. Phone "
                "them, and tell them this:"
            )
        case Told.NOT_IN_SLACK:
            return f"I couldn't find {whom} in Slack. Phone them, and tell them this:"
        case Told.DM_REFUSED:
            return (
                f"Slack didn't take my message to {whom}, so they don't know yet. Phone them, and "
                "tell them this:"
            )


def _whom(case: Case) -> str:
    if not is_planned(case):
        return suspect(case)
    return f"the owner {person(case.owner)}" if case.owner else "the owner"


def _to_be_sent(case: Case, told: Told, programs: int) -> list[Block]:
    if told in {Told.BY_DM, Told.NOTHING_DONE}:
        return []
    lines = for_owner(case, programs) if is_planned(case) else for_person(case)
    # As a quotation: an escaped ">" at the beginning of a line.
    return sections(f"&gt; {line}" for line in lines)


def _breach_steps(case: Case) -> Sequence[str]:
    sso = [f"*Single sign-on:* {SSO}"] if case.target and case.target.is_sso else []
    slack = (
        ["*Their Slack account:* end its sessions and reset its password."]
        if case.slack_suspected
        else []
    )
    later = _UNFREEZE_ALONE if case.denial is not None else _UNFREEZE_LATER
    unfreeze = [later] if policy.may_be_frozen(case) else []
    return [
        *_unsettled(case),
        (
            "*Verify the person* in a way that an attacker can't answer: in person, or by phone on "
            "a number that you had before."
        ),
        *unfreeze,
        *sso,
        *slack,
        (
            "*Look for what no reset removes:* OAuth apps that were installed or approved, a "
            "changed mail address on the user, forwarding rules in the mailbox, new users or "
            "permissions."
        ),
        (
            "*Find out what was taken.* I can't see that, and nothing brings it back. The evidence "
            "has the logins and where they came from."
        ),
        f"{RUNBOOK} goes through each. {_when_to_close(case)}",
    ]


def _unsettled(case: Case) -> list[str]:
    """Say what of the steps waits for somebody of IT."""
    held = any(one.state is StepState.HELD for one in case.steps)
    waiting = [one.kind for one in case.steps if one.state is StepState.WAITING]
    whose = "owner" if is_planned(case) else "person"
    lines = []
    failed = [
        one.kind
        for one in case.steps
        if one.state is StepState.FAILED and policy.refuse_retry(case, one.id) is None
    ]
    if not is_planned(case) and policy.came_to_nothing(case):
        lines.append(
            f"*Nothing was contained:* nobody is kept out yet. {RUNBOOK} says how to do it by hand."
        )
    if failed:
        lines.append(
            f"*Not done:* {listed(dict.fromkeys(failed))}. Press *Try again* above, or do it by "
            "hand."
        )
    if held:
        lines.append(
            f"*Ask the {whose} whether {mailbox(case)} is theirs*, by phone or in person. Then "
            "press *Confirm the address…*: the reset of the password waits for that."
        )
    if waiting:
        lines.append(f"*Get another approver* to the card: {listed(waiting)}. That waits.")
    return lines


def _when_to_close(case: Case) -> str:
    if case.state is CaseState.CONTAINED:
        return "*Close* when the person is verified and the account safe."
    if case.state is CaseState.CLOSED:
        return "It is closed."
    return "The buttons to go on come here once every step has ended."


def _planned_steps(case: Case) -> Sequence[str]:
    return [
        *_unsettled(case),
        (
            f"Whoever reads {mailbox(case)} follows the link and sets a new password. The new "
            "token comes by mail after that."
        ),
        "The owner puts both wherever the old ones were, and tries out each program once.",
        "It is closed."
        if case.state is CaseState.CLOSED
        else "*Close* when everything works again.",
    ]


def _buttons(case: Case) -> list[Block]:
    if case.state is not CaseState.CONTAINED:
        return []
    unfreeze = [_unfreeze(case)] if policy.may_be_frozen(case) else []
    return [actions(*unfreeze, _close(case)), context(f"{reference(case.id)}.")]


def _unfreeze(case: Case) -> ButtonElement:
    return button(
        "Unfreeze…",
        "breach.unfreeze",
        case.id,
        confirm=confirmation(
            "Is the person verified?",
            f"Only once you know by phone or in person that it is them. {_then(case)}",
            yes="Unfreeze",
            no="Not yet",
            style="danger",
        ),
    )


def _then(case: Case) -> str:
    if case.denial is not None:  # what was denied isn't done by undoing the rest
        return "I unfreeze the user, and reset nothing."
    return (
        "I unfreeze the user and reset the password afresh; Salesforce mails the link to the "
        "address on that user."
    )


def _close(case: Case) -> ButtonElement:
    text = (
        "Only when everything works again."
        if is_planned(case)
        else "Only when the person is verified and the account is safe. They can then reset "
        "their own token again, unless another report about it is open."
    )
    if policy.may_be_frozen(case):
        text = f"{text} The user may still be frozen, and stays so."
    return button(
        "Close",
        "breach.close",
        case.id,
        confirm=confirmation("Close this?", text, yes="Close", no="Not yet"),
    )


def told_person(case: Case) -> Message:
    """Tell the person what happened to their account. Never who reported it."""
    return message(person_headline(case), *sections(for_person(case)))


def told_owner(case: Case) -> Message:
    """Tell the owner of a planned reset what is dead and where the new token has to go."""
    return first_that_fits(
        lambda most: message(owner_headline(case), *sections(for_owner(case, most))), _PROGRAMS
    )


def closed(case: Case) -> Message:
    """Say in the thread who closed it."""
    by = who_and_when(case.closed) if case.closed else "IT"
    note = f": {quoted(case.closed.note, 1000)}" if case.closed and case.closed.note else "."
    about = user(case) if is_planned(case) else suspect(case)
    meaning = (
        "The planned reset is finished."
        if is_planned(case)
        else "They say that the person is verified and the account safe. The person can reset "
        "their own token again, unless another report about this account is open."
    )
    frozen = (
        "The user may still be frozen: unfreeze it in Salesforce."
        if policy.may_be_frozen(case)
        else ""
    )
    return message(f"Closed: {about}.", section(f"*Closed* by {by}{note} {meaning}", frozen))
