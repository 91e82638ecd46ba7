"""A queue that several workers take from: what one takes and never finishes comes back."""

import contextlib
from datetime import datetime, timedelta
from typing import cast

from redis.asyncio import Redis

from services.clock import from_milliseconds, milliseconds
from services.store.connection import translated
from services.store.errors import StoreUnavailableError

# What is due is lent to one worker: nobody else sees it until the lease is over.
_LEASE = """
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 1)
if not due[1] then return false end
redis.call('ZADD', KEYS[1], ARGV[2], due[1])
return due[1]
"""


# What somebody has queued anew meanwhile, or lent to another worker, stays.
_DONE = """
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
"""


class LeaseQueue:
    """A sorted set of ids by when each is due. The move that asks for the work puts it there.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key
        self._lease = redis.register_script(_LEASE)
        self._done = redis.register_script(_DONE)

    async def lease(self, now: datetime, life: timedelta) -> str | None:
        """Take what is due the longest, for `life`; None where nothing is due."""
        until = milliseconds(now + life)
        with translated():
            taken = await self._lease(keys=[self._key], args=[milliseconds(now), until])
        return cast("str | None", taken)

    async def put_off(self, item_id: str, until: datetime) -> None:
        """Let something be due later. What has been taken out stays out."""
        with translated():
            await self._redis.zadd(self._key, {item_id: milliseconds(until)}, xx=True)

    async def give_back(self, item_id: str, now: datetime) -> None:
        """Let something that was lent be due at once, if Redis is back: it hadn't answered."""
        with contextlib.suppress(StoreUnavailableError):
            await self.put_off(item_id, now)

    async def done(self, item_id: str, *, lent_until: datetime | None = None) -> None:
        """Take something out.

        Args:
            item_id: what is done.
            lent_until: when its lease ends; with another time it has been queued anew meanwhile,
                and stays. None: it goes whatever became of it.
        """
        with translated():
            if lent_until is None:
                await self._redis.zrem(self._key, item_id)
            else:
                until = milliseconds(lent_until)
                await self._done(keys=[self._key], args=[item_id, until])

    async def wait(self, now: datetime) -> timedelta | None:
        """How long until the next is due, none where it is; None where the queue is empty."""
        with translated():
            first = await self._redis.zrange(self._key, 0, 0, withscores=True)
        if not first:
            return None
        return max(from_milliseconds(int(first[0][1])) - now, timedelta(0))
