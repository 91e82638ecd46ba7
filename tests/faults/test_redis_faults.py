"""Redis is refused, full, slow or restarted in the middle of a reset: nothing is lost or twice."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from valkey.asyncio import Valkey

from sandbox.salesforce import faults
from tests.counting import Count
from tests.faults.crash_resets import reset_story
from tests.faults.crashing import Death
from tests.faults.points import PATIENCE
from tests.faults.redis_proxy import RedisProxy, Strike
from tests.faults.servers import Server, running
from tests.scenario.steps import UNCHANGED, eventually, newcomer, offered
from tests.scenario.world import World, a_world

STORY = reset_story("token")
AWAY_FOR = 10
"""Seconds for which Redis is refused."""
CHECKING = "Checking what depends on your token"
CROWD = 60
"""People who type at once while the server dies."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path / "valkey") as server:
        yield server


@contextlib.asynccontextmanager
async def behind(server: Server, folder: Path) -> AsyncIterator[tuple[World, RedisProxy]]:
    """A world whose Redis is reached through a proxy."""
    proxy = RedisProxy(server.url)
    async with (
        proxy.serving(folder / "proxy") as url,
        a_world(url, SALESFORCE_RESET_METHOD="token") as world,
    ):
        yield world, proxy


@contextlib.asynccontextmanager
async def caught_in_the_act(world: World) -> AsyncIterator[None]:
    """Something happens while Salesforce is about to reset: all must end well."""
    world.org.faults.add("submit", faults.late(2))
    before = len(world.org.calls)
    telling = asyncio.ensure_future(STORY.play(world))
    try:
        await world.org.until(lambda: world.org.count(before, "submit") == 1, PATIENCE)
        yield
        await telling
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    await STORY.check(world, Death(None, intended={"reset"}))
    assert len(world.org.resets) == 1


async def test_refused_for_ten_seconds(server: Server, tmp_path: Path) -> None:
    async with behind(server, tmp_path) as (world, proxy), caught_in_the_act(world):
        proxy.refuses = True
        proxy.cut_off()
        await asyncio.sleep(AWAY_FOR)  # what the fault is
        proxy.refuses = False


async def test_restarted_in_the_middle(server: Server, tmp_path: Path) -> None:
    async with behind(server, tmp_path) as (world, _), caught_in_the_act(world):
        server.kill()
        await server.start()


@pytest.mark.parametrize("move", ["offer", "run", "intend", "succeed", "tell"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_the_server_dies_at_a_move(
    server: Server, tmp_path: Path, count: Count, move: str, after: bool
) -> None:
    """It comes back with its append-only file; the worker lives."""
    async with behind(server, tmp_path) as (world, proxy):
        death = Strike(f"MOVE {move} reset:*", 1, after, server.kill)
        proxy.begin(death)
        telling = asyncio.ensure_future(STORY.play(world))
        try:
            async with asyncio.timeout(PATIENCE):
                await death.struck.wait()
            await server.start()
            await telling
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        await STORY.check(world, Death(None, intended={"reset"}))
    count("moments at which Redis was killed in a reset by the method token", 1)


async def test_full_in_the_middle(server: Server, tmp_path: Path) -> None:
    async with behind(server, tmp_path) as (world, _), caught_in_the_act(world):
        await server.sets(maxmemory="1")
        await world.org.until(lambda: len(world.org.resets) == 1, PATIENCE)
        refused = await server.refused_for_lack_of_memory()

        async def is_refused() -> bool:
            return await server.refused_for_lack_of_memory() > refused

        await eventually(is_refused)
        await server.sets(maxmemory="0")


async def test_full_at_the_command(server: Server, tmp_path: Path) -> None:
    async with behind(server, tmp_path) as (world, _):
        ada = world.person("ada")
        await server.sets(maxmemory="1")
        assert (await ada.types("/reset-token")).error is None
        shown = await ada.sees_soon("I can't save anything right now", 10)
        assert UNCHANGED in shown.plain
        await server.sets(maxmemory="0")
        await offered(world)


async def test_slow(server: Server, tmp_path: Path) -> None:
    async with behind(server, tmp_path) as (world, proxy):
        proxy.delay = 0.1
        await STORY.play(world)
        proxy.delay = 0
        await STORY.check(world, Death(None))
        assert len(world.org.resets) == 1


async def test_what_was_acknowledged_outlives_the_server(
    server: Server, tmp_path: Path, count: Count
) -> None:
    """With `appendfsync always`. Its process dies; no test can pull a machine's plug."""
    async with Valkey.from_url(server.url, decode_responses=True) as raw:
        assert await raw.config_get("appendfsync") == {"appendfsync": "always"}
    async with behind(server, tmp_path) as (world, _):
        names = [newcomer(world, f"crowd{number:03}", None).name for number in range(CROWD)]
        acked: list[str] = []

        async def types(name: str) -> None:
            result = await world.person(name).types("/reset-token")
            if result.error is None and CHECKING in world.person(name).sees("general")[-1].plain:
                acked.append(name)

        typing = [asyncio.create_task(types(name)) for name in names]
        for one in itertools.islice(asyncio.as_completed(typing), CROWD // 3):
            await one
        server.kill()
        await asyncio.gather(*typing)
        await server.start()
        for name in acked:
            found = await world.web.stores.resets.newest_of(world.slack.person(name).id, 1)
            assert len(found) == 1, "what was acknowledged is there"
        assert len(acked) >= CROWD // 3
        count("commands acknowledged while the server died, none lost", len(acked))
