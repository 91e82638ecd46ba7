"""Moves of the same moment in one pipeline, against a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError
from valkey.asyncio import Valkey

from services.store.batches import LARGEST, SENDERS, Batches, Script

ECHO = Script("return { ARGV[1] }")
PICKY = Script("if ARGV[1] == 'bad' then return redis.error_reply('NO') end return { ARGV[1] }")


@pytest.fixture
async def batches(redis_url: str) -> AsyncIterator[Batches]:
    opened = Batches(redis_url)
    yield opened
    await opened.aclose()


async def test_each_call_gets_its_own_answer(batches: Batches) -> None:
    wanted = [f"{number}" for number in range(3 * LARGEST + 1)]
    answers = await asyncio.gather(*(batches.run(ECHO, ["k"], one.encode()) for one in wanted))
    assert answers == [[one] for one in wanted]


async def test_a_script_that_the_server_forgot_is_loaded_again(
    batches: Batches, redis_url: str
) -> None:
    assert await batches.run(ECHO, ["k"], b"before") == ["before"]
    async with Valkey.from_url(redis_url) as raw:
        await raw.script_flush()
    assert await batches.run(ECHO, ["k"], b"after") == ["after"]


async def test_one_that_fails_fails_alone(batches: Batches) -> None:
    answers = await asyncio.gather(
        *(batches.run(PICKY, ["k"], one) for one in (b"good", b"bad", b"better")),
        return_exceptions=True,
    )
    assert answers[0] == ["good"]
    assert isinstance(answers[1], ResponseError)
    assert answers[2] == ["better"]


async def test_whoever_stops_waiting_takes_nothing_from_the_others(batches: Batches) -> None:
    gone = asyncio.create_task(batches.run(ECHO, ["k"], b"gone"))
    stays = asyncio.create_task(batches.run(ECHO, ["k"], b"stays"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == ["stays"]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_call_made_just_as_all_senders_end_is_sent_too(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their answers come at the same moment, and one who got theirs has the next call ready."""
    send, sending, answered = batches._send, asyncio.Semaphore(0), asyncio.Event()

    async def answer_together(batch: list[Any]) -> None:
        sending.release()
        await answered.wait()
        for call in batch:
            call.answer.set_result(["first"])

    async def call_twice() -> list[Any]:
        await batches.run(ECHO, ["k"], b"first")
        monkeypatch.setattr(batches, "_send", send)
        return await batches.run(ECHO, ["k"], b"second")

    monkeypatch.setattr(batches, "_send", answer_together)
    twice = asyncio.create_task(call_twice())
    await sending.acquire()
    once = []
    for _ in range(1, SENDERS):
        once.append(asyncio.create_task(batches.run(ECHO, ["k"], b"first")))
        await sending.acquire()
    answered.set()
    async with asyncio.timeout(5):
        assert await asyncio.gather(*once) == [["first"]] * (SENDERS - 1)
        assert await twice == ["second"]


async def test_no_server_is_an_error_for_each(tmp_path: object) -> None:
    nowhere = Batches(f"unix://{tmp_path}/nothing.sock")
    answers = await asyncio.gather(
        *(nowhere.run(ECHO, ["k"], b"x") for _ in range(3)), return_exceptions=True
    )
    await nowhere.aclose()
    assert all(isinstance(answer, RedisError | OSError) for answer in answers)
