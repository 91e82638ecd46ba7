"""The outbox, the relay and the job queue against a real Valkey."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from valkey.asyncio import Valkey

from services.clock import utc_now
from services.jobs.queue import JobQueue
from services.jobs.relay import Relay
from services.jobs.timer import RunAgain
from services.resets.states import Move
from services.slack.errors import SlackUnavailableError
from services.store import keys
from services.store.changes import Change, Job, JobName
from services.store.stores import Stores
from tests.cancelling import cancel
from tests.contract.test_store import open_stores
from tests.factories import NOW, a_reset
from tests.scenario.searching import Secrets
from tests.scenario.traces import everything_in, logged

SECRET = "aVerySecretToken12345"
TIMEOUT = 10


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    async with open_stores(redis_url) as opened:
        yield opened


@contextlib.asynccontextmanager
async def worker(
    stores: Stores,
    url: str,
    register: Callable[[JobQueue], None],
    wake: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    queue = JobQueue(url, redelivery=timedelta(seconds=1))
    register(queue)
    outbox = stores.outbox("worker-1", claim_after=timedelta(seconds=1))
    relay = Relay(outbox, queue, stores.health, utc_now, wake=wake or nothing)
    task = asyncio.create_task(queue.run(relay.run))
    try:
        yield task
    finally:
        await cancel(task)


async def nothing() -> None:
    """Nothing is due."""


async def start(stores: Stores, *jobs: JobName, at: datetime | None = None) -> str:
    reset = a_reset()
    wanted = tuple(Job(name, reset.id, at) for name in jobs)
    await stores.resets.move(None, Change(Move.START, reset, NOW, jobs=wanted))
    return reset.id


async def test_a_saved_job_runs_with_the_id_and_leaves_nothing_behind(
    stores: Stores, redis_url: str
) -> None:
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with worker(stores, redis_url, lambda queue: queue.register("prepare", ran.put)):
        reset_id = await start(stores, JobName.PREPARE)
        assert await asyncio.wait_for(ran.get(), TIMEOUT) == reset_id
        async with Valkey.from_url(redis_url) as raw:
            await _until(lambda: _empty(raw))
    async with Valkey.from_url(redis_url, decode_responses=True) as raw:
        assert not [key for key in await raw.keys("resets:*") if reset_id in key]


async def test_a_job_saved_while_no_worker_ran_is_found_later(
    stores: Stores, redis_url: str
) -> None:
    reset_id = await start(stores, JobName.PREPARE)
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with worker(stores, redis_url, lambda queue: queue.register("prepare", ran.put)):
        assert await asyncio.wait_for(ran.get(), TIMEOUT) == reset_id


async def test_an_entry_that_a_dead_relay_took_is_taken_over(
    stores: Stores, redis_url: str
) -> None:
    dead = stores.outbox("dead", claim_after=timedelta(seconds=1))
    await dead.open()
    reset_id = await start(stores, JobName.PREPARE)
    taken = await dead.read(block=timedelta(seconds=1))
    assert [entry.item_id for entry in taken.entries] == [reset_id]
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with worker(stores, redis_url, lambda queue: queue.register("prepare", ran.put)):
        assert await asyncio.wait_for(ran.get(), TIMEOUT) == reset_id


async def test_a_job_of_the_same_name_saved_while_it_runs_is_not_dropped(
    stores: Stores, redis_url: str
) -> None:
    """The first `prepare` asks for a choice; the choice asks for another one of the same reset."""
    runs: asyncio.Queue[str] = asyncio.Queue()
    finish = asyncio.Event()

    async def prepare(reset_id: str) -> None:
        await runs.put(reset_id)
        await finish.wait()

    reset = a_reset()
    first = Change(Move.START, reset, NOW, jobs=(Job(JobName.PREPARE, reset.id),))
    again = Change(Move.ASK_CHOICE, reset, NOW, jobs=(Job(JobName.PREPARE, reset.id),))
    async with worker(stores, redis_url, lambda queue: queue.register("prepare", prepare)):
        moved = await stores.resets.move(None, first)
        assert await asyncio.wait_for(runs.get(), TIMEOUT) == reset.id
        await stores.resets.move(moved, again)
        assert await asyncio.wait_for(runs.get(), TIMEOUT) == reset.id
        finish.set()


async def test_a_failing_job_runs_again(stores: Stores, redis_url: str) -> None:
    tries: asyncio.Queue[str] = asyncio.Queue()

    async def fail_once(reset_id: str) -> None:
        await tries.put(reset_id)
        if tries.qsize() == 1:
            raise ValueError(SECRET)

    async with worker(stores, redis_url, lambda queue: queue.register("tell", fail_once)):
        reset_id = await start(stores, JobName.TELL)
        await _until(lambda: _is(tries.qsize() == 2))
        assert {tries.get_nowait(), tries.get_nowait()} == {reset_id}


async def test_a_job_that_was_told_to_wait_waits(stores: Stores, redis_url: str) -> None:
    tries: asyncio.Queue[float] = asyncio.Queue()

    async def busy_once(_: str) -> None:
        await tries.put(time.monotonic())
        if tries.qsize() == 1:
            raise SlackUnavailableError("rate_limited", retry_after=1.5)

    async with worker(stores, redis_url, lambda queue: queue.register("tell", busy_once)):
        await start(stores, JobName.TELL)
        await _until(lambda: _is(tries.qsize() == 2))
    first, second = tries.get_nowait(), tries.get_nowait()
    assert second - first >= 1.5, "longer than the usual second"


async def test_no_text_of_an_exception_reaches_redis_or_the_log(
    stores: Stores,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not of the first failure, nor of the last one and of giving up, nor once that has worked."""
    monkeypatch.setattr("services.jobs.queue.ATTEMPTS", 2)
    monkeypatch.setattr("services.jobs.queue.END_AGAIN", timedelta(seconds=1))
    search = Secrets({"planted": SECRET})
    tries: list[str] = []
    gave_up = asyncio.Event()

    async def fail(_: str) -> None:
        tries.append("run")
        raise ValueError(SECRET)

    async def give_up(_: str) -> None:
        tries.append("give up")
        if tries.count("give up") == 1:
            raise ValueError(SECRET)
        gave_up.set()

    async def read(when: str) -> str:
        held = await everything_in(redis_url)
        search.written |= {f"{key}, {when}": text for key, text in held.items()}
        return "".join(text for key, text in held.items() if key.startswith("resets:"))

    def register(queue: JobQueue) -> None:
        queue.register("run", fail, give_up=give_up)

    with logged() as log:
        async with worker(stores, redis_url, register), Valkey.from_url(redis_url) as raw:
            reset_id = await start(stores, JobName.RUN)
            for put_back in (["run"], ["run", "run", "give up"]):
                await _until(partial(_scheduled_after, raw, tries, put_back))
                assert reset_id in await read(f"after {put_back}"), "what the queue keeps is read"
            await asyncio.wait_for(gave_up.wait(), TIMEOUT)
        await read("in the end")
    assert tries == ["run", "run", "give up", "run", "give up"]
    search.written["log"] = log.getvalue()
    assert search.leaks() == []
    assert log.getvalue().count("job.failed") == 4
    ours = [record for record in caplog.records if record.name.startswith("docket")]
    assert not any(SECRET in str(record.exc_info) for record in ours)


