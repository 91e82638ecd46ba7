"""Processes that die at a point, each with the one that comes after it.

Commands to Redis are cut off by a proxy; requests to Slack and Salesforce by the sandbox itself,
which takes a request and keeps silent before or after it has carried it out.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import httpx
from typing_extensions import override

from tests.faults import mortal
from tests.faults.points import PATIENCE, Point, arm
from tests.faults.redis_proxy import RedisProxy, Strike
from tests.scenario.world import World

OF_THE_WEB = frozenset({"views.open"})
"""What only the web process asks of Slack."""

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess


class Mortal(ABC):
    """A process that dies at a point, and the one that comes after it."""

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
        self._child = await self._born()
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
        salesforce = [call.endpoint for call in self._world.org.calls[self._salesforce :]]
        asked = {
            "redis": [name for name, _ in self._proxy.seen],
            "slack": [method for method in slack if self._asks_slack(method)],
            "salesforce": salesforce if self._asks_salesforce else [],
        }
        counts: Counter[tuple[str, str]] = Counter()
        points = []
        for service, names in asked.items():
            for name in names:
                counts[service, name] += 1
                points.append(Point(service, name, counts[service, name]))
        return points

    @abstractmethod
    async def _born(self) -> "ForkServerProcess": ...

    @abstractmethod
    def _asks_slack(self, method: str) -> bool:
        """Whether it is this process that asks this of Slack."""

    _asks_salesforce = False

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
        self._child = await self._born()

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _bury(self) -> None:
        self._kill()
        child, self._child = self._child, None
        if child is not None:
            mortal.bury(child)


class MortalWorker(Mortal):
    """A worker."""

    _asks_salesforce = True

    @override
    async def _born(self) -> "ForkServerProcess":
        return await asyncio.to_thread(mortal.start_worker, self._environ)

    @override
    def _asks_slack(self, method: str) -> bool:
        return method not in OF_THE_WEB


class MortalWeb(Mortal):
    """A web process. While none listens, requests wait, as a load balancer lets them."""

    def __init__(self, world: World, proxy: RedisProxy, environ: dict[str, str]) -> None:
        super().__init__(world, proxy, environ)
        self._listens = asyncio.Event()
        self._origin = ""
        world.slack.dispatcher.transport = self._send

    @override
    async def _born(self) -> "ForkServerProcess":
        child, port = await asyncio.to_thread(mortal.start_web, self._environ)
        self._origin = f"http://127.0.0.1:{port}"
        self._listens.set()
        return child

    @override
    def _asks_slack(self, method: str) -> bool:
        return method in OF_THE_WEB

    @override
    def _kill(self) -> None:
        self._listens.clear()
        super()._kill()

    async def _send(
        self, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        await self._listens.wait()
        try:
            async with httpx.AsyncClient(base_url=self._origin, timeout=PATIENCE) as client:
                answer = await client.post("/slack/events", content=body, headers=headers)
        except httpx.TransportError:
            raise ConnectionError("the web process died") from None
        return answer.status_code, dict(answer.headers), answer.content
