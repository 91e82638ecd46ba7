"""`chat.*`: post, change and delete messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import limits
from sandbox.slack.blocks import problems_of_message
from sandbox.slack.errors import SlackError, refused_content
from sandbox.slack.methods.method import Method, joined_channel
from sandbox.slack.model import Message

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Blocks, Channel, Json
    from sandbox.slack.workspace import Workspace


def post_message(workspace: Workspace, args: Arguments) -> Json:
    """Post in a channel that the bot is in, or in the DM with a person."""
    channel = _destination(workspace, args.required("channel"))
    text, blocks = _content(args, limits.MESSAGE_TEXT)
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.timeline.next_ts(),
            user=workspace.bot.id,
            text=text,
            blocks=blocks,
            thread_ts=args.string("thread_ts"),
            broadcast=args.flag("reply_broadcast"),
            metadata=_metadata(args),
        )
    )
    return {"channel": channel.id, "ts": message.ts, "message": workspace.told(message)}


def post_ephemeral(workspace: Workspace, args: Arguments) -> Json:
    """Show a message to one member of a channel only."""
    channel = joined_channel(workspace, args.required("channel"))
    user = args.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(args, limits.MESSAGE_TEXT)
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.timeline.next_ts(),
            user=workspace.bot.id,
            text=text,
            blocks=blocks,
            to=user,
            thread_ts=args.string("thread_ts"),
        )
    )
    return {"message_ts": message.ts}


def update(workspace: Workspace, args: Arguments) -> Json:
    """Change a message of the bot's own; text without blocks removes the blocks."""
    message = _own_message(workspace, args, "cant_update_message")
    text, blocks = _content(args, limits.UPDATED_TEXT)
    if not args.given("text"):
        text = message.text
    message.edited = message.edited or not blocks
    if args.given("metadata"):
        message.metadata = _metadata(args)
    workspace.rewrite(message, text, blocks)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": text,
        "message": workspace.told(message),
    }


def delete(workspace: Workspace, args: Arguments) -> Json:
    """Delete a message of the bot's own."""
    message = _own_message(workspace, args, "cant_delete_message")
    workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def _destination(workspace: Workspace, channel_id: str) -> Channel:
    if channel_id[0] not in "UW":
        channel = joined_channel(workspace, channel_id)
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel
    person = workspace.people.get(channel_id)
    if person is None or person.deleted:
        raise SlackError("channel_not_found")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    return workspace.dm_with(person)


def _own_message(workspace: Workspace, args: Arguments, refusal: str) -> Message:
    channel = joined_channel(workspace, args.required("channel"))
    message = workspace.timeline.find(channel.id, args.required("ts"))
    # An ephemeral message isn't kept by Slack: to these methods it doesn't exist.
    if message is None or message.to is not None:
        raise SlackError("message_not_found")
    if message.user != workspace.bot.id:
        raise SlackError(refusal)
    return message


def _content(args: Arguments, longest: int) -> tuple[str, Blocks]:
    text = args.string("text") or ""
    blocks = args.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        blocks = []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    problems = problems_of_message(blocks)
    if problems:
        raise refused_content("invalid_blocks", problems)
    return text, blocks


def _metadata(args: Arguments) -> Json | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if (
        not isinstance(metadata, dict)
        or set(metadata) != {"event_type", "event_payload"}
        or not isinstance(metadata["event_type"], str)
        or not isinstance(metadata["event_payload"], dict)
    ):
        raise SlackError("invalid_metadata_format")
    return metadata


_CONTENT = frozenset({"channel", "text", "blocks", "mrkdwn", "parse", "link_names"})
_UNFURL = frozenset({"unfurl_links", "unfurl_media"})
_WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(
        post_message, _CONTENT | _UNFURL | {"thread_ts", "reply_broadcast", "metadata"}, _WRITE
    ),
    "chat.postEphemeral": Method(post_ephemeral, _CONTENT | {"user", "thread_ts"}, _WRITE),
    "chat.update": Method(update, _CONTENT | {"ts", "metadata"}, _WRITE),
    "chat.delete": Method(delete, frozenset({"channel", "ts"}), _WRITE),
}
