"""Somebody wrote what looks like a security token into the bot's DM."""

from handlers.blocks import actions, button, message, section
from handlers.message import Message


def leaked(notice_id: str) -> Message:
    """Ask them to delete it, and offer a reset. What they wrote is not repeated."""
    text = (
        "That looks like a security token. I can't delete it; please do. "
        "Change your password too if it was in there."
    )
    return message(
        text,
        section(
            text,
            "If it is your token, reset it, even if no program uses it: it then stops working.",
        ),
        actions(button("Reset my token", "reset.start", notice_id, style="primary")),
    )
