"""Help, and the state of one's last resets."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import message, said, section, sections
from handlers.message import Message
from handlers.refusal_words import in_short
from handlers.reset_wording import account, may_have_pressed, what
from handlers.wording import it, safe, when
from services.resets.model import Reset
from services.resets.states import State

_MOST_RESETS = 10


def help_text(orgs: Sequence[str], it_channel: str) -> Message:
    """Say what the bot does and what it understands."""
    text = "I reset your Salesforce security token, and say first what would stop working."
    named = (
        [f"• `/reset-token {safe(org, 60)}`: the same, in that org" for org in orgs[:20]]
        if len(orgs) > 1
        else []
    )
    return message(
        text,
        section(
            text,
            "You need a token only if a program such as Data Loader asks for one. "
            "It is mailed by Salesforce; I never see it. Never paste one into Slack.",
        ),
        section(
            "• `/reset-token`: shows what depends on your token, then lets you decide",
            *named,
            "• `/reset-token status`: where your last resets stand",
            "• `/reset-token help`: this text",
        ),
        section(
            "*Somebody else may be using a Salesforce account?* Report it, yours too. IT decides "
            "what is done.",
            "• `/reset-token breach @person what happened`: reports it at once",
            "• `/reset-token breach`: opens a form, for people without Slack too",
            "If it's urgent, phone IT as well.",
        ),
        section(f"Anything else: ask {it(it_channel)}."),
    )


def status(resets: Sequence[Reset], now: datetime) -> Message:
    """List a person's last resets, newest first, and where each stands."""
    if not resets:
        return said("You have no resets that I know of. Type `/reset-token` to start one.")
    newest = sorted(resets, key=lambda reset: reset.created_at, reverse=True)[:_MOST_RESETS]
    text = "Your last reset, and where it stands:"
    if len(newest) > 1:
        text = f"Your last {len(newest)} resets, newest first, and where each stands:"
    return message(text, section(text), *sections(_line(reset, now) for reset in newest))


def _line(reset: Reset, now: datetime) -> str:
    ended = f", ended {when(reset.finished_at, 'date_time')}" if reset.finished_at else ""
    alert = " You told me that it wasn't you." if reset.not_me_at else ""
    return (
        f"• {account(reset)}, started {when(reset.created_at, 'date_time')}{ended}: "
        f"{_WORDS[reset.state].format(**_filled(reset, now))}.{alert}"
    )


_WORDS = {
    State.PREPARING: "I'm looking up what depends on it; nothing has changed",
    State.AWAITING_CHOICE: "waits for you to choose a user{until}; nothing has changed",
    State.AWAITING_USER: "waits for you to decide{until}; nothing has changed",
    State.AWAITING_IT: "waits for IT's answer{until}; nothing has changed",
    State.QUEUED: "you pressed the button; it's about to run",
    State.RUNNING: "running; how it ends isn't known yet",
    State.AWAITING_PRESS: "waits for you to press the button in Salesforce and tell me{until}",
    State.DONE: "done, your {what} was reset",
    State.REPORTED: "you told me that you pressed the button in Salesforce; I can't see that",
    State.UNKNOWN: "unknown whether your {what} was reset; the mail from Salesforce tells",
    State.FAILED: "not done{because}; nothing has changed",
    State.CANCELLED: "cancelled; nothing has changed{unless}",
    State.EXPIRED: "expired{because}; nothing has changed{unless}",
}


def _filled(reset: Reset, now: datetime) -> dict[str, str]:
    deadline = reset.deadline
    over = deadline is not None and now >= deadline
    return {
        "until": f" until {when(deadline, 'date_time')}" if deadline and not over else "",
        "what": what(reset),
        "because": f" ({in_short(reset)})" if reset.reason else "",
        "unless": ", unless you pressed the button in Salesforce"
        if may_have_pressed(reset)
        else "",
    }
