"""A machine that stood still is told apart from a fault, and excuses nothing else."""

import asyncio
import time

import pytest

from tests.faults.standstill import LOOKS_EVERY, TOO_LONG, StoodStillError, telling_apart


async def watched(url: str, *, still: float = 0, wrong: bool = False) -> bool:
    """Stand still for so many seconds, and go wrong."""
    async with telling_apart(url):
        await asyncio.sleep(2 * LOOKS_EVERY)  # so that it is being looked at
        goes_on = time.monotonic() + still
        while time.monotonic() < goes_on:
            pass  # nothing else can run, as where a machine stands still
        await asyncio.sleep(2 * LOOKS_EVERY)
        if wrong:
            raise ValueError("a fault")
    return True


async def test_what_goes_wrong_meanwhile_may_be_the_machines_doing(redis_url: str) -> None:
    with pytest.raises(StoodStillError) as raised:
        await watched(redis_url, still=TOO_LONG + LOOKS_EVERY, wrong=True)
    assert isinstance(raised.value.__cause__, ValueError)


async def test_what_goes_wrong_otherwise_is_a_fault(redis_url: str) -> None:
    with pytest.raises(ValueError, match="a fault"):
        await watched(redis_url, wrong=True)


async def test_what_goes_well_all_the_same_went_well(redis_url: str) -> None:
    assert await watched(redis_url, still=TOO_LONG + LOOKS_EVERY)
