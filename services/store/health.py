"""Whether Redis answers, how it is set up, and whether a worker was seen."""

from datetime import datetime, timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.clock import from_milliseconds, milliseconds
from services.store import keys
from services.store.connection import translated

WORKER_SEEN_FOR = timedelta(seconds=15)
"""A worker says every few seconds that it lives; older than this it counts as gone."""


class Server(BaseModel):
    """How the server is set up. A setting is None where the server won't tell."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    appendonly: bool | None
    appendfsync: str | None
    maxmemory_policy: str | None


class Health:
    """Looks at the server itself.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ping(self) -> None:
        """Return when Redis answers."""
        with translated():
            await self._redis.ping()

    async def saw_worker(self, now: datetime) -> None:
        """Say that a worker lives."""
        with translated():
            await self._redis.set(keys.WORKER_SEEN, milliseconds(now), px=WORKER_SEEN_FOR)

    async def worker_seen(self) -> datetime | None:
        """When a worker last said that it lives; None when that is too long ago."""
        with translated():
            value = await self._redis.get(keys.WORKER_SEEN)
        return from_milliseconds(int(value)) if value else None

    async def moves(self) -> dict[str, int]:
        """How often each move was made, by any process, since the data was begun."""
        with translated():
            counts = await self._redis.hgetall(keys.MOVES)
        return {str(move): int(count) for move, count in counts.items()}

    async def outbox_length(self) -> int:
        """How many jobs wait for a worker to take them over."""
        with translated():
            return int(await self._redis.xlen(keys.OUTBOX))

    async def it_channel_refuses(self, code: str) -> None:
        """Say that IT's channel took no card, and why."""
        with translated():
            await self._redis.set(keys.IT_CHANNEL_REFUSED, code)

    async def it_channel_takes(self) -> None:
        """Say that IT's channel took a card."""
        with translated():
            await self._redis.delete(keys.IT_CHANNEL_REFUSED)

    async def it_channel_refused(self) -> str | None:
        """Why IT's channel took no card the last time; None while it takes them."""
        with translated():
            return cast("str | None", await self._redis.get(keys.IT_CHANNEL_REFUSED))

    async def server(self) -> Server:
        """Ask the server what it is. Hosted ones often refuse `CONFIG`."""
        with translated():
            info = await self._redis.info()
            config = await self._config("append*", "maxmemory-policy")
        appendonly = config.get("appendonly")
        return Server(
            name=str(info.get("server_name", "redis")),
            version=str(info.get("valkey_version") or info.get("redis_version", "unknown")),
            appendonly=None if appendonly is None else appendonly == "yes",
            appendfsync=config.get("appendfsync"),
            maxmemory_policy=config.get("maxmemory-policy") or info.get("maxmemory_policy"),
        )

    async def _config(self, *patterns: str) -> dict[str, str]:
        try:
            return cast("dict[str, str]", await self._redis.config_get(*patterns))
        except ResponseError:
            return {}
