"""What may be done only so often, by whichever worker comes first, in a real Valkey."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.store import keys
from services.store.errors import StoreUnavailableError
from services.store.stores import Stores
from services.store.turns import Turns
from tests.contract.case_stores import open_stores

GAP = timedelta(minutes=1)


@pytest.fixture
def turns(stores: Stores) -> Turns:
    return stores.turns


async def test_a_turn_is_taken_by_one_and_the_others_are_told_how_long(turns: Turns) -> None:
    answers = await asyncio.gather(*(turns.take("card", GAP) for _ in range(50)))
    assert answers.count(None) == 1
    waits = [one for one in answers if one is not None]
    assert all(timedelta(0) < one <= GAP for one in waits)


async def test_turns_of_other_names_are_taken_apart(turns: Turns) -> None:
    assert await turns.take("card", GAP) is None
    assert await turns.take("summary", GAP) is None
    assert await turns.take("card", GAP) is not None


async def test_a_turn_is_over_by_itself(turns: Turns, raw: Valkey) -> None:
    assert await turns.take("card", GAP) is None
    left = await raw.pttl(keys.turn("card"))
    assert 0 < left <= GAP.total_seconds() * 1000
    await raw.delete(keys.turn("card"))  # a minute is over
    assert await turns.take("card", GAP) is None


async def test_who_comes_late_makes_no_turn_longer(turns: Turns, raw: Valkey) -> None:
    await turns.take("card", GAP)
    await raw.pexpire(keys.turn("card"), 500)
    left = await turns.take("card", GAP)
    assert left is not None
    assert left <= timedelta(milliseconds=500)
    assert await raw.pttl(keys.turn("card")) <= 500


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await stores.turns.take("card", GAP)