async def test_a_timer_runs_when_it_is_due_and_can_ask_to_be_run_again(
    stores: Stores, redis_url: str
) -> None:
    ran: asyncio.Queue[datetime] = asyncio.Queue()
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    later = due + timedelta(seconds=0.5)

    async def expire(_: str) -> None:
        now = datetime.now(UTC)
        await ran.put(now)
        if now < later:
            raise RunAgain(later)

    async with worker(stores, redis_url, lambda queue: queue.register("expire", expire)):
        await start(stores, JobName.EXPIRE, at=due)
        assert await asyncio.wait_for(ran.get(), TIMEOUT) >= due
        assert await asyncio.wait_for(ran.get(), TIMEOUT) >= later


async def test_giving_up_is_told_to_the_job_after_its_last_try(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.queue.ATTEMPTS", 1)
    gave_up: asyncio.Queue[str] = asyncio.Queue()

    async def fail(_: str) -> None:
        raise ValueError(SECRET)

    async with worker(
        stores, redis_url, lambda queue: queue.register("run", fail, give_up=gave_up.put)
    ):
        reset_id = await start(stores, JobName.RUN)
        assert await asyncio.wait_for(gave_up.get(), TIMEOUT) == reset_id


async def test_a_wish_to_run_again_is_never_counted_as_a_failure(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.queue.ATTEMPTS", 3)
    ran: asyncio.Queue[str] = asyncio.Queue()
    gave_up: asyncio.Queue[str] = asyncio.Queue()

    async def early(item_id: str) -> None:
        await ran.put(item_id)
        if ran.qsize() < 6:
            raise RunAgain(datetime.now(UTC))

    async with worker(
        stores, redis_url, lambda queue: queue.register("expire", early, give_up=gave_up.put)
    ):
        await start(stores, JobName.EXPIRE)
        await _until(lambda: _is(ran.qsize() == 6))
    assert gave_up.empty()


async def test_a_failure_after_many_wishes_is_the_first(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.queue.ATTEMPTS", 3)
    ran: asyncio.Queue[str] = asyncio.Queue()
    gave_up: asyncio.Queue[str] = asyncio.Queue()

    async def early(item_id: str) -> None:
        await ran.put(item_id)
        if ran.qsize() < 6:
            raise RunAgain(datetime.now(UTC))
        if ran.qsize() == 6:
            raise ValueError(SECRET)

    async with worker(
        stores, redis_url, lambda queue: queue.register("contain", early, give_up=gave_up.put)
    ):
        await start(stores, JobName.CONTAIN)
        await _until(lambda: _is(ran.qsize() == 7))
    assert gave_up.empty()


async def test_giving_up_is_tried_again_until_it_works(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.jobs.queue.ATTEMPTS", 1)
    monkeypatch.setattr("services.jobs.queue.END_AGAIN", timedelta(0))
    tries: asyncio.Queue[str] = asyncio.Queue()

    async def fail(_: str) -> None:
        raise ValueError(SECRET)

    async def give_up(item_id: str) -> None:
        await tries.put(item_id)
        if tries.qsize() < 3:
            raise ValueError(SECRET)

    async with worker(
        stores, redis_url, lambda queue: queue.register("run", fail, give_up=give_up)
    ):
        reset_id = await start(stores, JobName.RUN)
        await _until(lambda: _is(tries.qsize() == 3))
        assert {tries.get_nowait() for _ in range(3)} == {reset_id}


async def test_each_audit_row_is_one_log_line(
    stores: Stores, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ran: asyncio.Queue[str] = asyncio.Queue()
    reset_id = await start(stores, JobName.PREPARE)
    async with worker(stores, redis_url, lambda queue: queue.register("prepare", ran.put)):
        await asyncio.wait_for(ran.get(), TIMEOUT)
    lines = [r for r in caplog.records if r.name == "services.audit" and reset_id in str(r.msg)]
    assert len(lines) == 1


async def test_a_worker_asks_for_what_is_due_once_it_reads(stores: Stores, redis_url: str) -> None:
    woken = asyncio.Event()

    async def wake() -> None:
        woken.set()

    async with worker(stores, redis_url, lambda queue: queue.register("tell", _no_job), wake):
        assert await asyncio.wait_for(woken.wait(), TIMEOUT)


async def _no_job(_: str) -> None:
    raise AssertionError


async def test_stopping_lets_a_running_job_end(stores: Stores, redis_url: str) -> None:
    started, finish, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_: str) -> None:
        started.set()
        await finish.wait()
        ended.set()

    async with worker(stores, redis_url, lambda queue: queue.register("tell", slow)) as task:
        await start(stores, JobName.TELL)
        await asyncio.wait_for(started.wait(), TIMEOUT)
        task.cancel()
        await asyncio.sleep(0)
        finish.set()
    assert ended.is_set()


async def _is(value: bool) -> bool:
    return value


async def _empty(raw: Valkey) -> bool:
    return int(await raw.xlen(keys.OUTBOX)) == 0


async def _scheduled(raw: Valkey) -> bool:
    """Whether Docket has put the failed job back for another try."""
    return bool(await raw.zcard("resets:queue"))


async def _scheduled_after(raw: Valkey, tries: list[str], wanted: list[str]) -> bool:
    """The same, after just these."""
    return await _scheduled(raw) and tries == wanted


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not await condition():  # noqa: ASYNC110  Docket tells nobody of its doings
            await asyncio.sleep(0.02)


async def test_the_relay_has_ended_when_a_worker_has_stopped(redis_url: str) -> None:
    """A cancellation can get lost in a client, and what is closed next would be opened again."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def relay() -> None:
        began.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(JobQueue(redis_url).run(relay))
    await asyncio.wait_for(began.wait(), TIMEOUT)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(task, TIMEOUT)
    assert ended.is_set()
