"""Puts a job that goes with no change into the outbox."""

from redis.asyncio import Redis

from services.clock import milliseconds
from services.store import keys
from services.store.changes import Job
from services.store.connection import translated


async def ask_for(redis: Redis, job: Job) -> None:
    """Ask for a job.

    Raises:
        StoreUnavailableError: Redis doesn't answer.
    """
    with translated():
        at = milliseconds(job.at) if job.at else 0
        await redis.xadd(keys.OUTBOX, {"job": job.name, "id": job.item_id, "at": at})
