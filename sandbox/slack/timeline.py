"""The messages of every conversation, in the order in which they came."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sandbox.slack.blocks import elements_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.slack.model import Blocks, Json, Message


class Timeline:
    """Messages by channel; each `ts` is unique in the workspace and later than the one before."""

    def __init__(self, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._messages: dict[str, dict[str, Message]] = {}
        self._last_ts = 0
        self._given_ids = 0

    def next_ts(self) -> str:
        """Return a new message timestamp: seconds and six digits."""
        self._last_ts = max(self._last_ts + 1, int(self._clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add(self, message: Message) -> Message:
        """Put a message at the end of its conversation."""
        message.blocks = self._with_ids(message.blocks)
        self._messages.setdefault(message.channel, {})[message.ts] = message
        self._changed()
        return message

    def rewrite(self, message: Message, text: str, blocks: Blocks) -> None:
        """Replace what a message says; what readers had entered in it is gone."""
        message.text = text
        message.blocks = self._with_ids(blocks)
        message.state.clear()
        self._changed()

    def remove(self, message: Message) -> None:
        """Take a message away."""
        del self._messages[message.channel][message.ts]
        self._changed()

    def find(self, channel: str, ts: str | None) -> Message | None:
        """Return the message with this timestamp, ephemeral ones included."""
        return None if ts is None else self._messages.get(channel, {}).get(ts)

    def lasting(self, channel: str) -> list[Message]:
        """Return a conversation's messages as everyone sees them, oldest first."""
        return [m for m in self._messages.get(channel, {}).values() if m.to is None]

    def visible_to(self, person: str, channels: list[str]) -> Iterator[Message]:
        """Yield what a person sees in these channels, oldest first."""
        chosen = (m for channel in channels for m in self._messages.get(channel, {}).values())
        yield from sorted((m for m in chosen if m.to in {None, person}), key=_when)

    def forget_ephemerals(self, person: str) -> None:
        """Drop what only this person sees, as a reload of their client does."""
        for channel, messages in self._messages.items():
            self._messages[channel] = {ts: m for ts, m in messages.items() if m.to != person}
        self._changed()

    def _with_ids(self, blocks: Blocks) -> Blocks:
        """Copy blocks and give ids to those without, as Slack does."""
        blocks = copy.deepcopy(blocks)
        name_blocks(blocks, self._new_id)
        return blocks

    def _new_id(self) -> str:
        self._given_ids += 1
        return f"auto{self._given_ids}"


def name_blocks(blocks: Blocks, new_id: Callable[[], str]) -> None:
    """Give a block or element without an id a new one, in place."""
    for block in blocks:
        block.setdefault("block_id", new_id())
        for element in elements_of(block):
            element.setdefault("action_id", new_id())


def _when(message: Message) -> tuple[int, int]:
    seconds, micro = message.ts.split(".")
    return int(seconds), int(micro)


def as_slack_tells(message: Message, bot_id: str, bot_user: str) -> Json:
    """Return a message as Slack's methods and payloads show it, without its metadata."""
    told: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.user == bot_user:
        told["bot_id"] = bot_id
    if message.blocks:
        told["blocks"] = copy.deepcopy(message.blocks)
    if message.thread_ts is not None:
        told["thread_ts"] = message.thread_ts
    if message.broadcast:
        told["subtype"] = "thread_broadcast"
    if message.edited:
        told["edited"] = {"user": message.user, "ts": message.ts}
    return told
