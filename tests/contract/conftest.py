"""The followers of one org, for each test that asks for them."""

from collections.abc import AsyncIterator

import pytest
from valkey.asyncio import Valkey

from tests.contract.follow_up_stores import open_store
from tests.contract.follow_up_world import World


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with (
        open_store(redis_url) as store,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        yield World(store, raw)
