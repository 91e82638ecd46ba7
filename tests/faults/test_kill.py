"""A worker is killed (-9) around each of its requests; another one goes on.

Whatever the moment: at most one effect at Salesforce, one outcome told, no account left locked.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from sandbox.salesforce import faults as salesforce_faults
from sandbox.slack.faults import Fault
from services.resets.states import FINISHED, State
from tests.scenario.world import World, a_world

TIMEOUT = 30
MAIL = "Your new Salesforce security token"


@dataclass(frozen=True)
class Point:
    """A request in whose middle the worker dies."""

    service: str
    name: str
    nth: int = 1
    """Which request of this name."""
    after: bool = False
    """The request was carried out, and only its answer never came."""

    def __str__(self) -> str:
        return f"{self.service}-{self.name}-{self.nth}-{'after' if self.after else 'before'}"


BEFORE_PRESS = [
    ("slack", "users.info", 1),
    ("salesforce", "token", 1),
    ("salesforce", "query", 1),
    ("salesforce", "composite", 1),
    ("slack", "response_url", 1),
]
AFTER_PRESS = {
    "token": [
        ("slack", "response_url", 1),
        ("salesforce", "token", 1),
        ("salesforce", "singleaccess", 1),
        ("salesforce", "frontdoor", 1),
        ("salesforce", "page", 1),
        ("salesforce", "submit", 1),
        ("salesforce", "result", 1),
        ("salesforce", "logout", 1),
        ("salesforce", "revoke", 1),
        ("slack", "response_url", 2),
        ("slack", "chat.postMessage", 1),
    ],
    "password": [
        ("slack", "response_url", 1),
        ("salesforce", "password", 1),
        ("slack", "response_url", 2),
        ("slack", "chat.postMessage", 1),
    ],
}


def points(requests: list[tuple[str, str, int]]) -> list[Point]:
    return [Point(*request, after=after) for request in requests for after in (False, True)]


@contextlib.asynccontextmanager
async def worker(world: World) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker in a process of its own, killed at the end whatever it does."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.worker",
        env={**os.environ, **world.environ, "LOG_LEVEL": "ERROR"},
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def arm(world: World, point: Point) -> Callable[[], bool]:
    """Let the request hang, and say when it has arrived."""
    if point.service == "slack":
        seen = len(world.slack.calls.to(point.name))
        wanted = seen + point.nth
        world.slack.faults.add(
            point.name,
            Fault(
                hang=TIMEOUT,
                lost="after" if point.after else "before",
                times=1,
                when=lambda _: len(world.slack.calls.to(point.name)) >= wanted,
            ),
        )
        return lambda: len(world.slack.calls.to(point.name)) >= wanted
    before = len(world.org.calls)
    for _ in range(point.nth - 1):
        world.org.faults.add(point.name, salesforce_faults.late(0))
    world.org.faults.add(point.name, salesforce_faults.hang(after_effect=point.after))
    return lambda: world.org.count(before, point.name) >= point.nth


async def arrived(world: World, condition: Callable[[], bool]) -> None:
    """Wait for a request at either service."""
    slack = asyncio.ensure_future(world.slack.until(condition, TIMEOUT))
    salesforce = asyncio.ensure_future(world.org.until(condition, TIMEOUT))
    done, pending = await asyncio.wait({slack, salesforce}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


async def asked(world: World) -> None:
    await world.person("ada").types("/reset-token")


async def pressed(world: World) -> None:
    ada = world.person("ada")
    await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), TIMEOUT)
    await ada.presses("reset.confirm")


async def ended(world: World) -> None:
    """Wait for the end and look at what there is."""
    ada = world.person("ada")
    await ada.sees_soon(MAIL, TIMEOUT, channel="dm")
    async with asyncio.timeout(TIMEOUT):
        while (reset := await world.newest("ada")).impact is not None:  # noqa: ASYNC110
            # The store tells nobody; `tell` is the worker's last move.
            await asyncio.sleep(0.05)
    assert reset.state in FINISHED
    assert len(world.org.resets) <= 1, "at most one effect"
    assert world.org.hazard_gets == 0
    steps = [shown for shown in ada.sees("dm") if "reset.not_me" in str(shown.blocks)]
    assert len(steps) == 1, "the outcome is told once"
    if reset.state is State.DONE:
        assert len(world.org.resets) == 1, "done is never said of what wasn't done"
    account = reset.account
    assert account is not None
    hindered = await world.web.stores.resets.hindrance("production", account.user_id, world.clock())
    assert hindered is not None
    assert hindered[0] == "cooling_down", "no claim is left behind"
    what = [row.what async for row in world.web.stores.audit_log.since(None)]
    assert what.count("intend") == 1
    assert what[0] == "start"
    assert what[-1] == "tell"


@pytest.mark.parametrize("point", points(BEFORE_PRESS), ids=str)
async def test_killed_before_the_press(redis_url: str, point: Point) -> None:
    async with a_world(redis_url, worker=False) as world:
        reached = arm(world, point)
        async with worker(world):
            await asked(world)
            await arrived(world, reached)
        async with worker(world):
            await pressed(world)
            await ended(world)


@pytest.mark.parametrize(
    ("method", "point"),
    [
        pytest.param(method, point, id=f"{method}-{point}")
        for method, requests in AFTER_PRESS.items()
        for point in points(requests)
    ],
)
async def test_killed_after_the_press(redis_url: str, method: str, point: Point) -> None:
    async with a_world(redis_url, worker=False, SALESFORCE_RESET_METHOD=method) as world:
        async with worker(world):
            await asked(world)
            await world.person("ada").sees_soon(
                lambda shown: "reset.confirm" in str(shown.blocks), TIMEOUT
            )
            reached = arm(world, point)
            await pressed(world)
            await arrived(world, reached)
        async with worker(world):
            await ended(world)
