"""What a listener needs from Slack's payload of a press, a shortcut, a form or a command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.form_fields import CHOICE, MANY, PERSON
from services.resets.model import SlackUser

_LONGEST_ID = 64
"""Characters of a user's id, or of a message's; Slack's have less than twenty."""

_LONGEST_VALUE = 150
"""Characters of an option's value, by Slack's reference for options."""


@dataclass(frozen=True)
class Click:
    """One press of one button."""

    person: SlackUser
    action_id: str
    value: str
    channel: str | None
    response_url: str | None
    trigger_id: str | None
    message_ts: str | None = None
    """Which message it stands on; None where it is on none."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Click":
        """Read a `block_actions` payload. The intake has checked its shape."""
        action = body["actions"][0]
        option = action.get("selected_option") or {}
        container = body.get("container") or {}
        channel = container.get("channel_id") or (body.get("channel") or {}).get("id")
        ts = container.get("message_ts")
        return cls(
            person=person_of(body),
            action_id=action["action_id"],
            value=str(action.get("value") or option.get("value") or "")[:64],
            channel=channel,
            response_url=body.get("response_url"),
            trigger_id=body.get("trigger_id"),
            message_ts=ts if isinstance(ts, str) and len(ts) <= _LONGEST_ID else None,
        )

    @classmethod
    def of_global_shortcut(cls, body: Mapping[str, Any]) -> "Click":
        """Read a `shortcut` payload: it stands in no channel. The intake has checked its shape."""
        return cls(
            person=person_of(body),
            action_id=body["callback_id"],
            value="",
            channel=None,
            response_url=None,
            trigger_id=body.get("trigger_id"),
        )


@dataclass(frozen=True)
class Shortcut:
    """One use of a shortcut on a message: where the message stands and who wrote it.

    What it says is left out. Some bots' messages name no author.
    """

    person: SlackUser
    callback_id: str
    trigger_id: str
    channel: str
    message_ts: str
    author: str | None
    response_url: str | None
    team_domain: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Shortcut":
        """Read a `message_action` payload. The intake has checked its shape."""
        message = body["message"]
        return cls(
            person=person_of(body),
            callback_id=body["callback_id"],
            trigger_id=body["trigger_id"],
            channel=body["channel"]["id"],
            message_ts=message["ts"],
            author=message.get("user"),
            response_url=body.get("response_url"),
            team_domain=(body.get("team") or {}).get("domain"),
        )

    def as_click(self) -> Click:
        """Make of it what is refused and answered like a press."""
        return Click(
            person=self.person,
            action_id=self.callback_id,
            value="",
            channel=self.channel,
            response_url=self.response_url,
            trigger_id=self.trigger_id,
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
    """Read a text field of a form that was sent. Empty: nothing was typed."""
    return str(_entered(view, block_id, action_id).get("value") or "").strip()


def person_chosen(view: Mapping[str, Any], block_id: str) -> str | None:
    """Read the user id that a `people_field` holds. None: nobody was chosen."""
    user = _entered(view, block_id, PERSON).get("selected_user")
    return user if isinstance(user, str) and 0 < len(user) <= _LONGEST_ID else None


def option_chosen(view: Mapping[str, Any], block_id: str) -> str:
    """Read the value that a `choice_field` or `radio_field` holds. Empty: none was chosen."""
    return _value_of(_entered(view, block_id, CHOICE).get("selected_option"))


def options_chosen(view: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    """Read the values that a `many_field` holds."""
    options = _entered(view, block_id, MANY).get("selected_options")
    values = map(_value_of, options) if isinstance(options, list) else ()
    return tuple(value for value in values if value)


def _entered(view: Mapping[str, Any], block_id: str, action_id: str) -> Mapping[str, Any]:
    """Find what a field holds. Empty: there is no such field, or Slack never sends its like."""
    found: object = view
    for key in ("state", "values", block_id, action_id):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _value_of(option: object) -> str:
    value = option.get("value") if isinstance(option, Mapping) else None
    return value if isinstance(value, str) and len(value) <= _LONGEST_VALUE else ""
