"""How a reset ended, or what the person still has to do in Salesforce."""

from datetime import datetime

from slack_sdk.models.blocks import Block

from handlers.blocks import actions, button, context, message, said, section
from handlers.message import Message
from handlers.next_steps_messages import next_steps
from handlers.refusal_words import what_to_do, why
from handlers.reset_wording import (
    AGAIN,
    BY_HAND,
    IF_PRESSED,
    UNTOUCHED,
    account,
    both,
    for_it,
    mailbox,
    may_have_pressed,
    place,
    place_and_user,
    what,
)
from handlers.wording import MAIL_SUBJECT, it, when
from handlers.wording import link as link_to
from services.resets.model import Reason, Reset
from services.resets.states import State

_OPEN_PAGE = "Open the page in Salesforce"


def working(reset: Reset) -> Message:
    """Take the buttons' place while the reset runs."""
    return said(f"Resetting your {what(reset)} in {place(reset)}…")


def outcome(
    reset: Reset, now: datetime, *, dm_refused: bool = False, link: str | None = None
) -> Message:
    """Say how it ended. Where no direct message can be sent, the next steps follow at once.

    Raises:
        ValueError: the reset hasn't ended by running, or by the person's word.
    """
    match reset.state:
        case State.DONE:
            text, lines = _done(reset)
        case State.UNKNOWN:
            text, lines = _unknown(reset, now)
        case State.REPORTED:
            text, lines = _reported(reset)
        case State.FAILED:
            return _failed(reset, link)
        case _:
            raise ValueError(f"{reset.state} is no outcome")
    if not dm_refused:
        return message(text, section(*lines, _next(reset)))
    steps = next_steps(reset, None, now)
    refused = "I couldn't send you a direct message, so the next steps are here:"
    first = message(text, section(*lines, refused))
    return Message(text=text, blocks=(*first.blocks, *steps.blocks))


def guided(reset: Reset, link: str | None) -> Message:
    """Lead to Salesforce's own page: as chosen, or because the bot couldn't do it."""
    lines = []
    if reset.reason is not None:
        text = f"I couldn't reset your token in {place(reset)}. Nothing has changed."
        lines += [
            f"I couldn't do it for you. {why(reset)} {UNTOUCHED}",
            what_to_do(reset) if reset.reason is Reason.PASSWORD_EXPIRED else "",
            "You can do it yourself:",
        ]
    else:
        text = f"Press the last button yourself, in Salesforce ({place(reset)})."
        lines += [f"{account(reset)}: you press the last button yourself, in Salesforce."]
    page = link_to(link, _OPEN_PAGE) if link else None
    if page:
        lines.append(f"{page} and press *Reset Security Token*. Or by hand: {BY_HAND}")
    else:
        lines.append(f"In Salesforce: {BY_HAND}")
    lines.append(
        "Your old token stops working when you press it, and Salesforce mails the new one to "
        f"{mailbox(reset)}."
    )
    return message(
        text,
        section(*lines),
        *_until(reset),
        actions(
            button("I pressed it", "reset.pressed", reset.id, style="primary"),
            button("Cancel", "reset.cancel", reset.id),
        ),
    )


def cancelled(reset: Reset) -> Message:
    """Say that it was taken back."""
    return said("Cancelled.", IF_PRESSED if may_have_pressed(reset) else UNTOUCHED)


def expired(reset: Reset) -> Message:
    """Say that an offer's time is over, whatever it was waiting for."""
    if reset.detail == State.AWAITING_IT:
        return unanswered(reset)
    if may_have_pressed(reset):
        return said(f"The offer above has expired. {IF_PRESSED} {AGAIN}")
    return said(f"The offer above has expired. {UNTOUCHED} {AGAIN}")


def too_late(reset: Reset) -> Message:
    """Say that the bot was too slow, in a DM that may come long after."""
    asked = when(reset.asked_at or reset.created_at, "date_time")
    # A choice stands on screen until the offer takes its place; an offer may have arrived, unknown.
    maybe_seen = reset.chosen is not None or reset.detail != State.PREPARING
    return said(
        f"I was too slow. Your request for {place(reset)}, made {asked}, waited too long for my "
        f"answer, so it has expired. {UNTOUCHED}",
        "Buttons of it that you may still see do nothing any more." if maybe_seen else "",
        AGAIN,
    )


