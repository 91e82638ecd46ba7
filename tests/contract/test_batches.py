"""Moves of the same moment in one pipeline, against a real Valkey."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import RedisError, ResponseError
from valkey.asyncio import Valkey

from services.store.batches import LARGEST, Batches, Script

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


async def test_no_server_is_an_error_for_each(tmp_path: object) -> None:
    nowhere = Batches(f"unix://{tmp_path}/nothing.sock")
    answers = await asyncio.gather(
        *(nowhere.run(ECHO, ["k"], b"x") for _ in range(3)), return_exceptions=True
    )
    await nowhere.aclose()
    assert all(isinstance(answer, RedisError | OSError) for answer in answers)
