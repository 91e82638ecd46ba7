"""Lets one worker at a time do something about one thing, for as long as it lives."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from redis.asyncio import Redis

from services.store.connection import translated
from services.store.errors import StoreUnavailableError

LOOKED_EVERY = 0.2
"""Seconds between two looks whether something that another holds is free."""

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

    @asynccontextmanager
    async def waited_for(self, name: str) -> AsyncIterator[None]:
        """Hold a thing meanwhile, once nobody else does."""
        # Redis tells nobody; whoever has it needs some seconds.
        while (token := await self.take(name)) is None:  # noqa: ASYNC110
            await asyncio.sleep(LOOKED_EVERY)
        async with self.kept(name, token):
            yield

    @asynccontextmanager
    async def kept(self, name: str, token: str) -> AsyncIterator[None]:
        """Keep what was taken for as long as this lasts, then release it."""
        over = asyncio.Event()

        async def renew() -> None:
            # Told rather than cancelled: Python 3.11's `wait_for`, by which the client of Redis
            # writes, may swallow a cancellation, and the thing would be held for ever.
            while not over.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.life.total_seconds() / 3):
                        await over.wait()
                    return
                with suppress(StoreUnavailableError):
                    await self.renew(name, token)

        renewing = asyncio.create_task(renew(), name="hold")
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(renewing, return_exceptions=True)
            await self.release(name, token)

    async def renew(self, name: str, token: str) -> bool:
        """Hold it for another `life`; False where somebody else has it by now."""
        milliseconds = int(self.life.total_seconds() * 1000)
        with translated():
            return bool(await self._renew(keys=[self._key(name)], args=[token, milliseconds]))

    async def release(self, name: str, token: str) -> None:
        """Let others have it, unless they do already."""
        with translated():
            await self._release(keys=[self._key(name)], args=[token])
