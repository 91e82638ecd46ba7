"""Lets one round at a time look at an org's accounts."""

import secrets
from datetime import timedelta

from redis.asyncio import Redis

from services.store import keys
from services.store.connection import translated

LIFE = timedelta(seconds=60)
"""When the hold of a worker that died is let go. Longer than a request to Salesforce takes."""

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


class RoundHolds:
    """Who looks at which org.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    async def take(self, org: str) -> str | None:
        """Take an org for `LIFE`; return the token of the hold, or None where another has it."""
        token = secrets.token_hex(8)
        with translated():
            taken = await self._redis.set(keys.follow_round(org), token, px=LIFE, nx=True)
        return token if taken else None

    async def renew(self, org: str, token: str) -> bool:
        """Hold it for another `LIFE`; False where another round has it by now."""
        milliseconds = int(LIFE.total_seconds() * 1000)
        with translated():
            return bool(
                await self._renew(keys=[keys.follow_round(org)], args=[token, milliseconds])
            )

    async def release(self, org: str, token: str) -> None:
        """Let others look, unless they do already."""
        with translated():
            await self._release(keys=[keys.follow_round(org)], args=[token])
