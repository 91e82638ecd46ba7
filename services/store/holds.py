"""Lets one worker at a time do something about one thing, for as long as it lives."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from redis.asyncio import Redis

from services.store.connection import translated

# What has run out meanwhile, and nobody has taken, may be taken anew.
_RENEW = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Holds:
    """Who holds which thing. The hold of a worker that died is let go after `life`.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis, key: Callable[[str], str], *, life: timedelta) -> None:
        """Make it.

        Args:
            redis: where holds are kept.
            key: names the key of a thing's hold.
            life: of a hold that isn't renewed.
        """
        self._redis = redis
        self._key = key
        self.life = life
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    async def take(self, name: str) -> str | None:
        """Take a thing for `life`; return the token of the hold, or None where another has it."""
        token = secrets.token_hex(8)
        with translated():
            taken = await self._redis.set(self._key(name), token, px=self.life, nx=True)
        return token if taken else None

    async def renew(self, name: str, token: str) -> bool:
        """Hold it for another `life`; False where somebody else has it by now."""
        milliseconds = int(self.life.total_seconds() * 1000)
        with translated():
            return bool(await self._renew(keys=[self._key(name)], args=[token, milliseconds]))

    async def release(self, name: str, token: str) -> None:
        """Let others have it, unless they do already."""
        with translated():
            await self._release(keys=[self._key(name)], args=[token])
