"""A process is asked to stop (SIGTERM) under load: nothing is lost, nothing twice, gone in time."""

import asyncio
import contextlib
from collections import Counter

import aiohttp
import pytest

from bench.surroundings import a_port
from sandbox.salesforce import faults
from sandbox.salesforce.seed import RESETTABLE
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from sandbox.slack.transports import Transport, http_transport
from services.resets.states import State
from tests.counting import Count
from tests.faults.points import Point, arm, arrived
from tests.faults.process import process, stopped
from tests.scenario.steps import TOKEN_MAIL, UNSURE, has, newcomer
from tests.scenario.world import World, a_world

PEOPLE = 16
PER_SECOND = 20
ANSWER = 0.15
"""Seconds that Salesforce takes for each answer."""

PATIENCE = 90
GONE_WITHIN = 25


class Doors:
    """The way to the web process: the older one for as long as it listens, then the newer one."""

    def __init__(self, older: Transport, newer: Transport) -> None:
        self._older, self._newer = older, newer
        self.moved = 0
        """Requests that the older one didn't take: its door was closed, or just closing."""

    async def __call__(
        self, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        try:
            return await self._older(body, headers)
        except aiohttp.ClientError:
            self.moved += 1
        return await self._newer(body, headers)


def people_of(world: World) -> list[Actor]:
    """Add people, each with a Salesforce user."""
    for number in range(PEOPLE):
        person = newcomer(world, f"p{number:03d}", f"p{number:03d}@acme.example")
        user = world.org.add_user(
            f"p{number:03d}@acme.example.prod", person.email or "", person.name
        )
        world.org.assign(user, RESETTABLE)
    return [world.person(f"p{number:03d}") for number in range(PEOPLE)]


async def goes_through_it(person: Actor, answers: Counter[int]) -> None:
    """Type the command, press the button, wait for the outcome."""
    answers[(await person.types("/reset-token")).status] += 1
    warning = await person.sees_soon(has("reset.confirm"), PATIENCE)
    answers[(await person.presses("reset.confirm", warning)).status] += 1
    await person.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")


async def crowd(people: list[Actor], begun: asyncio.Event, answers: Counter[int]) -> None:
    """Let them come one after the other; say when half of them are there."""
    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            group.create_task(goes_through_it(person, answers))
            if number == PEOPLE // 2:
                begun.set()
            await asyncio.sleep(1 / PER_SECOND)  # the load, not a wait


@pytest.mark.parametrize("roles", [("web", "worker"), ("all",)], ids="+".join)
async def test_stopped_under_load(redis_url: str, roles: tuple[str, ...], count: Count) -> None:
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(redis_url, worker=False))
        world.slack.rate_limits.off()
        people = people_of(world)
        ports = [a_port(), a_port()]
        older, _ = [
            [
                await stack.enter_async_context(
                    process(world, role, port=0 if role == "worker" else port)
                )
                for role in roles
            ]
            for port in ports
        ]
        doors = Doors(
            *[
                await stack.enter_async_context(
                    http_transport(f"http://127.0.0.1:{port}/slack/events")
                )
                for port in ports
            ]
        )
        world.slack.dispatcher.transport = doors
        world.org.faults.add("*", faults.late(ANSWER), None)
        answers: Counter[int] = Counter()
        begun = asyncio.Event()
        async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(crowd(people, begun, answers))
            await begun.wait()
            await world.worker_seen()  # one that doesn't work yet doesn't listen to signals either
            took = await asyncio.gather(*(stopped(one) for one in older))
        assert max(took) < GONE_WITHIN
        assert answers == {200: 2 * PEOPLE}
        assert doors.moved > 0, "they came while it stopped"
        for person in people:
            # One each: what the older process took, it answered, and nobody had to ask twice.
            (reset,) = await world.web.stores.resets.newest_of(person.person.id, 5)
            assert reset.state is State.DONE
            assert len(outcomes(person)) == 1
        assert len(world.org.resets) == PEOPLE
        count("resets at 20 a second through a SIGTERM, none lost, none twice", PEOPLE)


def outcomes(person: Actor) -> list[Shown]:
    return [shown for shown in person.sees("dm") if has("reset.not_me")(shown)]


async def test_an_answer_that_never_comes_holds_no_process(redis_url: str, count: Count) -> None:
    """With its real times: half a minute for the answer, of which ten seconds are waited for."""
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(redis_url, worker=False))
        port = a_port()
        whole = await stack.enter_async_context(process(world, "all", port=port, module="bot"))
        world.slack.dispatcher.transport = await stack.enter_async_context(
            http_transport(f"http://127.0.0.1:{port}/slack/events")
        )
        ada = world.person("ada")
        await ada.types("/reset-token")
        warning = await ada.sees_soon(has("reset.confirm"), PATIENCE)
        for way_out in ("logout", "revoke"):
            world.org.faults.add(way_out, faults.hang())
        pressed = arm(world, Point("salesforce", "submit", after=True))
        await ada.presses("reset.confirm", warning)
        await arrived(world, pressed)
        _, half = await asyncio.open_connection("127.0.0.1", port)
        half.write(b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 9\r\n\r\nhalf")
        await half.drain()
        took = await stopped(whole)
        half.close()
        assert took < GONE_WITHIN
        count("seconds from a SIGTERM to the end while Salesforce hangs", round(took))
        await stack.enter_async_context(process(world, "worker"))
        shown = await ada.sees_soon(lambda shown: UNSURE in shown.plain, PATIENCE)
        assert shown.ts == warning.ts
        await ada.sees_soon(has("reset.not_me"), PATIENCE, channel="dm")
        assert len(outcomes(ada)) == 1
        assert len(world.org.resets) == 1
        assert (await world.newest("ada")).state is State.UNKNOWN
