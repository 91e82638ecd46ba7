"""Jobs of a newer version beside a worker of an older one, against a real Valkey."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.clock import utc_now
from services.jobs import queue as queues
from services.jobs.queue import JobQueue
from services.jobs.relay import UNKNOWN_FOR, Relay
from services.store import keys
from services.store.changes import JobName
from services.store.outbox import Entry
from services.store.stores import Stores
from tests.cancelling import cancel
from tests.contract.test_jobs import TIMEOUT, _empty, _scheduled, _until, nothing, start, worker


async def test_what_a_newer_version_wrote_stops_no_worker_and_stays_for_it(
    stores: Stores, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Valkey.from_url(redis_url) as raw:
        written = await raw.xadd(keys.OUTBOX, {"something": "else"})
        await raw.xadd(keys.AUDIT, {"row": '{"after": "a_state_of_tomorrow"}'})
        ran: asyncio.Queue[str] = asyncio.Queue()
        async with worker(stores, redis_url, lambda queue: queue.register("prepare", ran.put)):
            reset_id = await start(stores, JobName.PREPARE)
            assert await asyncio.wait_for(ran.get(), TIMEOUT) == reset_id
            await _until(lambda: _one_is_left(raw))
        assert [entry_id for entry_id, _ in await raw.xrange(keys.OUTBOX)] == [written]
    assert "outbox.unreadable" in caplog.text
    assert "audit.unreadable" in caplog.text


async def test_what_nobody_knows_for_a_day_is_logged_and_let_go(
    stores: Stores, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Valkey.from_url(redis_url) as raw:
        await raw.xadd(keys.OUTBOX, {"something": "else"})
        await raw.xadd(keys.OUTBOX, {"job": "of_tomorrow", "id": "1", "at": 0})
        queue = JobQueue(redis_url)
        outbox = stores.outbox("worker-1", claim_after=timedelta(0))
        tomorrow = Relay(
            outbox,
            queue,
            stores.health,
            lambda: utc_now() + UNKNOWN_FOR + timedelta(minutes=1),
            wake=nothing,
        )
        running = asyncio.create_task(queue.run(tomorrow.run))
        await _until(lambda: _empty(raw))
        await cancel(running)
    assert "outbox.let_go" in caplog.text


async def test_a_job_that_this_version_does_not_know_is_left_aside(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue = JobQueue(redis_url)
    assert not await queue.add(Entry("1-0", "from_another_version", "0" * 32, None))
    assert "job.unknown" in caplog.text


async def test_a_job_that_a_newer_worker_knows_waits_for_it(stores: Stores, redis_url: str) -> None:
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with worker(stores, redis_url, lambda queue: queue.register("tell", ran.put)):
        newer = await start(stores, JobName.FOLLOW_SHOW)
        older = await start(stores, JobName.TELL)
        assert await asyncio.wait_for(ran.get(), TIMEOUT) == older
    async with worker(stores, redis_url, lambda queue: queue.register("follow_show", ran.put)):
        assert await asyncio.wait_for(ran.get(), TIMEOUT) == newer


async def test_many_that_wait_for_a_newer_worker_hide_none_behind_them(
    stores: Stores, redis_url: str
) -> None:
    """A server looks at ten times as many as it is asked for, and not at what lies beyond."""
    async with Valkey.from_url(redis_url) as raw:
        outbox = stores.outbox("dead", claim_after=timedelta(0))
        await outbox.open()
        pipe = raw.pipeline()
        for number in range(40):
            pipe.xadd(keys.OUTBOX, {"job": "of_tomorrow", "id": str(number), "at": 0})
        pipe.xadd(keys.OUTBOX, {"job": "tell", "id": "behind", "at": 0})
        await pipe.execute()
        await outbox.read(block=timedelta(seconds=1))
        heir = stores.outbox("heir", claim_after=timedelta(0))
        seen = [await heir.abandoned(count=10) for _ in range(5)]
        found = [entry.item_id for batch in seen for entry in batch.entries]
        assert len(set(found)) == 41
        assert "behind" in found


async def test_a_job_that_only_a_newer_worker_knows_is_put_back_not_dropped(
    stores: Stores, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "UNKNOWN_AGAIN", timedelta(milliseconds=100))
    tries: asyncio.Queue[str] = asyncio.Queue()

    async def fails_once(item_id: str) -> None:
        await tries.put(item_id)
        if tries.qsize() == 1:
            raise RuntimeError

    gave_up: list[str] = []

    async def give_up(item_id: str) -> None:
        gave_up.append(item_id)

    newer = JobQueue(redis_url)
    newer.register("of_tomorrow", fails_once, give_up=give_up)
    async with newer._docket:
        assert await newer.add(Entry("1-0", "of_tomorrow", "the id", None))
    async with Valkey.from_url(redis_url) as raw:
        put_back = 0

        async def taken_often() -> bool:
            nonlocal put_back
            waits = await _scheduled(raw)
            put_back += waits
            return put_back > 12

        async with worker(stores, redis_url, lambda queue: queue.register("tell", tries.put)):
            await _until(taken_often)
            older = await start(stores, JobName.TELL)
            assert await asyncio.wait_for(tries.get(), TIMEOUT) == older, "it blocks nobody"
        async with worker(
            stores,
            redis_url,
            lambda queue: queue.register("of_tomorrow", fails_once, give_up=give_up),
        ):
            await _until(lambda: _is_two(tries))
    assert {tries.get_nowait() for _ in range(2)} == {"the id"}
    assert gave_up == [], "being put back is no failure"


async def _one_is_left(raw: Valkey) -> bool:
    return int(await raw.xlen(keys.OUTBOX)) == 1


async def _is_two(tries: "asyncio.Queue[str]") -> bool:
    return tries.qsize() == 2
