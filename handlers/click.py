"""What a listener needs from Slack's payload of a press, a form or a command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.resets.model import SlackUser


@dataclass(frozen=True)
class Click:
    """One press of one button."""

    person: SlackUser
    action_id: str
    value: str
    channel: str | None
    response_url: str | None
    trigger_id: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Click":
        """Read a `block_actions` payload. The intake has checked its shape."""
        action = body["actions"][0]
        option = action.get("selected_option") or {}
        container = body.get("container") or {}
        channel = container.get("channel_id") or (body.get("channel") or {}).get("id")
        return cls(
            person=person_of(body),
            action_id=action["action_id"],
            value=str(action.get("value") or option.get("value") or "")[:64],
            channel=channel,
            response_url=body.get("response_url"),
            trigger_id=body.get("trigger_id"),
        )


def person_of(body: Mapping[str, Any]) -> SlackUser:
    """Read who did it, from an interaction or a command.

    The team may differ from the workspace's, or be null, in Enterprise Grid and Slack Connect:
    it is written down, and decides nothing.
    """
    user = body.get("user")
    if isinstance(user, Mapping):
        team = user.get("team_id") or (body.get("team") or {}).get("id")
        return SlackUser(user_id=user["id"], team_id=team)
    return SlackUser(user_id=body["user_id"], team_id=body.get("team_id") or None)


def typed(view: Mapping[str, Any], block_id: str, action_id: str) -> str:
    """Read a text field of a form that was sent."""
    values = (view.get("state") or {}).get("values") or {}
    return str(((values.get(block_id) or {}).get(action_id) or {}).get("value") or "").strip()
