"""Standing in line for what may be asked only so often, in a real Valkey."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from valkey.asyncio import Valkey

from services.jobs.timer import RunAgain
from services.slack import client
from services.slack.paced_people import BURST, LONGEST, PacedPeople
from services.store import keys
from services.store.errors import StoreUnavailableError
from services.store.line import AGAIN, ASKS_FOR, Line
from services.store.stores import Stores
from tests.contract.case_stores import open_stores

METHOD = "users.info"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(stores: Stores) -> Line:
    return stores.line


async def wait_of(line: Line, name: str) -> timedelta | None:
    """How long somebody waits, who asks for a moment if it is their turn."""
    async with line.turn(METHOD, name, per_minute=1, burst=3) as wait:
        return wait


async def test_a_burst_goes_at_once_and_the_others_follow_at_the_pace(line: Line) -> None:
    waits = [await wait_of(line, f"U{number}") for number in range(6)]
    assert waits[:3] == [None, None, None]
    for place, wait in enumerate(waits[3:], start=1):
        assert wait is not None
        assert (place - 1) * MINUTE < wait <= place * MINUTE


async def test_all_workers_stand_in_one_line(line: Line, redis_url: str) -> None:
    async with open_stores(redis_url) as others:
        lines = [line, others.line] * 10
        waits = await asyncio.gather(*(wait_of(one, f"U{n}") for n, one in enumerate(lines)))
    assert waits.count(None) == 3
    # One a minute from now on: the last of the seventeen waits for as many minutes.
    longest = max(wait for wait in waits if wait is not None)
    assert 16 * MINUTE < longest <= 17 * MINUTE


async def test_a_place_is_kept_and_stood_in_once(line: Line) -> None:
    for number in range(3):
        assert await wait_of(line, f"U{number}") is None
    first = await wait_of(line, "UADA")
    again = [await wait_of(line, "UADA") for _ in range(20)]
    assert first is not None
    assert all(wait is not None and wait <= first for wait in again)
    after = await wait_of(line, "UBEN")
    assert after is not None
    assert after <= 2 * MINUTE, "the next one stands right behind"


async def test_who_waited_is_let_through(line: Line, raw: Valkey) -> None:
    for number in range(3):
        await wait_of(line, f"U{number}")
    assert await wait_of(line, "UADA") is not None
    await raw.set(keys.place(METHOD, "UADA"), "1000")  # its time has come
    assert await wait_of(line, "UADA") is None
    assert not await raw.exists(keys.place(METHOD, "UADA"))


async def test_two_of_one_name_dont_ask_at_once(line: Line) -> None:
    async with line.turn(METHOD, "UADA", per_minute=1, burst=3) as first:
        assert first is None
        assert await wait_of(line, "UADA") == AGAIN
        assert await wait_of(line, "UBEN") is None
    assert await wait_of(line, "UADA") is None


async def test_who_died_asking_is_waited_for_no_longer_than_a_call_takes(
    line: Line, raw: Valkey
) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(line.turn(METHOD, "UADA", per_minute=1, burst=3))
        left = await raw.pttl(keys.place(METHOD, "UADA"))
    assert 0 < left <= ASKS_FOR.total_seconds() * 1000


async def test_a_failed_call_leaves_no_place(line: Line, raw: Valkey) -> None:
    with pytest.raises(KeyError):
        async with line.turn(METHOD, "UADA", per_minute=1, burst=3):
            raise KeyError
    assert not await raw.exists(keys.place(METHOD, "UADA"))


async def test_an_idle_line_leaves_nothing(line: Line, raw: Valkey) -> None:
    await wait_of(line, "UADA")
    left = await raw.pttl(keys.line(METHOD))
    assert 0 < left <= 60_000
    assert not await raw.exists(keys.place(METHOD, "UADA"))


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await wait_of(stores.line, "UADA")


async def test_a_job_that_waits_for_long_looks_again_in_between(line: Line, raw: Valkey) -> None:
    people = PacedPeople(client.build("xoxb-none", "http://127.0.0.1:9/api/"), line)
    # So many stand in line already that the next one's turn is in hours.
    due = datetime.now(UTC) + timedelta(hours=9) + BURST * MINUTE
    await raw.set(keys.line(METHOD), str(int(due.timestamp() * 1000)))
    with pytest.raises(RunAgain) as again:
        await people.profile("UADA")
    left = again.value.at - datetime.now(UTC)
    assert LONGEST - MINUTE < left <= LONGEST
