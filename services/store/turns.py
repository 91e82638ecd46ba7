"""Turns: something that may be done only so often, by whichever worker comes first."""

from datetime import timedelta

from redis.asyncio import Redis

from services.store import keys
from services.store.connection import translated


class Turns:
    """Every method raises `StoreUnavailableError` when Redis doesn't answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def take(self, name: str, gap: timedelta) -> timedelta | None:
        """Take the turn, so that nobody else does for `gap`.

        Returns:
            None where it is ours; else how long it is still somebody else's.
        """
        key = keys.turn(name)
        with translated():
            if await self._redis.set(key, "", px=gap, nx=True):
                return None
            left = int(await self._redis.pttl(key))
        return timedelta(milliseconds=max(left, 1))

    async def allow(self, name: str, most: int, within: timedelta) -> bool:
        """Count one more, and say whether that is still one of at most `most` in this while."""
        key = keys.turn(name)
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.incr(key)
            pipe.pexpire(key, within, nx=True)
            count, _ = await pipe.execute()
        return int(count) <= most
