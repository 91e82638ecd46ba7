"""Time in fast-forward: the program's clock, Docket's and Redis's are turned together.

`time_machine` turns what Python calls now: the injected clock, Docket's, the sandbox's Slack and
Salesforce. Redis has a clock of its own, so each key's life is shortened by as much as is jumped.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from docket import Worker
from valkey.asyncio import Valkey

from sandbox.salesforce.seed import RESETTABLE
from services.store import keys
from tests.scenario.breach_attempts import hurried
from tests.scenario.breach_steps import a_breach_world
from tests.scenario.steps import newcomer
from tests.scenario.world import World

MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)

STEP = timedelta(seconds=2)
"""How late anything may be: a job is worked in real time once its moment has come."""

PATIENCE = 60
"""Real seconds in which everything that is due must have been worked."""

_SOON = 0.3
"""Seconds: what was put off for less than that, such as an edit, is waited for."""

_TICK = timedelta(milliseconds=10)

# What lives by real time while the test runs isn't touched: Docket's own keys, and who is alive.
_TURN = """
for _, key in ipairs(redis.call('KEYS', '*')) do
    if string.sub(key, 1, 7) ~= 'resets:' and key ~= 'worker:seen' then
        local left = redis.call('PTTL', key)
        if left > 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end
    end
end
"""


class FastForward:
    """A world whose time is turned from one due moment to the next, and nothing is slept."""

    def __init__(self, world: World, traveller: time_machine.Traveller, raw: Valkey) -> None:
        self.world = world
        self._traveller = traveller
        self._raw = raw
        self._turn = raw.register_script(_TURN)
        self.jumps = 0

    @property
    def now(self) -> datetime:
        return self.world.clock()

    async def forward(self, **by: float) -> None:
        await self.until(self.now + timedelta(**by))

    async def until(self, at: datetime) -> None:
        """Go there by way of each moment at which a job is due, letting all that is due be done."""
        await self.drained()
        while (due := await self._first_due()) is not None and due <= at:
            await self._jump(due)
            await self.drained()
        await self._jump(at)
        await self.drained()

    async def drained(self) -> None:
        """Wait until every job that is due has ended."""
        async with asyncio.timeout(PATIENCE):
            while await self._busy():  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.002)

    async def size(self) -> dict[str, int]:
        """How many keys of each kind there are, and how much waits in lists of what is due."""
        sizes: dict[str, int] = {}
        async for key in self._raw.scan_iter("*", count=1000):
            kind = key.decode().partition(":")[0]
            sizes[kind] = sizes.get(kind, 0) + 1
        sizes["timers"] = await self._raw.zcard("resets:queue")
        sizes["follow-ups due"] = await self._raw.zcard(keys.follow_ups_due("production"))
        return sizes

    async def _busy(self) -> bool:
        async with self._raw.pipeline(transaction=True) as pipe:
            pipe.xlen(keys.OUTBOX)
            pipe.xlen("resets:stream")
            pipe.zcount("resets:queue", "-inf", self.now.timestamp() + _SOON)
            return any(await pipe.execute())

    async def _first_due(self) -> datetime | None:
        first = await self._raw.zrange("resets:queue", 0, 0, withscores=True)
        return datetime.fromtimestamp(first[0][1], UTC) if first else None

    async def _jump(self, at: datetime) -> None:
        by = at - self.now
        if by <= timedelta(0):
            return
        self.jumps += 1
        # Redis first: nothing may be found whose life is over.
        await self._turn(args=[int(by.total_seconds() * 1000)])
        self._traveller.shift(by)


@contextlib.asynccontextmanager
async def in_fast_forward(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, **changes: str
) -> AsyncIterator[FastForward]:
    """Run a world in fast-forward, from a Monday's morning on."""
    hurried(monkeypatch)
    monkeypatch.setattr("services.jobs.queue.Worker", _attentive)
    # It says so each time that it looks, and pytest keeps it all.
    monkeypatch.setattr(logging.getLogger("docket"), "level", logging.WARNING)
    with time_machine.travel(MORNING, tick=True) as traveller:
        async with (
            a_breach_world(redis_url, several_orgs=False, worker=True, **changes) as world,
            Valkey.from_url(redis_url) as raw,
        ):
            await world.worker_seen()
            yield FastForward(world, traveller, raw)


def _attentive(*arguments: Any, **options: Any) -> Worker:  # noqa: ANN401 - as Docket takes them
    """Make a worker that looks for what is due far more often than a real one needs to."""
    options |= {"scheduling_resolution": _TICK, "minimum_check_interval": _TICK}
    return Worker(*arguments, **options)


def members(world: World, count: int) -> Iterator[str]:
    """Let people join who have a Salesforce user each."""
    for number in range(count):
        name = f"kim{number}"
        newcomer(world, name, f"{name}@acme.example")
        address = f"{name}@acme.example"
        world.org.add_user(address, address, name.title(), permission_sets=[RESETTABLE])
        yield name
