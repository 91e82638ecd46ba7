"""Runs jobs: at least once each, again after a failure, with nothing foreign left in Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from docket import Docket, Worker
from docket.dependencies import CurrentExecution, ExponentialRetry, Retry
from docket.execution import Execution

from services.clock import utc_now
from services.jobs import unpickling
from services.jobs.timer import RunAgain
from services.store.connection import translated
from services.store.errors import NewerVersionError
from services.store.outbox import Entry

log = structlog.get_logger(__name__)

Handler = Callable[[str], Awaitable[None]]

ATTEMPTS: Final = 10
"""Tries of a failing job: after 1, 2, 4 … 60 seconds, some five minutes in all."""

PATIENT_FOR: Final = timedelta(minutes=5)
"""The longest pause of a job that is tried until it works, such as one that tells an outcome."""

END_AGAIN: Final = timedelta(minutes=1)
"""When giving up is tried again, should even that fail: an end must be saved."""

UNKNOWN_AGAIN: Final = timedelta(seconds=5)
"""When a job is offered again that this worker doesn't know, or whose data it can't read."""

CONCURRENCY: Final = 100
"""Jobs at once in one worker. Few of them speak to Salesforce: see `Preparation`."""

DRAIN: Final = timedelta(seconds=10)
"""How long running jobs may go on after a stop is asked for.

Docket stops renewing their leases then, so it must be less than the redelivery; Heroku kills
after 30 s.
"""

TIDY: Final = timedelta(seconds=2)
"""How long a job that was cut off may take to leave, such as to end a session at Salesforce."""


class JobFailedError(Exception):
    """The only failure that the job queue ever sees: a job's name and a code of ours."""


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
        unpickling.restrict()
        # No results and no records of finished jobs: Docket would pickle exceptions into Redis.
        self._docket = Docket(name="resets", url=url, execution_ttl=timedelta(0))
        self._redelivery = redelivery
        self._concurrency = concurrency
        self._jobs: set[str] = set()

    def register(self, name: str, handler: Handler, *, give_up: Handler | None = None) -> None:
        """Name a job.

        Args:
            name: as it stands in the outbox.
            handler: safe to run twice: it looks at what has been done first.
            give_up: called after the last of `ATTEMPTS`; without one, the job is tried until it
                works, since nobody else would do it.
        """
        self._jobs.add(name)
        attempts = ATTEMPTS if give_up else None

        async def run(
            item_id: object = None,
            retry: Retry = ExponentialRetry(  # noqa: B008  how Docket declares a dependency
                attempts=attempts,
                minimum_delay=timedelta(seconds=1),
                maximum_delay=timedelta(seconds=60) if give_up else PATIENT_FOR,
            ),
            execution: Execution = CurrentExecution(),  # noqa: B008  as above
        ) -> None:
            if not isinstance(item_id, str):  # what was kept for it was refused, or isn't ours
                log.error("job.unreadable", job=name)
                return
            outcome = await _attempt(name, handler, item_id)
            if isinstance(outcome, _Busy) and (give_up is None or retry.attempt < ATTEMPTS):
                retry.after(max(retry.delay, outcome.retry_after))
            if isinstance(outcome, datetime):
                retry.attempts = None  # a wish is no failure, and isn't counted
                execution.attempt -= 1  # Docket counts it all the same
                retry.at(outcome)
            if outcome is None:
                return
            if give_up is not None and retry.attempt >= ATTEMPTS:
                if await _attempt(f"{name}.give_up", give_up, item_id) is None:
                    return
                retry.attempts = None
                retry.after(END_AGAIN)
            code = outcome.code if isinstance(outcome, _Busy) else outcome
            raise JobFailedError(f"{name}: {code}")

        self._docket.register(run, names=[name])

    async def add(self, entry: Entry) -> bool:
        """Take over an entry of the outbox. The same entry twice is one job.

        Returns:
            Whether this worker knows the job; in a deployment a newer one may.

        A timer that is set anew replaces the older one. A job for now is kept apart by its
        entry: under a shared key Docket would drop it while an earlier run is just ending.

        Raises:
            StoreUnavailableError: Redis didn't answer.
        """
        if entry.job not in self._jobs:
            log.error("job.unknown", job=entry.job, id=entry.item_id)
            return False
        key = f"{entry.item_id}:{entry.job}"
        with translated():
            if entry.at is None:
                await self._docket.add(entry.job, key=f"{key}:{entry.entry_id}")(entry.item_id)
            else:
                await self._docket.replace(entry.job, when=entry.at, key=key)(entry.item_id)
        return True

    async def run(self, relay: Callable[[], Awaitable[None]]) -> None:
        """Run jobs, and the relay that feeds them, until cancelled; then let running jobs end."""
        async with self._docket, self._worker() as worker:
            jobs = asyncio.create_task(worker.run_forever(), name="jobs")
            feeding = asyncio.create_task(_forever(relay), name="relay")
            try:
                await asyncio.wait({jobs, feeding}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # Leaving the worker's context waits for its running jobs, for as long as this. One
                # that is still tidying up when it is cut off a second time is left as it is.
                for patience in (DRAIN, DRAIN + TIDY, DRAIN + 2 * TIDY):
                    asyncio.get_running_loop().call_later(patience.total_seconds(), jobs.cancel)
                await _ended(feeding)  # so that nothing new comes in
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
            fallback_task=_put_back,  # Docket's own logs and drops it
        )


async def _ended(feeding: "asyncio.Task[None]") -> None:
    """Cancel the relay and wait for its end: what it holds of the store is closed after it."""
    while not feeding.done():
        # Python 3.11's `wait_for`, by which the client of Redis writes, may swallow a cancellation.
        feeding.cancel()
        await asyncio.wait({feeding}, timeout=_ASKED_AGAIN)


_ASKED_AGAIN = 0.1
"""Seconds after which a task that swallowed its cancellation is cancelled again."""


async def _put_back(
    *_: object,
    retry: Retry = Retry(attempts=None),  # noqa: B008  how Docket declares a dependency
    execution: Execution = CurrentExecution(),  # noqa: B008  as above
    **__: object,
) -> None:
    """Leave a job of a newer version to a worker that knows it, for as long as that takes."""
    log.warning("job.put_back", job=execution.function_name, key=execution.key)
    execution.attempt -= 1  # Docket counts it, and it is no failure of the job's
    retry.after(UNKNOWN_AGAIN)


async def _forever(relay: Callable[[], Awaitable[None]]) -> None:
    await relay()


@dataclass(frozen=True)
class _Busy:
    """Whoever was asked said when to ask again, `PATIENT_FOR` at the most."""

    code: str
    retry_after: timedelta


async def _attempt(name: str, handler: Handler, item_id: str) -> str | datetime | _Busy | None:
    """Run a handler once. None: it is done; a time: run it again then; a code: it failed.

    This is the edge past which no foreign exception goes: its text may hold what Salesforce
    answered, and Docket would keep it.
    """
    try:
        await handler(item_id)
    except RunAgain as again:
        return max(again.at, utc_now())  # Docket's clock: it wants no time that is past
    except NewerVersionError:
        log.warning("job.put_back", job=name, id=item_id)
        return utc_now() + UNKNOWN_AGAIN
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
        seconds = getattr(error, "retry_after", None)
        if isinstance(seconds, int | float):
            longest = PATIENT_FOR.total_seconds()
            return _Busy(type(error).__name__, timedelta(seconds=min(seconds, longest)))
        return type(error).__name__
    return None
