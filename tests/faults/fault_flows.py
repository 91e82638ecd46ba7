"""What people do while one call fails, and where they look then."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from sandbox.slack.shown import Shown
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, card, reported
from tests.scenario.steps import offered
from tests.scenario.world import World, a_world

Deed = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Flow:
    """A part of a conversation. Every click in it must be answered, whatever fails."""

    name: str
    world: Callable[[str], contextlib.AbstractAsyncContextManager[World]]
    before: Deed
    """What happens while all is well."""
    play: Deed
    """What happens while a call fails, up to the end of every job."""
    onlookers: tuple[tuple[str, str], ...]
    """Who looks, and into which channel."""


async def _nothing(_: World) -> None:
    """Nothing needs to be there."""


async def _asks(world: World) -> None:
    assert (await world.person("ada").types("/reset-token")).error is None
    await idle(world)


async def _is_offered(world: World) -> None:
    await offered(world)
    await idle(world)


async def _confirms(world: World) -> None:
    assert (await world.person("ada").presses("reset.confirm")).error is None
    await idle(world)


async def _reports(world: World) -> None:
    report = "/reset-token breach @ada It looked like a login of ours"
    assert (await world.person("eve").types(report)).error is None
    await idle(world)


async def _is_reported(world: World) -> None:
    await reported(world)
    await idle(world)


async def _approves(world: World) -> None:
    ivan = world.person("ivan")
    assert (await ivan.presses("breach.approve", await card(world))).error is None
    await idle(world)
    if ivan.modal is not None and ivan.modal.callback_id == "breach.approve":
        sent = await ivan.submits({})
        assert (sent.error, sent.errors) == (None, {})
    await idle(world)


@contextlib.asynccontextmanager
async def _by_token(url: str) -> AsyncIterator[World]:
    async with a_world(url, worker=False, SALESFORCE_RESET_METHOD="token") as world:
        yield world


@contextlib.asynccontextmanager
async def _by_password(url: str) -> AsyncIterator[World]:
    async with a_world(url, worker=False, SALESFORCE_RESET_METHOD="password") as world:
        yield world


@contextlib.asynccontextmanager
async def _breach(url: str) -> AsyncIterator[World]:
    async with a_breach_world(url, worker=False) as world:
        yield world


_ADA = (("ada", "general"), ("ada", "dm"))
_ALL = (("eve", "general"), ("eve", "dm"), ("ivan", "it-approvals"), ("ada", "dm"))

ASKING = Flow("Asking for a reset", _by_token, _nothing, _asks, _ADA)
TOKEN = Flow("A reset by the method `token`", _by_token, _is_offered, _confirms, _ADA)
PASSWORD = Flow("A reset by the method `password`", _by_password, _is_offered, _confirms, _ADA)
REPORTING = Flow("Reporting a breach", _breach, _nothing, _reports, _ALL)
CONTAINING = Flow("Approving and containing a breach", _breach, _is_reported, _approves, _ALL)

FLOWS = (ASKING, TOKEN, PASSWORD, REPORTING, CONTAINING)

WHERE = {
    "general": "in the channel",
    "dm": "in a direct message",
    "it-approvals": "in IT's channel",
}


def on_screens(world: World, flow: Flow) -> list[tuple[str, str, Shown]]:
    """All that the onlookers see: who, where, and the message."""
    return [
        (who, where, shown)
        for who, where in flow.onlookers
        for shown in world.person(who).sees(where)
    ]
