"""Connections of their own for the one script, since an ack waits for it.

redis-py's pool looks at a connection's socket each time it lends it, which costs more than the
command itself (docs/benchmarks.md). A lane is a client that keeps its one connection.
"""

import asyncio
import hashlib
from typing import TYPE_CHECKING, cast

from redis.exceptions import NoScriptError

from services.store.connection import TIMEOUT, connect

if TYPE_CHECKING:
    from redis.asyncio import Redis

LANES = 8
"""Moves at once in one process; each takes well under a millisecond."""


class Script:
    """A Lua script and the digest by which the server knows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Lanes:
    """Runs scripts, each on a connection that nobody else uses meanwhile."""

    def __init__(self, url: str) -> None:
        self._lanes = [connect(url, alone=True) for _ in range(LANES)]
        # Last in, first out: a quiet process keeps few connections open.
        self._free: asyncio.LifoQueue[Redis] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def run(self, script: Script, keys: list[str], argument: bytes) -> list[str | int]:
        """Run a script, loading it first where the server doesn't know it."""
        lane = await self._lane()
        try:
            try:
                answer = await lane.evalsha(script.sha, len(keys), *keys, argument)
            except NoScriptError:
                answer = await lane.eval(script.text, len(keys), *keys, argument)
        finally:
            self._free.put_nowait(lane)
        return cast("list[str | int]", answer)

    async def _lane(self) -> "Redis":
        try:
            return self._free.get_nowait()
        except asyncio.QueueEmpty:
            async with asyncio.timeout(TIMEOUT):
                return await self._free.get()

    async def aclose(self) -> None:
        """Close the connections."""
        for lane in self._lanes:
            await lane.aclose()
