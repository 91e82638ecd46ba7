"""*This wasn't me*: what the person is told. IT gets the card of a suspected breach."""

from handlers.blocks import message, section
from handlers.message import Message
from handlers.reset_wording import place
from handlers.wording import code, it, when
from services.resets.model import Reset

_NOW = (
    "*Do this now:* phone IT, because somebody else may be using your Slack account and reading "
    "this. Then, from a device you trust, change your Slack password and sign out of all other "
    "Slack sessions; change your Salesforce and mail passwords too."
)


def not_me_told(reset: Reset, it_channel: str) -> Message:
    """Tell the person that IT knows, and what to do at once."""
    pressed = f" You reported it at {when(reset.not_me_at)}." if reset.not_me_at else ""
    return message(
        "I told IT that this reset wasn't you. Phone them as well.",
        section(
            f"I told {it(it_channel)} that this reset wasn't you.{pressed}",
            _NOW,
            f"I reset nothing for this Salesforce user in {place(reset)} while IT looks into it.",
        ),
    )


def not_me_failed(reset: Reset) -> Message:
    """Tell the person that only they can reach IT now."""
    return message(
        "I couldn't reach IT in Slack. Phone them now.",
        section(
            "I couldn't reach IT in Slack, so they may not know. Phone them now, and say that a "
            f"reset in {place(reset)} wasn't you: {code(reset.id, 60)}.",
            _NOW,
        ),
    )
