"""Kills a worker (-9) at any one of its outgoing commands, and lets another one go on.

Commands to Redis are cut off by a proxy; requests to Slack and Salesforce by the sandbox itself,
which takes a request and keeps silent before or after it has carried it out.
"""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.embedded import EmbeddedValkey
from tests.faults import mortal
from tests.faults.points import PATIENCE, Point, arm
from tests.faults.redis_proxy import RedisProxy, Strike
from tests.scenario.world import World

OF_THE_WEB = frozenset({"views.open"})
"""What only the web process asks of Slack."""

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess


class Mortal:
    """A worker that dies at a point, and the one that comes after it."""

    def __init__(self, world: World, proxy: RedisProxy, environ: dict[str, str]) -> None:
        self._world = world
        self._proxy = proxy
        self._environ = environ
        self._child: ForkServerProcess | None = None
        self.died = False
        self._slack, self._salesforce = len(world.slack.calls), len(world.org.calls)

    @contextlib.asynccontextmanager
    async def living(
        self, point: Point | None, at_death: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Run meanwhile, but for one death at the point."""
        reached = self._armed(point)
        self._child = await asyncio.to_thread(mortal.start_worker, self._environ)
        heir = asyncio.create_task(self._inherit(reached, at_death))
        try:
            yield
        finally:
            heir.cancel()
            await asyncio.gather(heir, return_exceptions=True)
            await asyncio.to_thread(self._bury)

    def commands(self) -> list[Point]:
        """Every command that was sent, in the order of their kind."""
        slack = [call.method for call in self._world.slack.calls[self._slack :]]
        asked = {
            "redis": [name for name, _ in self._proxy.seen],
            "slack": [method for method in slack if method not in OF_THE_WEB],
            "salesforce": [call.endpoint for call in self._world.org.calls[self._salesforce :]],
        }
        counts: Counter[tuple[str, str]] = Counter()
        points = []
        for service, names in asked.items():
            for name in names:
                counts[service, name] += 1
                points.append(Point(service, name, counts[service, name]))
        return points

    def _armed(self, point: Point | None) -> Callable[[], Awaitable[object]]:
        """Arrange for the point; returns what waits until it is reached."""
        if point is None:
            self._proxy.begin()
            return asyncio.Event().wait
        if point.service == "redis":
            strike = Strike(point.name, point.nth, point.after, self._kill)
            self._proxy.begin(strike)
            return strike.struck.wait
        self._proxy.begin()
        is_there = arm(self._world, point)
        told = self._world.slack if point.service == "slack" else self._world.org
        return lambda: told.until(is_there, 10 * PATIENCE)

    async def _inherit(
        self, reached: Callable[[], Awaitable[object]], at_death: Callable[[], Awaitable[None]]
    ) -> None:
        await reached()
        await asyncio.to_thread(self._bury)
        await at_death()
        self.died = True
        self._child = await asyncio.to_thread(mortal.start_worker, self._environ)

    def _kill(self) -> None:
        if self._child is not None and self._child.pid is not None:
            os.kill(self._child.pid, signal.SIGKILL)

    def _bury(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.join()
            child.close()


@dataclass(frozen=True)
class Story:
    """What people do, and what must be true in the end, whatever died on the way."""

    name: str
    world: Callable[[str], contextlib.AbstractAsyncContextManager[World]]
    prepare: Callable[[World], Awaitable[None]]
    """What comes before, with a worker that lives."""
    play: Callable[[World], Awaitable[None]]
    """All that people do, up to the last thing they are told."""
    intents: Callable[[World], Awaitable[set[str]]]
    """The effects of which an intent is written, and that may have been asked for by now."""
    check: Callable[[World, "Death"], Awaitable[None]]


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
            await story.prepare(world)
            environ = world.environ | {"REDIS_URL": through}
            worker = Mortal(world, proxy, environ)

            async def at_death() -> None:
                death.intended = await story.intents(world)

            async with asyncio.timeout(PATIENCE), worker.living(point, at_death):
                await story.play(world)
                death.came = worker.died
                await story.check(world, death)
            return worker.commands(), death
    finally:
        await asyncio.to_thread(valkey.stop)
