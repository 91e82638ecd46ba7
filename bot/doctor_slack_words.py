"""`doctor`: what a refusal by Slack means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.doctor_lines import fault
from services.slack.errors import SlackUnavailableError

if TYPE_CHECKING:
    from bot.doctor_lines import Line
    from services.slack.errors import SlackError

_COPY_AGAIN: Final = "Copy the token again (OAuth & Permissions); reinstall the app if need be."
_INSTALL_AGAIN: Final = "Update the app from manifest.json and install it again."
_REMEDIES: Final = {
    "account_inactive": _COPY_AGAIN,
    "invalid_auth": _COPY_AGAIN,
    "not_authed": _COPY_AGAIN,
    "token_expired": _COPY_AGAIN,
    "token_revoked": _COPY_AGAIN,
    "missing_scope": _INSTALL_AGAIN,
    "no_permission": _INSTALL_AGAIN,
    "paid_teams_only": "User groups need a paid plan: name user ids (U…) in IT_APPROVERS.",
    "no_such_subteam": "Correct the user group's id in IT_APPROVERS, or take it out.",
    "user_not_found": "Correct the user's id in IT_APPROVERS, or take it out.",
    "user_not_visible": "Correct the user's id in IT_APPROVERS, or take it out.",
    "channel_not_found": "Check the id in IT_CHANNEL, and invite the bot: /invite @Reset Token.",
}


def slack_fault(subject: str, error: SlackError, remedy: str = "") -> Line:
    """Tell of a call that had no good answer; `remedy` is for a refusal known to the caller."""
    if isinstance(error, SlackUnavailableError):
        return fault(
            subject,
            f"Slack didn't answer ({error.code}).",
            "Try again in a minute; check SLACK_API_URL and the network.",
        )
    known = remedy or _REMEDIES.get(error.code, "Look the code up in Slack's documentation.")
    return fault(subject, f"Slack refused ({error.code}).", known)
