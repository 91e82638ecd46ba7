"""A queue that several workers take from, in a real Valkey."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.clock import milliseconds
from services.store import keys
from services.store.errors import StoreUnavailableError
from services.store.lease_queue import LeaseQueue
from services.store.stores import Stores
from tests.contract.case_stores import open_stores
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
LIFE = timedelta(seconds=30)


@pytest.fixture
def queue(stores: Stores) -> LeaseQueue:
    return stores.cards


async def due(raw: Valkey, **minutes: int) -> None:
    scores = {name: milliseconds(NOW + after * MINUTE) for name, after in minutes.items()}
    await raw.zadd(keys.CARDS_DUE, scores)


async def test_what_is_due_longest_is_taken_first_and_by_one(
    queue: LeaseQueue, raw: Valkey
) -> None:
    await due(raw, late=-1, later=0, longest=-5, tomorrow=1440)
    taken = [await queue.lease(NOW, LIFE) for _ in range(4)]
    assert taken == ["longest", "late", "later", None]


async def test_each_of_many_workers_takes_another_one(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, **{f"item{number}": -number for number in range(20)})
    taken = await asyncio.gather(*(queue.lease(NOW, LIFE) for _ in range(50)))
    assert sorted(one for one in taken if one) == sorted(f"item{number}" for number in range(20))


async def test_what_a_worker_never_finished_comes_back(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, item=0)
    assert await queue.lease(NOW, LIFE) == "item"
    almost = NOW + LIFE - timedelta(milliseconds=1)
    assert await queue.lease(almost, LIFE) is None
    assert await queue.lease(NOW + LIFE, LIFE) == "item"


async def test_what_is_done_never_comes_back(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, item=0)
    await queue.lease(NOW, LIFE)
    await queue.done("item")
    await queue.put_off("item", NOW)
    assert await queue.lease(NOW + LIFE, LIFE) is None
    assert await queue.wait(NOW) is None


async def test_what_was_lent_goes_once_it_is_done(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, item=0)
    await queue.lease(NOW, LIFE)
    await queue.done("item", lent_until=NOW + LIFE)
    assert await queue.wait(NOW) is None


async def test_what_is_queued_anew_meanwhile_stays(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, item=0)
    await queue.lease(NOW, LIFE)
    await due(raw, item=-1)
    await queue.done("item", lent_until=NOW + LIFE)
    assert await queue.lease(NOW, LIFE) == "item"


async def test_what_is_put_off_is_due_later(queue: LeaseQueue, raw: Valkey) -> None:
    await due(raw, item=0)
    await queue.lease(NOW, LIFE)
    await queue.put_off("item", NOW + MINUTE)
    assert await queue.lease(NOW + LIFE, LIFE) is None
    assert await queue.lease(NOW + MINUTE, LIFE) == "item"


@pytest.mark.parametrize(
    ("after", "wait"),
    [(-5, timedelta(0)), (0, timedelta(0)), (3, 3 * MINUTE)],
)
async def test_how_long_until_the_next_is_due(
    queue: LeaseQueue, raw: Valkey, after: int, wait: timedelta
) -> None:
    await due(raw, item=after, tomorrow=1440)
    assert await queue.wait(NOW) == wait


async def test_what_is_lent_is_waited_for(queue: LeaseQueue, raw: Valkey) -> None:
    assert await queue.wait(NOW) is None
    await due(raw, item=0)
    await queue.lease(NOW, LIFE)
    assert await queue.wait(NOW) == LIFE


async def test_a_queue_takes_nothing_from_another(stores: Stores, raw: Valkey) -> None:
    await due(raw, item=0)
    assert await stores.preparing.lease(NOW, LIFE) is None


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await stores.cards.lease(NOW, LIFE)
        with pytest.raises(StoreUnavailableError):
            await stores.cards.wait(NOW)
