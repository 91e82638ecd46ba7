"""A moment at which a worker dies: in the middle of one of its commands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.salesforce import faults as salesforce_faults
from sandbox.slack.faults import Fault
from tests.scenario.world import World

PATIENCE = 60
"""Seconds for anything at all: many of these stories are told at once."""


@dataclass(frozen=True)
class Point:
    """A command in whose middle the worker dies."""

    service: str
    name: str
    nth: int = 1
    """Which command of this name."""
    after: bool = False
    """It was carried out, and only its answer never came."""

    def __str__(self) -> str:
        return f"{self.service}-{self.name}-{self.nth}-{'after' if self.after else 'before'}"


def arm(world: World, point: Point) -> Callable[[], bool]:
    """Let a request to Slack or Salesforce hang, and say when it has arrived."""
    return _slack(world, point) if point.service == "slack" else _salesforce(world, point)


def _slack(world: World, point: Point) -> Callable[[], bool]:
    calls = world.slack.calls
    wanted = len(calls.to(point.name)) + point.nth

    def is_there() -> bool:
        return len(calls.to(point.name)) >= wanted

    fault = Fault(
        hang=PATIENCE,
        lost="after" if point.after else "before",
        times=1,
        when=lambda _: is_there(),
    )
    world.slack.faults.add(point.name, fault)
    return is_there


def _salesforce(world: World, point: Point) -> Callable[[], bool]:
    org = world.org
    before = len(org.calls)
    for _ in range(point.nth - 1):
        org.faults.add(point.name, salesforce_faults.late(0))
    org.faults.add(point.name, salesforce_faults.hang(after_effect=point.after))
    return lambda: org.held > 0 and org.count(before, point.name) >= point.nth


async def arrived(world: World, condition: Callable[[], bool]) -> None:
    """Wait for a request at either service."""
    slack = asyncio.ensure_future(world.slack.until(condition, PATIENCE))
    salesforce = asyncio.ensure_future(world.org.until(condition, PATIENCE))
    done, pending = await asyncio.wait({slack, salesforce}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()
