"""The direct message after a reset: what to do with the mail, and which programs work again."""

from datetime import datetime

from slack_sdk.models.blocks import ButtonElement

from handlers.blocks import actions, button, confirmation, context, message, section, sections
from handlers.checklist import MOST, checklist, locked
from handlers.fitting import Detail, fitted
from handlers.last_words import last_word
from handlers.message import Message
from handlers.reset_wording import account, both, mailbox, place, what
from handlers.where_it_goes import needing, where_it_goes
from handlers.wording import MAIL_SUBJECT, when
from services.follow_ups.model import HANDED_OVER, Ended, FollowUp, ItemState
from services.resets.model import Reset
from services.resets.states import State

_NEVER = "Never paste a token or a password into Slack, not even to me."

_ON_THE_WAY_OUT = (
    "*For IT and the programs' owners:* tokens are on the way out. SOAP `login()` ends in Summer "
    "'27, and the OAuth username-password flow is going too. Move to OAuth with a JWT bearer token "
    "or client credentials."
)

_NO_NEED = (
    "A login from a trusted network needs no token, nor does one with an authenticator code in its "
    "place."
)

_ALL_THE_SAME = "Each needs the new password all the same."


def next_steps(reset: Reset, follow_up: FollowUp | None, now: datetime) -> Message:
    """Say what to do with the mail, in order, and which programs work again.

    Args:
        reset: one that had its effect, or may have had it.
        follow_up: None where nothing is followed, or where the message can't be edited later.
        now: the time of writing.
    """
    told = follow_up and follow_up.as_told
    return fitted(lambda detail: _told(reset, told, now, detail), MOST)


def _told(reset: Reset, follow_up: FollowUp | None, now: datetime, detail: Detail) -> Message:
    if follow_up is not None and _is_behind(follow_up):
        return _behind(reset, follow_up, detail)
    text = _headline(reset)
    urgent = [last_word(follow_up), locked(follow_up)] if follow_up else []
    listed = follow_up.items if follow_up else needing(reset.impact)
    steps = [*_mail_steps(reset, now), *_use_steps(reset, listed=bool(listed))]
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    programs = checklist(reset, follow_up, detail) if follow_up else where_it_goes(reset.impact)
    return message(
        text,
        section(*urgent, f"*{text}*", account(reset), _doubt(reset)),
        *sections(numbered),
        *programs,
        section(f"{_NO_NEED} {_ALL_THE_SAME}" if both(reset) else _NO_NEED, _NEVER),
        context(_ON_THE_WAY_OUT),
        actions(_no_email(reset), _not_me(reset)),
    )


def _is_behind(follow_up: FollowUp) -> bool:
    """Whether nobody needs the steps any more: they are done, or lead to a token that is void."""
    if follow_up.ended is Ended.ALL_DONE:
        return any(item.state is ItemState.WORKS for item in follow_up.items)
    return follow_up.ended in HANDED_OVER


def _behind(reset: Reset, follow_up: FollowUp, detail: Detail) -> Message:
    text = last_word(follow_up)
    first = section(f"*{text}*", account(reset))
    if follow_up.ended in HANDED_OVER:
        return message(f"{place(reset)}: {text}", first, section(_NEVER), actions(_not_me(reset)))
    return message(
        f"{place(reset)}: {text}",
        first,
        *checklist(reset, follow_up, detail),
        section(_where_it_is(reset), _NEVER),
        actions(_no_email(reset), _not_me(reset)),
    )


def _where_it_is(reset: Reset) -> str:
    if reset.state is State.DONE:
        return (
            f"Should you need the token again: it is only in the mail {MAIL_SUBJECT}, in "
            f"{mailbox(reset)}."
        )
    # Where nobody knows of an effect, the programs may all have logged in with the old token.
    return (
        f"If a mail {MAIL_SUBJECT} came to {mailbox(reset)}, the new token is only there. If none "
        "came, the old one probably still holds."
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
    where = (
        "program below, and any other that asks for it" if listed else "program that asks for it"
    )
    return [
        (
            f"Put the token right after {password}, with nothing between, unless the program has a "
            "field of its own for it. Password `secret` and token `AbC123` make `secretAbC123`; "
            "upper and lower case count."
        ),
        f"Do that in every {where}. Try each out once.",
        "Start again the jobs that you paused.",
    ]
