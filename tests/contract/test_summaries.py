"""Which summary card stands, in a real Valkey."""

import asyncio

import pytest

from services.store.errors import StoreUnavailableError
from services.store.stores import Stores
from services.store.summaries import Summaries
from tests.contract.case_stores import open_stores


@pytest.fixture
def summaries(stores: Stores) -> Summaries:
    return stores.summaries


async def test_one_begins_however_many_workers_want_one(summaries: Summaries) -> None:
    assert await summaries.standing() is None
    assert await asyncio.gather(*(summaries.begin() for _ in range(50))) == [1] * 50
    assert await summaries.standing() == 1


async def test_the_next_one_has_a_number_of_its_own(summaries: Summaries) -> None:
    await summaries.end(await summaries.begin())
    assert await summaries.standing() is None
    assert await summaries.begin() == 2
    assert await summaries.standing() == 2


async def test_one_that_ends_late_ends_no_newer_one(summaries: Summaries) -> None:
    await summaries.end(await summaries.begin())
    await summaries.begin()
    await summaries.end(1)
    assert await summaries.standing() == 2
    await summaries.end(2)
    await summaries.end(2)
    assert await summaries.standing() is None


async def test_where_none_ever_stood_none_ends(summaries: Summaries) -> None:
    await summaries.end(1)
    assert await summaries.standing() is None
    assert await summaries.begin() == 1


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await stores.summaries.begin()
        with pytest.raises(StoreUnavailableError):
            await stores.summaries.standing()
        with pytest.raises(StoreUnavailableError):
            await stores.summaries.end(1)
