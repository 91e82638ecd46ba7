"""What IT is told when the bot's own Salesforce user lacks a permission."""

from handlers.blocks import message, section
from handlers.message import Message
from handlers.wording import org_label, safe

_INSTEAD = {
    "Manage Users": " For this alone, *Monitor Login History* does in place of *Manage Users*."
}
"""What does for the login history in place of a permission."""


def missing_permission(org: str, needs: str) -> Message:
    """Say which permission is missing, what doesn't work without it, and where to grant it.

    Args:
        org: the org's name in the settings.
        needs: the permission, by its name in Salesforce's Setup.
    """
    lacking = f"*{safe(needs, 100)}*"
    text = f"I can't read the login history in {org_label(org)}: I lack a permission."
    return message(
        text,
        section(
            f"*{text}*",
            f"My Salesforce user lacks {lacking}.",
        ),
        section(
            "*Without it:* my warnings can't name the programs that a reset breaks, and after a "
            "reset I can't see which of them work again. Resets themselves go on.",
        ),
        section(
            f"*To grant it:* in Salesforce, Setup → *Permission Sets* → the set of my user → "
            f"*System Permissions* → {lacking}. Then run `make doctor`, which names whatever is "
            f"still missing.{_INSTEAD.get(needs, '')} `docs/salesforce-setup.md`, section 2, lists "
            "what I need and why.",
        ),
    )
