"""Carries jobs from the outbox to the job queue, and audit rows to the log.

No kill between the two loses one: what wasn't finished is taken over by another worker.
"""

import asyncio
from datetime import timedelta

import structlog

from services.clock import Clock
from services.jobs.queue import JobQueue
from services.store.errors import StoreUnavailableError
from services.store.health import Health
from services.store.outbox import Batch, Outbox

log = structlog.get_logger(__name__)

BLOCK = timedelta(seconds=2)
"""How long one read waits; also how often the worker says that it lives."""

PAUSE = 1.0
"""Seconds between tries while Redis is away."""


class Relay:
    """Runs beside the jobs in every worker."""

    def __init__(self, outbox: Outbox, queue: JobQueue, health: Health, clock: Clock) -> None:
        self._outbox = outbox
        self._queue = queue
        self._health = health
        self._clock = clock

    async def run(self) -> None:
        """Carry entries until cancelled. While Redis is away, wait for it."""
        opened = False
        while True:
            try:
                if not opened:
                    await self._outbox.open()
                    opened = True
                await self._health.saw_worker(self._clock())
                await self._carry(await self._outbox.abandoned())
                await self._carry(await self._outbox.read(block=BLOCK))
            except StoreUnavailableError as error:
                log.warning("relay.store_unavailable", code=error.code)
                # A server that lost its data has lost the consumer group too.
                opened = False
                await asyncio.sleep(PAUSE)

    async def _carry(self, batch: Batch) -> None:
        for entry in batch.entries:
            await self._queue.add(entry)
        for _, row in batch.rows:
            if row is not None:
                row.log()
        if batch.entries or batch.rows or batch.unreadable:
            await self._outbox.done(batch)
