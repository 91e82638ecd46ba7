"""What contract tests ask for by name."""

from collections.abc import AsyncIterator

import pytest
from valkey.asyncio import Valkey

from services.store.stores import Stores
from tests.contract.case_stores import open_stores
from tests.contract.follow_up_stores import open_store
from tests.contract.follow_up_world import World


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    """All that is kept in Redis."""
    async with open_stores(redis_url) as opened:
        yield opened


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[Valkey]:
    """The same server, to look at what is stored."""
    async with Valkey.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    """The followers of one org."""
    async with (
        open_store(redis_url) as store,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        yield World(store, raw)
