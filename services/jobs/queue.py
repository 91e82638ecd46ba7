"""Runs jobs: at least once each, again after a failure, with nothing foreign left in Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from docket import Docket, Worker
from docket.dependencies import ExponentialRetry, Retry

from services.jobs.timer import RunAgain
from services.store.connection import translated
from services.store.outbox import Entry

log = structlog.get_logger(__name__)

Handler = Callable[[str], Awaitable[None]]

ATTEMPTS: Final = 10
"""Tries of a failing job: at 1, 2, 4 … 60 seconds, some five minutes in all."""

CONCURRENCY: Final = 20
"""Jobs at once in one worker, and so requests at once to Salesforce."""

DRAIN: Final = timedelta(seconds=20)
"""How long running jobs may go on after a stop is asked for; Heroku kills after 30 s."""


class JobFailedError(Exception):
    """The only failure that the job queue ever sees: a job's name and a code of ours."""


@dataclass(frozen=True)
class _Job:
    handler: Handler
    give_up: Handler | None


class JobQueue:
    """Jobs by name. Each takes one opaque id, and nothing else is ever put into Redis for it."""

    def __init__(
        self,
        url: str,
        *,
        redelivery: timedelta = timedelta(seconds=15),
        concurrency: int = CONCURRENCY,
    ) -> None:
        """Make a queue.

        Args:
            url: of Redis, with TLS options as query parameters.
            redelivery: when the job of a worker that died is given to another one.
            concurrency: jobs at once.
        """
        # No results and no records of finished jobs: Docket would pickle exceptions into Redis.
        self._docket = Docket(name="resets", url=url, execution_ttl=timedelta(0))
        self._redelivery = redelivery
        self._concurrency = concurrency
        self._jobs: dict[str, _Job] = {}

    def register(self, name: str, handler: Handler, *, give_up: Handler | None = None) -> None:
        """Name a job.

        Args:
            name: as it stands in the outbox.
            handler: safe to run twice: it looks at what has been done first.
            give_up: told when the last try has failed.
        """
        job = _Job(handler, give_up)
        self._jobs[name] = job

        async def run(
            item_id: str,
            retry: Retry = ExponentialRetry(  # noqa: B008  how Docket declares a dependency
                attempts=ATTEMPTS,
                minimum_delay=timedelta(seconds=1),
                maximum_delay=timedelta(seconds=60),
            ),
        ) -> None:
            outcome = await _attempt(name, job.handler, item_id)
            if isinstance(outcome, datetime):
                retry.at(outcome)
            if outcome is None:
                return
            if retry.attempt >= ATTEMPTS and job.give_up is not None:
                await _attempt(f"{name}.give_up", job.give_up, item_id)
            raise JobFailedError(f"{name}: {outcome}")

        self._docket.register(run, names=[name])

    async def add(self, entry: Entry) -> None:
        """Take over an entry of the outbox. The same entry twice is one job.

        A timer that is set anew replaces the older one. A job for now is kept apart by its
        entry: under a shared key Docket would drop it while an earlier run is just ending.

        Raises:
            StoreUnavailableError: Redis didn't answer.
        """
        if entry.job not in self._jobs:
            log.error("job.unknown", job=entry.job, id=entry.item_id)
            return
        key = f"{entry.item_id}:{entry.job}"
        with translated():
            if entry.at is None:
                await self._docket.add(entry.job, key=f"{key}:{entry.entry_id}")(entry.item_id)
            else:
                await self._docket.replace(entry.job, when=entry.at, key=key)(entry.item_id)

    async def run(self, relay: Callable[[], Awaitable[None]]) -> None:
        """Run jobs, and the relay that feeds them, until cancelled; then let running jobs end."""
        async with self._docket, self._worker() as worker:
            jobs = asyncio.create_task(worker.run_forever(), name="jobs")
            feeding = asyncio.create_task(_forever(relay), name="relay")
            try:
                await asyncio.wait({jobs, feeding}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                feeding.cancel()  # so that nothing new comes in
                # Leaving the worker's context waits for its running jobs, for as long as this.
                asyncio.get_running_loop().call_later(DRAIN.total_seconds(), jobs.cancel)
        for task in (feeding, jobs):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    def _worker(self) -> Worker:
        return Worker(
            self._docket,
            concurrency=self._concurrency,
            redelivery_timeout=self._redelivery,
            reconnection_delay=timedelta(seconds=1),
            minimum_check_interval=timedelta(milliseconds=250),
            scheduling_resolution=timedelta(milliseconds=250),
        )


async def _forever(relay: Callable[[], Awaitable[None]]) -> None:
    await relay()


async def _attempt(name: str, handler: Handler, item_id: str) -> str | datetime | None:
    """Run a handler once. None: it is done; a time: run it again then; a code: it failed.

    This is the edge past which no foreign exception goes: its text may hold what Salesforce
    answered, and Docket would keep it.
    """
    try:
        await handler(item_id)
    except RunAgain as again:
        return max(again.at, datetime.now(UTC))
    except Exception as error:
        code = getattr(error, "code", None)
        log.warning(
            "job.failed",
            job=name,
            id=item_id,
            error=type(error).__name__,
            code=code if isinstance(code, str) else None,
            exc_info=True,
        )
        return type(error).__name__
    return None
