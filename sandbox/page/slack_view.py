"""What one person has on screen in Slack: conversations, messages, the open modal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.actor import Actor
    from sandbox.slack.model import Channel, Json
    from sandbox.slack.shown import Shown
    from sandbox.slack.workspace import Workspace


def slack_of(workspace: Workspace, actor: Actor) -> Json:
    """Return a person's screen."""
    mine = workspace.dm_with(actor.person)
    joined = [
        channel
        for channel in workspace.channels.values()
        if actor.person.id in channel.members and channel is not mine
    ]
    return {
        "bot": workspace.bot.real_name,
        "commands": sorted(workspace.commands),
        "shortcuts": sorted(workspace.shortcuts),
        "channels": [
            _channel(workspace, actor, channel) for channel in [*joined, mine] if channel.members
        ],
        "modal": _modal(workspace, actor),
    }


def _channel(workspace: Workspace, actor: Actor, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name or workspace.bot.real_name,
        "kind": "dm" if channel.is_im else "private" if channel.is_private else "public",
        "members": [
            member for member in channel.members if not channel.is_im and member in workspace.people
        ],
        "messages": [_message(workspace, actor, shown) for shown in actor.sees(channel.id)],
    }


def _message(workspace: Workspace, actor: Actor, shown: Shown) -> Json:
    message = workspace.timeline.find(shown.channel, shown.ts)
    author = message.user if message else ""
    return {
        "ts": shown.ts,
        "thread": shown.thread_ts if shown.thread_ts != shown.ts else None,
        "broadcast": message is not None and message.broadcast,
        "author": shown.author,
        "authorId": author,
        "app": author == workspace.bot.id,
        "mine": author == actor.person.id,
        "ephemeral": shown.ephemeral,
        "edited": message is not None and message.edited,
        "text": shown.text,
        "blocks": shown.blocks,
        "held": message.state.get(actor.person.id, {}) if message else {},
    }


def _modal(workspace: Workspace, actor: Actor) -> Json | None:
    modal = workspace.modals.of(actor.person.id)
    if modal is None:
        return None
    return {
        "id": modal.id,
        "hash": modal.hash,
        "title": modal.view["title"],
        "submit": modal.view["submit"],
        "close": modal.view["close"],
        "blocks": modal.view["blocks"],
        "held": modal.state,
        "errors": modal.errors,
    }
