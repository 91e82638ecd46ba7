"""Carries jobs from the outbox to the job queue, and audit rows to the log.

No kill between the two loses one: what wasn't finished is taken over by another worker.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from services.clock import Clock
from services.jobs.queue import JobQueue
from services.store.errors import StoreUnavailableError
from services.store.health import Health
from services.store.outbox import Batch, Outbox, written_at

log = structlog.get_logger(__name__)

BLOCK = timedelta(seconds=2)
"""How long one read waits; also how often the worker says that it lives."""

PAUSE = 1.0
"""Seconds between tries while Redis is away."""

UNKNOWN_FOR = timedelta(days=1)
"""How long an entry that no worker knows, or can read, waits for one that does: in the middle of a
deployment, or after one that was taken back until it is tried again."""


class Relay:
    """Runs beside the jobs in every worker."""

    def __init__(
        self,
        outbox: Outbox,
        queue: JobQueue,
        health: Health,
        clock: Clock,
        *,
        wake: Callable[[], Awaitable[None]],
    ) -> None:
        """Make a relay.

        Args:
            outbox: what it reads.
            queue: whom it hands jobs to.
            health: where it says that it lives.
            clock: the time.
            wake: called once it reads, and again after Redis was away: asks for what is due.
        """
        self._outbox = outbox
        self._queue = queue
        self._health = health
        self._clock = clock
        self._wake = wake

    async def run(self) -> None:
        """Carry entries until cancelled. While Redis is away, wait for it."""
        opened = False
        while True:
            try:
                if not opened:
                    await self._outbox.open()
                    await self._wake()
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
        done = [
            entry
            for entry in batch.entries
            if await self._queue.add(entry) or self._is_over(entry.entry_id)
        ]
        unreadable = [one for one in batch.unreadable if self._is_over(one)]
        for _, row in batch.rows:
            if row is not None:
                row.log()
        if done or batch.rows or unreadable:
            await self._outbox.done(replace(batch, entries=done, unreadable=unreadable))

    def _is_over(self, entry_id: str) -> bool:
        over = self._clock() - written_at(entry_id) > UNKNOWN_FOR
        if over:
            log.error("outbox.let_go", id=entry_id)
        return over
