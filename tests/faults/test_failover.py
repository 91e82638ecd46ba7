"""A server is lost with the last it took, and its replica takes over behind the same address."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.surroundings import a_port
from services.cases.steps import StepKind, StepState
from tests.faults import mortal
from tests.faults.crash_checks import nothing_is_left
from tests.faults.crash_resets import reset_story
from tests.faults.crashing import Death
from tests.faults.points import Point, arm, arrived
from tests.faults.redis_proxy import RedisProxy
from tests.faults.servers import Server, running
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, approves, contained, reported, states
from tests.scenario.containment_steps import at_salesforce
from tests.scenario.steps import UNCHANGED, offered
from tests.scenario.world import a_world


@dataclass
class Pair:
    """A server, its replica, and the one address of both."""

    primary: Server
    replica: Server
    proxy: RedisProxy
    url: str

    async def fails_over(self) -> None:
        """Lose the primary for good, and let the replica take its place."""
        self.primary.kill()
        await self.replica.is_promoted()
        self.proxy.leads_to(self.replica.url)
        self.proxy.cut_off()


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with (
        running(tmp_path / "a", port=a_port()) as primary,
        running(tmp_path / "b", port=a_port()) as replica,
    ):
        await replica.replicate(primary)
        proxy = RedisProxy(primary.url)
        async with proxy.serving(tmp_path / "proxy") as url:
            yield Pair(primary, replica, proxy, url)


@pytest.mark.parametrize("method", ["token", "password"])
async def test_no_reset_starts_before_the_replica_has_its_intent(pair: Pair, method: str) -> None:
    async with a_world(pair.url, SALESFORCE_RESET_METHOD=method) as world:
        ada = world.person("ada")
        await offered(world)
        pair.replica.pause()
        await ada.presses("reset.confirm")
        told = await ada.sees_soon("couldn't copy my note", 30)
        pair.replica.resume()
        assert UNCHANGED in told.plain
        assert "Try again in a few minutes" in told.plain
        assert world.org.resets == []
        reset = await world.newest("ada")
        assert (reset.state, reset.reason) == ("failed", "not_replicated")
        await idle(world)
        await nothing_is_left(world)


async def test_no_step_starts_before_the_replica_has_its_intent(pair: Pair) -> None:
    async with a_breach_world(pair.url) as world:
        seen = await reported(world)
        before = at_salesforce(world)
        pair.replica.pause()
        await approves(world, seen)
        case = await contained(world, seen)
        pair.replica.resume()
        assert {state for kind, state in states(case).items() if kind.is_effect} == {
            StepState.FAILED
        }
        assert states(case)[StepKind.EVIDENCE] is StepState.DONE
        assert at_salesforce(world) == before


@pytest.mark.parametrize("method", ["token", "password"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_failed_over_while_the_request_is_out(pair: Pair, method: str, after: bool) -> None:
    """The worker dies at the same moment: all that is left is what the replica has."""
    story = reset_story(method)
    async with a_world(pair.url, worker=False, SALESFORCE_RESET_METHOD=method) as world:
        effect = "submit" if method == "token" else "password"
        reached = arm(world, Point("salesforce", effect, after=after))
        first = await asyncio.to_thread(mortal.start_worker, world.environ)
        telling = asyncio.ensure_future(story.play(world))
        try:
            await arrived(world, reached)
            await asyncio.to_thread(mortal.bury, first)
            await pair.fails_over()
            second = await asyncio.to_thread(mortal.start_worker, world.environ)
            try:
                await telling
                await story.check(world, Death(None, intended={"reset"}))
            finally:
                await asyncio.to_thread(mortal.bury, second)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        assert len(world.org.resets) == int(after), "the request isn't sent again"
        assert world.org.count(0, effect) == 1
