"""The follow-ups' store on a real Valkey, as the contract tests open it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

from valkey.asyncio import Valkey

from services.store import keys
from services.store.batches import Batches
from services.store.connection import connect
from services.store.follow_ups import FollowUpStore


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[FollowUpStore]:
    redis, batches = connect(url), Batches(url)
    yield FollowUpStore(
        redis,
        batches,
        retention=timedelta(days=90),
        audit_retention=timedelta(days=365),
    )
    await redis.aclose()
    await batches.aclose()


async def jobs(raw: Valkey) -> list[tuple[str, str]]:
    """What waits in the outbox: each job's name and id."""
    return [(fields["job"], fields["id"]) for _, fields in await raw.xrange(keys.OUTBOX)]


async def rewrite(raw: Valkey, reset_id: str, field: str, was: str, now: str) -> None:
    """Change the text of what is stored of a follow-up, as another version or damage would."""
    key = keys.follow_up(reset_id)
    stored = await cast("Awaitable[str]", raw.hget(key, field))
    assert was in stored
    await cast("Awaitable[int]", raw.hset(key, field, stored.replace(was, now, 1)))
