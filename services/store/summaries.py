"""Which summary card stands in IT's channel: a new one each time that there are too many cases."""

from typing import cast

from redis.asyncio import Redis

from services.store import keys
from services.store.connection import translated

# One begins only where none stands; both answer with its number.
_BEGIN = """
if redis.call('HGET', KEYS[1], 'stands') ~= '1' then
    redis.call('HSET', KEYS[1], 'stands', '1')
    redis.call('HINCRBY', KEYS[1], 'number', 1)
end
return redis.call('HGET', KEYS[1], 'number')
"""

# An older one that ends late ends no newer one.
_END = """
if redis.call('HGET', KEYS[1], 'number') == ARGV[1] then
    redis.call('HSET', KEYS[1], 'stands', '0')
end
"""


class Summaries:
    """Every method raises `StoreUnavailableError` when Redis doesn't answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = redis.register_script(_BEGIN)
        self._end = redis.register_script(_END)

    async def begin(self) -> int:
        """Let one stand; return the number of the one that does."""
        with translated():
            return int(await self._begin(keys=[keys.SUMMARY]))

    async def standing(self) -> int | None:
        """The number of the one that stands, if one does."""
        with translated():
            found = await self._redis.hmget(keys.SUMMARY, ["stands", "number"])
        stands, number = cast("list[str | None]", found)
        return int(number) if stands == "1" and number else None

    async def end(self, number: int) -> None:
        """Say that it leads no more."""
        with translated():
            await self._end(keys=[keys.SUMMARY], args=[number])
