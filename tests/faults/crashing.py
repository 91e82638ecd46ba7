"""Kills a process (-9) at any one of its outgoing commands, and lets another one go on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.embedded import EmbeddedValkey
from tests.faults.crash_checks import what_is_left
from tests.faults.mortality import Mortal, MortalWeb, MortalWorker
from tests.faults.points import PATIENCE, Point
from tests.faults.redis_proxy import RedisProxy
from tests.faults.standstill import telling_apart
from tests.scenario.world import World


@dataclass(frozen=True)
class Story:
    """What people do, and what must be true in the end, whatever died on the way."""

    name: str
    world: Callable[[str], contextlib.AbstractAsyncContextManager[World]]
    play: Callable[[World], Awaitable[None]]
    """All that people do, up to the last thing they are told. They do again what didn't work."""
    intents: Callable[[World], Awaitable[set[str]]]
    """The effects of which an intent is written, and that may have been asked for by now."""
    check: Callable[[World, "Death"], Awaitable[None]]
    dies: Literal["worker", "web"] = "worker"


@dataclass
class Death:
    """What was known when the worker died."""

    point: Point | None
    came: bool = False
    """The point was reached. One that depends on how fast things go may not be."""
    intended: set[str] = field(default_factory=set)
    """The effects of which an intent was written."""


async def play(story: Story, folder: Path, point: Point | None = None) -> tuple[list[Point], Death]:
    """Play a story with a death at a point, and check what is true in the end.

    Returns:
        Each command that was sent, and what the death was like.

    Raises:
        StoodStillError: it went wrong while the machine stood still.
    """
    await asyncio.to_thread(folder.mkdir)
    valkey = EmbeddedValkey(folder / "valkey", append_fsync="no")
    url = await asyncio.to_thread(valkey.start)
    death = Death(point)
    proxy = RedisProxy(url)
    try:
        async with contextlib.AsyncExitStack() as stack:
            through = await stack.enter_async_context(proxy.serving(folder / "proxy"))
            world = await stack.enter_async_context(story.world(url))
            mortal = await stack.enter_async_context(_mortal(story, world, proxy, through))

            async def at_death() -> None:
                death.intended = await story.intents(world)

            try:
                async with (
                    telling_apart(url),
                    asyncio.timeout(2 * PATIENCE),
                    mortal.living(point, at_death),
                ):
                    await story.play(world)
                    death.came = mortal.died
                    await story.check(world, death)
            except Exception as error:
                error.add_note(f"in Redis: {await what_is_left(url)}")
                raise
            return mortal.commands(), death
    finally:
        await asyncio.to_thread(valkey.stop)


@contextlib.asynccontextmanager
async def _mortal(story: Story, world: World, proxy: RedisProxy, url: str) -> AsyncIterator[Mortal]:
    environ = world.environ | {"REDIS_URL": url}
    if story.dies == "worker":
        yield MortalWorker(world, proxy, environ)
        return
    async with world.worker():
        yield MortalWeb(world, proxy, environ)
