"""The payloads that Slack sends, as its documentation shows them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.slack import modals
from sandbox.slack.inputs import state_of

if TYPE_CHECKING:
    from sandbox.slack.model import Channel, Json, Message, Modal, Person
    from sandbox.slack.workspace import Workspace

# Slack still sends the deprecated verification token; nothing may rely on it.
_VERIFICATION_TOKEN = "deprecated"


def slash_command(
    workspace: Workspace, person: Person, channel: Channel, command: str, text: str
) -> Json:
    """Return the form fields of a slash command."""
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_name.lower(),
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": workspace.response_urls.give(person.id, channel.id),
        "trigger_id": workspace.triggers.give(person.id, workspace.clock()),
    }


def message_action(workspace: Workspace, person: Person, message: Message, action: Json) -> Json:
    """Return the payload of a click or choice in a message.

    For an ephemeral message Slack sends its container but not the message itself (seen in public
    code and issues).
    """
    channel = workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.to is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(workspace, person, "block_actions") | {
        "container": container,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": state_of(message.blocks, message.state.get(person.id, {}))},
        "response_url": workspace.response_urls.give(person.id, message.channel, message.ts),
        "actions": [action],
    }
    if message.to is None:
        payload["message"] = workspace.told(message)
    return payload


def message_shortcut(
    workspace: Workspace, person: Person, message: Message, callback_id: str
) -> Json:
    """Return the payload of a shortcut used on a message, which Slack calls `message_action`.

    It comes whole wherever the person may see the message, the bot in the channel or not. Its
    `response_url` answers with something new: the message isn't the bot's to replace (inferred).
    """
    channel = workspace.channels[message.channel]
    payload = _interaction(workspace, person, "message_action")
    # Slack's reference and the examples in its SDKs have it in the other interactions only.
    del payload["api_app_id"]
    return payload | {
        "callback_id": callback_id,
        "action_ts": workspace.timeline.next_ts(),
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "message_ts": message.ts,
        "message": workspace.told(message),
        "response_url": workspace.response_urls.give(person.id, channel.id),
    }


def modal_action(workspace: Workspace, person: Person, modal: Modal, action: Json) -> Json:
    """Return the payload of a click or choice in a modal."""
    return _interaction(workspace, person, "block_actions") | {
        "container": {"type": "view", "view_id": modal.id},
        "view": _view(workspace, modal),
        "actions": [action],
    }


def view_submission(workspace: Workspace, person: Person, modal: Modal) -> Json:
    """Return the payload of a submitted modal."""
    return _interaction(workspace, person, "view_submission") | {
        "view": _view(workspace, modal),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, person: Person, modal: Modal) -> Json:
    """Return the payload of a modal that was closed; it carries no trigger id."""
    payload = _interaction(workspace, person, "view_closed")
    del payload["trigger_id"]
    return payload | {"view": _view(workspace, modal), "is_cleared": False}


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Return the Events API payload around an event."""
    return {
        "token": _VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": secrets.token_hex(16),
    }


def direct_message(workspace: Workspace, message: Message) -> Json:
    """Return the `message.im` event of a person's message to the bot."""
    return workspace.told(message) | {
        "channel": message.channel,
        "channel_type": "im",
        "event_ts": message.ts,
        "team": workspace.team_id,
    }


def changed_message(workspace: Workspace, before: Json, now: Message) -> Json:
    """Return the `message.im` event of a person's edit."""
    ts = workspace.timeline.next_ts()
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": now.channel,
        "channel_type": "im",
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "message": workspace.told(now),
        "previous_message": before,
    }


def deleted_message(workspace: Workspace, before: Json, channel: str) -> Json:
    """Return the `message.im` event of a person's deletion."""
    ts = workspace.timeline.next_ts()
    return {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel,
        "channel_type": "im",
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "deleted_ts": before["ts"],
        "previous_message": before,
    }


def _interaction(workspace: Workspace, person: Person, kind: str) -> Json:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": _VERIFICATION_TOKEN,
        "trigger_id": workspace.triggers.give(person.id, workspace.clock()),
        "team": {"id": workspace.team_id, "domain": workspace.team_name.lower()},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _view(workspace: Workspace, modal: Modal) -> Json:
    ids = (workspace.team_id, workspace.app_id, workspace.bot_id)
    return modals.as_slack_tells(modal, *ids)


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name
