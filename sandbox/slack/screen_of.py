"""A person's whole screen as plain text: every channel they are in, and the modal on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.actor import Actor
    from sandbox.slack.shown import Shown
    from sandbox.slack.workspace import Workspace


def screen_of(workspace: Workspace, actor: Actor, channel: str | None = None) -> str:
    """Return what this person sees, by channel, oldest first."""
    parts: list[str] = []
    by_channel: dict[str, list[Shown]] = {}
    for shown in actor.sees(channel):
        by_channel.setdefault(shown.channel, []).append(shown)
    for channel_id, messages in by_channel.items():
        name = workspace.channels[channel_id].name
        here = f"#{name}" if name else f"DM with {workspace.bot.real_name}"
        parts.append(f"──── {here} ────")
        parts += [message_text(shown) for shown in messages]
    modal = actor.modal
    if modal is not None:
        parts.append(modal.plain)
    return "\n\n".join(parts or ["(nothing yet)"]) + "\n"


def message_text(shown: Shown) -> str:
    """Return one message with its author, and that only the reader sees it if so."""
    head = f"{shown.author}:"
    if shown.ephemeral:
        head += " (only visible to you)"
    if shown.thread_ts not in {None, shown.ts}:
        head += " (in a thread)"
    return f"{head}\n{shown.plain}"
