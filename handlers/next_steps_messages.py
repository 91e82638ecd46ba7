"""The direct message after a reset, and what follows from its buttons."""

from datetime import datetime

from slack_sdk.models.blocks import ButtonElement

from handlers.blocks import actions, button, confirmation, context, message, section, sections
from handlers.checklist import checklist, locked
from handlers.last_words import last_word
from handlers.message import Message
from handlers.reset_wording import account, alert_is_open, both, mailbox, place, what
from handlers.where_it_goes import needing, where_it_goes
from handlers.wording import MAIL_SUBJECT, when
from services.follow_ups.model import Ended, FollowUp, ItemState
from services.resets.model import Reset
from services.resets.states import State

_NEVER = "Never paste a token or a password into Slack, not even to me."

_ON_THE_WAY_OUT = (
    "*For IT and the programs' owners:* tokens are on the way out. SOAP `login()` ends in Summer "
    "'27, and the OAuth username-password flow is going too. Move to OAuth with a JWT bearer token "
    "or client credentials."
)

_NO_NEED = (
    "*Who needs none:* a login from a trusted network, and a user who gives an authenticator code "
    "in place of the token. If Salesforce asks you to connect your authenticator app again: your "
    "avatar → *Settings* → *Advanced User Details* → *App Registration: Salesforce Authenticator* "
    "or *One-Time Password Authenticator*."
)

_TRUSTED = "Programs on a trusted network need no token, but they do need the new password."


def next_steps(reset: Reset, follow_up: FollowUp | None, now: datetime) -> Message:
    """Say what to do with the mail, in order, and which programs work again.

    Args:
        reset: one that had its effect, or may have had it.
        follow_up: None where nothing is followed, or where the message can't be edited later.
        now: the time of writing.
    """
    if follow_up is not None and _is_behind(follow_up):
        return _behind(reset, follow_up)
    text = _headline(reset)
    urgent = [last_word(follow_up), locked(follow_up)] if follow_up else []
    listed = follow_up.items if follow_up else needing(reset.impact)
    steps = [*_mail_steps(reset, now), *_use_steps(reset, listed=bool(listed))]
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    return message(
        text,
        section(*urgent, f"*{text}*", account(reset), _doubt(reset)),
        *sections(numbered),
        *(checklist(reset, follow_up) if follow_up else where_it_goes(reset.impact)),
        section(_TRUSTED if both(reset) else "", _NO_NEED, _NEVER),
        context(_ON_THE_WAY_OUT),
        actions(_no_email(reset), _not_me(reset)),
    )


def _is_behind(follow_up: FollowUp) -> bool:
    """Whether nobody needs the steps any more: they are done, or lead to a token that is void."""
    if follow_up.ended is Ended.ALL_DONE:
        return any(item.state is ItemState.WORKS for item in follow_up.items)
    return follow_up.ended is Ended.TAKEN_OVER


def _behind(reset: Reset, follow_up: FollowUp) -> Message:
    text = last_word(follow_up)
    first = section(f"*{text}*", account(reset))
    if follow_up.ended is Ended.TAKEN_OVER:
        return message(f"{place(reset)}: {text}", first, section(_NEVER), actions(_not_me(reset)))
    return message(
        f"{place(reset)}: {text}",
        first,
        *checklist(reset, follow_up),
        section(
            f"Should you need the token again: it is only in the mail {MAIL_SUBJECT}, in "
            f"{mailbox(reset)}.",
            _NEVER,
        ),
        actions(_no_email(reset), _not_me(reset)),
    )


def _no_email(reset: Reset) -> ButtonElement:
    return button("No email yet?", "reset.no_email", reset.id)


def _not_me(reset: Reset) -> ButtonElement:
    return button(
        "This wasn't me",
        "reset.not_me",
        reset.id,
        style="danger",
        confirm=confirmation(
            "This wasn't you?",
            "I tell IT at once, and reset nothing for this Salesforce user until they have looked "
            "into it.",
            yes="It wasn't me",
            no="Go back",
            style="danger",
        ),
    )


_ALERT_FIRST = (
    "You reported that this reset wasn't you, so IT is looking at this account first. "
    "I reset nothing for it until they have closed your report."
)


