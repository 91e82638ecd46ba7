"""Which messages have been posted, so that none is twice: an intent before, its place after."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from redis.asyncio import Redis

from services.store.connection import translated


@dataclass(frozen=True)
class Place:
    """Where a message stands in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Intended:
    """Somebody meant to post it and no place was saved: it may stand there or not."""


class PostLog:
    """Remembers posts on the hash of the thing that they are about.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis, *, retention: timedelta) -> None:
        self._redis = redis
        self._retention = retention

    async def intend(self, owner: str, slot: str) -> Place | Intended | None:
        """Write the intent to post. None: nobody had it before, so go on and post.

        Args:
            owner: the key of the hash.
            slot: which of its messages, such as `dm`.
        """
        field = f"p:{slot}"
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.hsetnx(owner, field, "")
            pipe.hget(owner, field)
            pipe.pexpire(owner, self._retention, nx=True)
            new, value, _ = await pipe.execute()
        if new:
            return None
        return _place(value) or Intended()

    async def posted(self, owner: str, slot: str, place: Place) -> None:
        """Save where it stands."""
        with translated():
            await self._redis.hset(owner, f"p:{slot}", f"{place.channel}:{place.ts}")

    async def has_shown(self, owner: str, slot: str, version: int) -> None:
        """Save which version of its thing a message shows."""
        with translated():
            await self._redis.hset(owner, f"v:{slot}", str(version))

    async def shown(self, owner: str, slot: str) -> int | None:
        """Which version of its thing a message shows; None where that isn't known."""
        with translated():
            value = cast("str | None", await self._redis.hget(owner, f"v:{slot}"))
        return int(value) if value else None

    async def place(self, owner: str, slot: str) -> Place | None:
        """Find a message again."""
        with translated():
            value = cast("str | None", await self._redis.hget(owner, f"p:{slot}"))
        return _place(value)


def _place(value: str | None) -> Place | None:
    if not value:
        return None
    channel, _, ts = value.partition(":")
    return Place(channel, ts)