def unanswered(reset: Reset) -> Message:
    """Say that IT didn't give a go-ahead in time."""
    waiting = reset.question is not None and reset.question.wait is not None
    silence = (
        "IT asked you to wait and hasn't said go ahead since"
        if waiting
        else "IT hasn't answered your question"
    )
    return said(
        f"{silence}, so your request for {place(reset)} has expired. {UNTOUCHED}",
        f"Reach IT another way if it's urgent. {AGAIN}",
    )


def refused(reset: Reset, it_channel: str) -> Message:
    """Say why a reset wasn't even offered, and what to do."""
    text = f"No reset in {place_and_user(reset)}. {why(reset)}"
    text = " ".join(filter(None, (text, _unchanged(reset.reason))))
    return message(text, section(text, what_to_do(reset, it(it_channel))), context(for_it(reset)))


def _unchanged(reason: Reason | None) -> str:
    if reason is Reason.OUTCOME_UNKNOWN:
        return ""
    if reason in {Reason.BUSY, Reason.COOLING_DOWN}:  # by another reset it has, or may have
        return "Nothing has changed now."
    return UNTOUCHED


def _done(reset: Reset) -> tuple[str, list[str]]:
    if reset.seen_in_audit_trail:
        proof = "Salesforce's audit trail shows the reset; its answer to me was lost."
    else:
        proof = ""
    if both(reset):
        text = f"Done. Your old password and token no longer work in {place_and_user(reset)}."
        mail = (
            f"Salesforce mails a link to choose a new password to {mailbox(reset)}. "
            "The new token comes after you have set it."
        )
    else:
        text = f"Done. Your old token no longer works in {place_and_user(reset)}."
        mail = f"Salesforce mails the new one to {mailbox(reset)}."
    return text, [text, proof, mail]


def _unknown(reset: Reset, now: datetime) -> tuple[str, list[str]]:
    text = f"I don't know whether the reset of your {what(reset)} in {place(reset)} took effect."
    sent = f" at {when(reset.intent_at)}" if reset.intent_at else ""
    newer = f", sent {when(reset.intent_at, 'date_time')} or later," if reset.intent_at else ""
    if both(reset):
        look = (
            f"*Look for* a mail from Salesforce with a link to choose a new password{newer} to "
            f"{mailbox(reset)}, in your spam folder too. If it's there, your old password and "
            f"token no longer work: follow the link, and the mail {MAIL_SUBJECT} comes after it."
        )
    else:
        look = (
            f"*Look for* the mail {MAIL_SUBJECT}{newer} to {mailbox(reset)}, in your spam folder "
            "too. If it's there, your old token no longer works, and that mail has the new one."
        )
    return text, [
        text,
        (
            f"I sent the request{sent}, and Salesforce's answer didn't come back whole. "
            "I won't send it again by myself."
        ),
        look,
        f"If no such mail comes, {another_try(reset, now)}",
    ]


def another_try(reset: Reset, now: datetime) -> str:
    """Finish a sentence with when another reset is possible."""
    if reset.available_at and now < reset.available_at:
        return f"you can try again from {when(reset.available_at)}: type `/reset-token`."
    return "you can try again: type `/reset-token`."


def _reported(reset: Reset) -> tuple[str, list[str]]:
    text = f"You told me that you pressed it in Salesforce ({place(reset)})."
    return text, [
        text,
        (
            "I can't see that myself. If you did, your old token no longer works, and Salesforce "
            f"mails the new one to {mailbox(reset)}."
        ),
    ]


def _failed(reset: Reset, link: str | None) -> Message:
    text = f"I couldn't reset your {what(reset)} in {place(reset)}. {UNTOUCHED}"
    page = link_to(link, _OPEN_PAGE) if link else None
    return message(
        text,
        section(
            text,
            why(reset),
            what_to_do(reset),
            f"You can do it yourself: {page} and press *Reset Security Token*." if page else "",
        ),
        context(for_it(reset)),
    )


def _next(reset: Reset) -> str:
    if reset.in_dm:
        return "The next steps follow in a message of their own."
    return "The next steps come to you in a direct message."


def _until(reset: Reset) -> list[Block]:
    return [context(f"This holds until {when(reset.deadline)}.")] if reset.deadline else []
