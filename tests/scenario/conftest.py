"""A world for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.scenario.world import World, a_world


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_world(redis_url) as built:
        yield built
