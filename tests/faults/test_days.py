"""Days in fast-forward: the same load leaves no more behind after ten days than after five."""

import gc
import tracemalloc
from datetime import timedelta
from pathlib import Path

import docket
import pytest
from valkey.asyncio import Valkey

from services.clock import from_milliseconds
from services.store import keys
from tests.counting import Count
from tests.faults.fast_forward import FastForward, in_fast_forward, members
from tests.scenario.steps import done, offered

WAVES = 1
"""A day."""

DAYS = 5
"""Longer than anything lasts with these settings but the audit, so all of it has come and gone."""

SETTINGS = {"RESET_FOLLOW_DAYS": "1", "RESET_RETENTION_DAYS": "3"}

ROOT = Path(__file__).parents[2]
OURS = [str(ROOT / part / "*") for part in ("bot", "handlers", "services")]
DOCKETS = str(Path(docket.__file__).parent / "*")

MOST_GROWTH = 200_000
"""Bytes in five days: caches that fill, and what one wave has just left."""


async def a_wave(time: FastForward, people: list[str]) -> None:
    """One resets, one cancels, one leaves the offer."""
    resets, cancels, leaves = people
    await done(time.world, resets)
    other = await offered(time.world, cancels)
    await time.world.person(cancels).presses("reset.cancel", other)
    await offered(time.world, leaves)
    await time.forward(hours=24 / WAVES)


def held() -> int:
    """Bytes that the program and its job queue hold, of what they took since it was looked at."""
    gc.collect()
    filters = [tracemalloc.Filter(inclusive=True, filename_pattern=one) for one in (*OURS, DOCKETS)]
    found = tracemalloc.take_snapshot().filter_traces(filters)
    return sum(one.size for one in found.statistics("filename"))


async def test_keys_timers_and_memory_are_flat(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    async with in_fast_forward(redis_url, monkeypatch, **SETTINGS) as time:
        people = list(members(time.world, 3))
        for _ in range((DAYS - 1) * WAVES):
            await a_wave(time, people)
        tracemalloc.start()
        try:
            for _ in range(WAVES):
                await a_wave(time, people)
            sizes, memory = await time.size(), held()
            for _ in range(DAYS * WAVES):
                await a_wave(time, people)
            grown = held() - memory
        finally:
            tracemalloc.stop()
        after = await time.size()
        assert after.keys() <= sizes.keys()
        # A wave's own timers may just have been due.
        assert all(after.get(kind, 0) <= size + 2 for kind, size in sizes.items()), (sizes, after)
        assert grown < MOST_GROWTH
    count("days of the same load in fast-forward, after which nothing had grown", 2 * DAYS)
    count("bytes by which memory grew in five days of it", max(grown, 0))


async def test_the_audit_is_trimmed_when_its_year_is_over(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis names its rows by its own clock, in pages of a hundred, and drops whole pages."""
    async with in_fast_forward(redis_url, monkeypatch) as time:
        (name,) = members(time.world, 1)
        async with Valkey.from_url(redis_url, decode_responses=True) as raw:
            await offered(time.world, name)
            ((first, row),) = await raw.xrange(keys.AUDIT, count=1)
            for _ in range(300):
                await raw.xadd(keys.AUDIT, row)
            over = from_milliseconds(int(first.partition("-")[0])) + timedelta(days=365)
            await time.until(over - timedelta(hours=1))
            await offered(time.world, name)
            assert (await raw.xrange(keys.AUDIT, count=1))[0][0] == first, "too early"
            await time.until(over + timedelta(hours=1))
            await offered(time.world, name)
            assert await raw.xlen(keys.AUDIT) <= 100
