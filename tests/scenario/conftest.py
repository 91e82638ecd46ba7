"""A world for each test that asks for one, and a look for secrets after every test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.counting import Count
from tests.scenario import world as worlds
from tests.scenario.traces import logged
from tests.scenario.watching import Watch
from tests.scenario.world import World, a_world


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_world(redis_url) as built:
        yield built


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch, count: Count) -> Iterator[Watch]:
    """Look, once a test's worlds have ended, for every secret in all that was written down.

    That is the log at its most talkative, Redis, all that Slack was sent, and the metrics.
    """
    watching = Watch(monkeypatch)
    monkeypatch.setattr(worlds, "watchers", [watching.over])
    with logged("DEBUG") as watching.log:
        yield watching
    if watching.worlds and not watching.may_leak:
        assert watching.leaks() == []
        count("worlds of stories searched for secrets", watching.worlds)
        count("secrets sought in them, each in every form", watching.sought)
