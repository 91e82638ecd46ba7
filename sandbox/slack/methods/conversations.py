"""`conversations.*`: open a DM; read what a conversation is, who is in it and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.methods.method import (
    Method,
    joined_channel,
    known_channel,
    page,
    require_scope,
)

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Channel, Json, Message
    from sandbox.slack.workspace import Workspace


def open_dm(workspace: Workspace, args: Arguments) -> Json:
    """Open the DM with one person; several people would need `mpim:write`."""
    users = args.required("users").split(",")
    if len(users) > 1:
        require_scope(workspace, "mpim:write")
        raise SlackError("method_not_supported_for_channel_type")
    person = workspace.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    before = len(workspace.channels)
    dm = workspace.dm_with(person)
    known = {"no_op": True, "already_open": True} if len(workspace.channels) == before else {}
    return {**known, "channel": {"id": dm.id}}


def info(workspace: Workspace, args: Arguments) -> Json:
    """Tell what kind of conversation this is."""
    channel = known_channel(workspace, args.required("channel"))
    require_scope(workspace, f"{channel.scope_prefix}:read")
    told = _told(workspace, channel)
    if args.flag("include_num_members"):
        told["num_members"] = len(channel.members)
    return {"channel": told}


def members(workspace: Workspace, args: Arguments) -> Json:
    """Return the members' ids, a page at a time."""
    channel = known_channel(workspace, args.required("channel"))
    require_scope(workspace, f"{channel.scope_prefix}:read")
    ids, cursor = page(channel.members, args.string("cursor"), args.number("limit", 100, 1000))
    return {"members": ids, "response_metadata": {"next_cursor": cursor}}


def history(workspace: Workspace, args: Arguments) -> Json:
    """Return messages, newest first; replies only where they were sent to the channel too."""
    channel = joined_channel(workspace, args.required("channel"))
    require_scope(workspace, f"{channel.scope_prefix}:history")
    shown = [
        m
        for m in workspace.timeline.lasting(channel.id)
        if m.thread_ts in {None, m.ts} or m.broadcast
    ]
    return _messages(workspace, args, list(reversed(shown)))


def replies(workspace: Workspace, args: Arguments) -> Json:
    """Return a thread, its first message included, oldest first."""
    channel = joined_channel(workspace, args.required("channel"))
    require_scope(workspace, f"{channel.scope_prefix}:history")
    ts = args.required("ts")
    thread = [m for m in workspace.timeline.lasting(channel.id) if ts in {m.ts, m.thread_ts}]
    if not thread:
        raise SlackError("thread_not_found")
    return _messages(workspace, args, thread)


def _messages(workspace: Workspace, args: Arguments, found: list[Message]) -> Json:
    oldest, latest = _moment(args, "oldest"), _moment(args, "latest")
    inclusive = args.flag("inclusive")
    chosen = [
        m
        for m in found
        if (oldest is None or _after(m, oldest) or (inclusive and m.ts == args.string("oldest")))
        and (latest is None or _before(m, latest) or (inclusive and m.ts == args.string("latest")))
    ]
    by_ts = {m.ts: m for m in chosen}
    ids, cursor = page(list(by_ts), args.string("cursor"), args.number("limit", 100, 999))
    told = []
    for ts in ids:
        message = workspace.told(by_ts[ts])
        if args.flag("include_all_metadata") and by_ts[ts].metadata is not None:
            message["metadata"] = by_ts[ts].metadata
        told.append(message)
    return {
        "messages": told,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _moment(args: Arguments, name: str) -> float | None:
    value = args.string(name)
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _after(message: Message, moment: float) -> bool:
    return float(message.ts) > moment


def _before(message: Message, moment: float) -> bool:
    return float(message.ts) < moment


def _told(workspace: Workspace, channel: Channel) -> Json:
    if channel.is_im:
        user = next(m for m in channel.members if m != workspace.bot.id)
        return {"id": channel.id, "is_im": True, "user": user, "is_org_shared": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_member": workspace.bot.id in channel.members,
        "context_team_id": workspace.team_id,
    }


def _any(suffix: str) -> tuple[str, ...]:
    return tuple(f"{kind}:{suffix}" for kind in ("channels", "groups", "im", "mpim"))


_PAGE = frozenset({"cursor", "limit"})
_SPAN = _PAGE | {"channel", "oldest", "latest", "inclusive", "include_all_metadata"}
METHODS = {
    "conversations.open": Method(
        open_dm, frozenset({"users", "return_im"}), ("im:write", "mpim:write")
    ),
    "conversations.info": Method(
        info,
        frozenset({"channel", "include_num_members", "include_locale"}),
        _any("read"),
        json_allowed=False,
    ),
    "conversations.members": Method(members, _PAGE | {"channel"}, _any("read"), json_allowed=False),
    "conversations.history": Method(history, _SPAN, _any("history"), json_allowed=False),
    "conversations.replies": Method(replies, _SPAN | {"ts"}, _any("history"), json_allowed=False),
}
