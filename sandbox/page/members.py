"""Bringing somebody into a channel, as Slack's own `/invite` does: any member may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.model import Message

if TYPE_CHECKING:
    from sandbox.slack.model import Person
    from sandbox.slack.workspace import Workspace


def invite(workspace: Workspace, host: Person, guest: Person, channel_id: str) -> None:
    """Add somebody to a channel. Raises `NotVisible` where the host isn't in it."""
    channel = workspace.channels.get(channel_id)
    if channel is None or channel.is_im or host.id not in channel.members:
        raise NotVisible(f"{host.name} isn't in {channel_id}")
    if guest.id in channel.members:
        raise NotVisible(f"{guest.name} is in #{channel.name} already")
    channel.members.append(guest.id)
    words = f"was added to #{channel.name} by {host.real_name}."
    workspace.post(Message(channel.id, workspace.timeline.next_ts(), guest.id, words, []))
