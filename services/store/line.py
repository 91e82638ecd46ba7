"""A line before what may be asked only so often, by all workers together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from services.store import keys
from services.store.connection import translated

ASKS_FOR = timedelta(seconds=30)
"""How long others of the same name wait for one whose worker has died."""

AGAIN = timedelta(milliseconds=300)
"""When it is looked again whether one of the same name has its answer."""


class Line:
    """Every method raises `StoreUnavailableError` when Redis doesn't answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(Path(__file__).with_name("line.lua").read_text())

    @asynccontextmanager
    async def turn(
        self, method: str, name: str, *, per_minute: float, burst: int
    ) -> AsyncIterator[timedelta | None]:
        """Say None where it may be asked now, in this context; else how long to wait.

        A place in line is kept meanwhile, so whoever comes back after that wait is let through.

        Args:
            method: what is asked.
            name: on whose behalf; two of one name have one place.
            per_minute: the pace.
            burst: how many may run ahead of it after a pause.
        """
        place = keys.place(method, name)
        arguments = [
            round(60_000 / per_minute),
            burst,
            int(ASKS_FOR.total_seconds() * 1000),
            int(AGAIN.total_seconds() * 1000),
        ]
        with translated():
            left = int(await self._script(keys=[keys.line(method), place], args=arguments))
        if left > 0:
            yield timedelta(milliseconds=left)
            return
        try:
            yield None
        finally:
            with translated():
                await self._redis.delete(place)
