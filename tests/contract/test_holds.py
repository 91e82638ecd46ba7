"""One worker at a time runs a case's steps, for as long as it lives, in a real Valkey."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.store import keys
from services.store.errors import StoreUnavailableError
from services.store.holds import Holds
from services.store.stores import Stores
from tests.contract.case_stores import open_stores

CASE, OTHER = "c" * 32, "d" * 32


@pytest.fixture
def runs(stores: Stores) -> Holds:
    return stores.case_runs


async def test_of_many_workers_one_holds_it(runs: Holds, raw: Valkey) -> None:
    tokens = await asyncio.gather(*(runs.take(CASE) for _ in range(50)))
    assert len([one for one in tokens if one]) == 1
    assert await runs.take(OTHER) is not None
    assert 0 < await raw.pttl(keys.case_run(CASE)) <= 15_000
    assert runs.life == timedelta(seconds=15)


async def test_what_is_let_go_may_be_taken(runs: Holds) -> None:
    token = await runs.take(CASE)
    assert token is not None
    await runs.release(CASE, token)
    assert await runs.take(CASE) is not None


async def test_a_hold_is_renewed_by_who_has_it(runs: Holds, raw: Valkey) -> None:
    token = await runs.take(CASE)
    assert token is not None
    await raw.pexpire(keys.case_run(CASE), 500)
    assert await runs.renew(CASE, token)
    assert await raw.pttl(keys.case_run(CASE)) > 10_000


async def test_a_worker_whose_hold_ran_out_lets_go_of_nothing(runs: Holds, raw: Valkey) -> None:
    late = await runs.take(CASE)
    assert late is not None
    await raw.delete(keys.case_run(CASE))  # it was quiet for too long
    token = await runs.take(CASE)
    assert token not in {None, late}
    assert not await runs.renew(CASE, late)
    await runs.release(CASE, late)
    assert await raw.get(keys.case_run(CASE)) == token


async def test_what_ran_out_and_nobody_has_taken_is_taken_anew(runs: Holds, raw: Valkey) -> None:
    token = await runs.take(CASE)
    assert token is not None
    await raw.delete(keys.case_run(CASE))
    assert await runs.renew(CASE, token)
    assert await runs.take(CASE) is None
    assert 0 < await raw.pttl(keys.case_run(CASE)) <= 15_000


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await stores.case_runs.take(CASE)
        with pytest.raises(StoreUnavailableError):
            await stores.case_runs.renew(CASE, "token")
        with pytest.raises(StoreUnavailableError):
            await stores.case_runs.release(CASE, "token")