def no_email(reset: Reset, now: datetime, cooled_down_at: datetime) -> Message:
    """Say what to check, and when another reset is possible."""
    text = f"No mail for {place(reset)} yet? Check these first."
    lines = [
        "• Your spam or junk folder, and folders that a mail rule sorts into",
        f"• The right mailbox: {mailbox(reset)}, the address on your Salesforce user",
        _subject_to_check(reset),
        *_reasons_for_none(reset),
        "If it isn't there in 10 minutes, ask IT whether the mail system held it back.",
    ]
    if alert_is_open(reset):
        return message(text, section(text, *lines), section(_ALERT_FIRST))
    if now < cooled_down_at:
        later = f"Another reset is possible from {when(cooled_down_at)}. I'll offer it here then."
        return message(text, section(text, *lines), section(later))
    return message(
        text,
        section(text, *lines),
        section(_again(reset)),
        actions(button("Reset again", "reset.again", reset.id)),
    )


def offer_again(reset: Reset) -> Message:
    """Offer another reset once the cool-down is over."""
    text = f"Still no mail for {place(reset)}? Another reset is possible now."
    return message(
        text,
        section(text, _again(reset), "If the mail has come, you need do nothing."),
        actions(button("Reset again", "reset.again", reset.id)),
    )


def _headline(reset: Reset) -> str:
    if reset.state is State.UNKNOWN:
        return f"Find out whether the reset of your {what(reset)} in {place(reset)} took effect"
    if reset.state is State.REPORTED:
        return f"Next steps, if you pressed the button in Salesforce ({place(reset)})"
    if both(reset):
        return f"Your new password and token in {place(reset)}: next steps"
    return f"Your new token in {place(reset)}: next steps"


def _doubt(reset: Reset) -> str:
    if reset.state is State.UNKNOWN:
        return "Salesforce's answer didn't come back whole, so I don't know. The mail tells."
    if reset.state is State.REPORTED:
        return "You told me that you pressed it in Salesforce; I can't see that. The mail tells."
    return ""


def _mail_steps(reset: Reset, now: datetime) -> list[str]:
    # Of a press in Salesforce it is known only when it was reported; its mail may be older.
    sent = reset.intent_at if reset.state is not State.REPORTED else None
    newer = f", sent {when(sent, 'date_time')} or later" if sent else ""
    find = (
        f"Find the mail {MAIL_SUBJECT}{newer}, in {mailbox(reset)}. Search by the subject, not by "
        "sender, and in your spam folder too."
    )
    none = _if_none(reset, now)
    if not both(reset):
        return [f"{find}{none}"]
    return [
        (
            f"Find the mail from Salesforce with a link to choose a new password{newer}. It goes "
            f"to {mailbox(reset)}; look in your spam folder too.{none}"
        ),
        "Follow the link and set a new password. The new token is mailed only after that.",
        f"Then find the mail {MAIL_SUBJECT}, in the same mailbox.",
    ]


def _if_none(reset: Reset, now: datetime) -> str:
    if reset.state is not State.UNKNOWN:
        return ""
    later = reset.available_at is not None and now < reset.available_at
    possible = f" from {when(reset.available_at)}" if later and reset.available_at else ""
    return (
        " If none comes, nothing may have changed, and you can try again"
        f"{possible}: type `/reset-token`."
    )


def _use_steps(reset: Reset, *, listed: bool) -> list[str]:
    password = "your new password" if both(reset) else "your password"
    programs = "uses it, in the order below" if listed else "asks for it"
    return [
        (
            f"Put the token right after {password}, with nothing between, unless the program has a "
            "field of its own for it. Password `secret` and token `AbC123` make `secretAbC123`; "
            "upper and lower case count."
        ),
        f"Do that in every program that {programs}. Try each out once.",
        "Start again the jobs that you paused.",
    ]


def _subject_to_check(reset: Reset) -> str:
    if both(reset):
        return (
            "• The mail with a link to choose a new password comes first. The mail "
            f"{MAIL_SUBJECT} comes only after you have set that password"
        )
    return f"• The subject {MAIL_SUBJECT}. Search by the subject, not by sender."


def _reasons_for_none(reset: Reset) -> list[str]:
    reasons = []
    if reset.account and reset.account.address_differs:
        reasons.append("• That isn't the address Slack has for you: the mail may be in another")
    if reset.state is State.UNKNOWN:
        reasons.append("• I don't know whether the reset took effect. If not, no mail comes")
    if reset.state is State.REPORTED:
        reasons.append("• It is sent only once *Reset Security Token* is pressed in Salesforce")
    return reasons


def _again(reset: Reset) -> str:
    voided = (
        "It makes the password you have now and any token mailed before useless."
        if both(reset)
        else "It makes any token mailed before useless."
    )
    return f"You can reset again. {voided} You'll see the warning first."
