"""What a Web API method is, and the checks that several methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Channel, Json
    from sandbox.slack.workspace import Workspace


# Bolt sends it with `auth.test`; a workspace's own token makes it meaningless, not wrong.
EVERYWHERE = frozenset({"team_id"})


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, what it takes, and which scopes allow it (any one of them)."""

    run: Callable[[Workspace, Arguments], Json]
    arguments: frozenset[str]
    scopes: tuple[str, ...] = ()
    json_allowed: bool = True
    app_token: bool = False


def require_scope(workspace: Workspace, *any_of: str) -> None:
    """Refuse the call when the app has none of these scopes."""
    if any_of and not workspace.scopes.intersection(any_of):
        raise SlackError(
            "missing_scope",
            needed=",".join(any_of),
            provided=",".join(sorted(workspace.scopes)),
        )


def known_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return a conversation that the bot may know of.

    A private channel without the bot in it doesn't exist for the bot, as in Slack.
    """
    channel = workspace.channels.get(channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    if (channel.is_private or channel.is_im) and workspace.bot.id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def joined_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return a conversation that the bot is in."""
    channel = known_channel(workspace, channel_id)
    if workspace.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def page(items: list[str], start: str | None, limit: int) -> tuple[list[str], str]:
    """Return one page of ids and the cursor of the next, empty at the end."""
    if start is not None and not start.isdecimal():
        raise SlackError("invalid_cursor")
    first = int(start or 0)
    following = first + limit
    return items[first:following], str(following) if following < len(items) else ""
