"""Steps that many stories take, and what they look at afterwards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from bot import web
from bot.settings import Settings
from bot.wiring_web import build_web
from sandbox.slack.actor import Actor
from sandbox.slack.model import Person
from sandbox.slack.seed import TEAM
from sandbox.slack.shown import Shown
from services.audit import AuditRow
from services.resets.model import Reset
from services.resets.states import FINISHED
from services.salesforce.http import Timeouts
from tests.scenario.world import World

TOKEN_MAIL = "Your new Salesforce security token"
UNCHANGED = "Nothing has changed"
UNSURE = "I don't know whether the reset"
PATIENCE = 30
"""Seconds for anything that is waited for: a busy machine isn't a fault."""


def has(action_id: str) -> Callable[[Shown], bool]:
    """Whether a message has this button."""
    return lambda shown: any(button.action_id == action_id for button in shown.buttons)


async def offered(world: World, name: str = "ada") -> Shown:
    """Type the command and wait for a warning that wasn't there before."""
    return await _answered(world, name, has("reset.confirm"))


async def refused(world: World, name: str, words: str) -> Shown:
    """Type the command and be refused with these words, for this person alone."""
    told = await _answered(world, name, lambda shown: "No reset in" in shown.plain)
    assert words in told.plain
    assert told.ephemeral
    assert told.buttons == []
    return told


async def _answered(world: World, name: str, wanted: Callable[[Shown], bool]) -> Shown:
    person = world.person(name)
    before = on_screen(person)
    assert (await person.types("/reset-token")).error is None
    return await person.sees_soon(
        lambda shown: shown.ts not in before and wanted(shown), PATIENCE, channel="general"
    )


def on_screen(person: Actor) -> set[str]:
    return {shown.ts for shown in person.sees()}


async def answered(person: Actor, words: str, before: set[str]) -> Shown:
    """Wait for the answer to a press: a line of its own, for this person alone."""
    shown = await person.sees_soon(
        lambda shown: words in shown.plain and shown.ts not in before, PATIENCE
    )
    assert shown.ephemeral
    assert shown.buttons == []
    return shown


def replaced(message: Shown, words: str) -> Callable[[Shown], bool]:
    """Whether these words stand in the place of that message now."""
    return lambda shown: shown.ts == message.ts and words in shown.plain


async def done(world: World, name: str = "ada") -> Shown:
    """Go through a reset to its end; returns the next steps."""
    warning = await offered(world, name)
    person = world.person(name)
    before = on_screen(person)
    await person.presses("reset.confirm", warning)
    steps = await person.sees_soon(
        lambda shown: shown.ts not in before and has("reset.not_me")(shown),
        PATIENCE,
        channel="dm",
    )
    assert (await ended(world, name)).state == "done"
    return steps


async def ended(world: World, name: str = "ada") -> Reset:
    """Wait until the newest reset has ended and its person was told."""
    found: list[Reset] = []

    async def over() -> bool:
        found[:] = [await world.newest(name)]
        return found[0].state in FINISHED and found[0].impact is None

    await eventually(over)
    return found[0]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something in the store, which tells nobody of its changes."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0.01)


async def audit(world: World) -> list[AuditRow]:
    return [row async for row in world.web.stores.audit_log.since(None)]


async def audited(world: World, what: str) -> AuditRow:
    """Wait for an audit row."""

    async def there() -> bool:
        return any(row.what == what for row in await audit(world))

    await eventually(there)
    return next(row for row in reversed(await audit(world)) if row.what == what)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers that are built from now on give up waiting for Salesforce soon."""
    short = Timeouts(connect=2, read=1.0, effect=1.0)
    monkeypatch.setattr("services.salesforce.org.Timeouts", lambda: short)
    monkeypatch.setattr("services.salesforce.retrying.FIRST_WAIT_SECONDS", 0.02)


def newcomer(world: World, name: str, email: str | None, **more: Any) -> Person:  # noqa: ANN401 - any field
    """Let somebody join the workspace and its #general."""
    person = Person(
        id=f"U0{name.upper()}".ljust(9, "0") + "1",
        name=name,
        real_name=name.capitalize(),
        email=email,
        team_id=TEAM,
        **more,
    )
    world.slack.add_person(person)
    world.slack.channel("general").members.append(person.id)
    return person


@contextlib.asynccontextmanager
async def restarted(world: World, **changes: str) -> AsyncIterator[None]:
    """Answer Slack with other settings meanwhile, as after a new deployment."""
    settings = Settings.load(world.environ | changes)
    built = build_web(settings, world.redis_url, world.clock)
    before = world.slack.dispatcher.transport
    transport = httpx.ASGITransport(web.build(built))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:

        async def send(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
            answer = await client.post("/slack/events", content=body, headers=headers)
            return answer.status_code, dict(answer.headers), answer.content

        world.slack.dispatcher.transport = send
        try:
            yield
        finally:
            world.slack.dispatcher.transport = before
            await built.aclose()
