"""What people do while one call fails, and where they look then."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from sandbox.slack import seed
from sandbox.slack.results import CommandResult, PressResult, SubmitResult
from sandbox.slack.shown import Shown
from services.store.changes import JobName
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, alerted, approves, card, contained, reported
from tests.scenario.programs import programs_of
from tests.scenario.steps import done, has, offered
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


class LateAckError(AssertionError):
    """Slack waited for its ack for longer than three seconds."""


def acked(done: CommandResult | PressResult | SubmitResult) -> None:
    """Slack showed no error; that it waited for too long is told apart."""
    if done.error == "operation_timeout":
        raise LateAckError
    assert done.error is None


async def _nothing(_: World) -> None:
    """Nothing needs to be there."""


async def _asks(world: World) -> None:
    acked(await world.person("ada").types("/reset-token"))
    await idle(world)


async def _is_offered(world: World) -> None:
    await offered(world)
    await idle(world)


async def _confirms(world: World) -> None:
    acked(await world.person("ada").presses("reset.confirm"))
    await idle(world)


async def _reports(world: World) -> None:
    report = "/reset-token breach @ada It looked like a login of ours"
    acked(await world.person("eve").types(report))
    await card(world)  # a worker that has too much to do puts off what it couldn't read
    await idle(world)


async def _an_alert_comes(world: World) -> None:
    alert = {"id": "siem-1", "user": "ada@acme.example", "source": "SIEM", "reason": "Odd"}
    assert (await alerted(world, json.dumps(alert)))[0] == HTTPStatus.ACCEPTED
    await card(world)
    await idle(world)


async def _asks_it(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    acked(await ada.presses("reset.ask_it"))
    await idle(world)
    if ada.modal is not None and ada.modal.callback_id == "reset.ask_it":
        sent = await ada.submits({"question": "May I?"})
        acked(sent)
        assert sent.errors == {}
    await idle(world)
    for question in [one for one in ivan.sees(seed.IT_CHANNEL) if has("ask_it.go_ahead")(one)][:1]:
        acked(await ivan.presses("ask_it.go_ahead", question))
    await idle(world)


async def _is_reset(world: World) -> None:
    await done(world)
    await idle(world)


async def _says_it_wasnt_them(world: World) -> None:
    ada = world.person("ada")
    acked(await ada.presses("reset.not_me", await ada.sees_soon(has("reset.not_me"))))
    await card(world)
    await idle(world)


async def _is_reported(world: World) -> None:
    await reported(world)
    await idle(world)


async def _approves(world: World) -> None:
    ivan = world.person("ivan")
    acked(await ivan.presses("breach.approve", await card(world)))
    await idle(world)
    if ivan.modal is not None and ivan.modal.callback_id == "breach.approve":
        sent = await ivan.submits({})
        acked(sent)
        assert sent.errors == {}
    await idle(world)


async def _is_guided(world: World) -> None:
    ada = world.person("ada")
    acked(await ada.presses("reset.confirm"))
    await idle(world)
    await ada.sees_soon(has("reset.pressed"))
    acked(await ada.presses("reset.pressed"))
    await idle(world)


async def _one_fails_to_log_in(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    assert not (await programs.log_in("Data Loader")).ok
    await idle(world)


async def _is_looked_for_twice(world: World) -> None:
    """What the first look couldn't read, the next one does: within an hour."""
    for minutes in (2, 61):
        world.clock.forward(minutes=minutes)
        await world.run_job(JobName.FOLLOW_ROUND, f"production:{int(world.clock.seconds())}")
        await idle(world)


async def _denies(world: World) -> None:
    ivan = world.person("ivan")
    acked(await ivan.presses("breach.deny", await card(world)))
    await idle(world)
    if ivan.modal is not None and ivan.modal.callback_id == "breach.deny":
        sent = await ivan.submits({"reason": "It was a drill"})
        acked(sent)
        assert sent.errors == {}
    await idle(world)


async def _is_contained(world: World) -> None:
    await _is_reported(world)
    seen = await card(world)
    await approves(world, seen)
    await contained(world, seen)
    await idle(world)


async def _unfreezes(world: World) -> None:
    await _presses_below(world, "breach.unfreeze")


async def _closes(world: World) -> None:
    await _presses_below(world, "breach.close")


async def _presses_below(world: World, action: str) -> None:
    ivan = world.person("ivan")
    steps = await ivan.sees_soon(has(action), channel=seed.IT_CHANNEL)
    acked(await ivan.presses(action, steps))
    await idle(world)


@contextlib.asynccontextmanager
async def _guided(url: str) -> AsyncIterator[World]:
    async with a_world(url, worker=False, SALESFORCE_RESET_METHOD="guided") as world:
        yield world


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

_ASKED = (*_ADA, ("ivan", "it-approvals"))

ASKING = Flow("Asking for a reset", _by_token, _nothing, _asks, _ADA)
TOKEN = Flow("A reset by the method `token`", _by_token, _is_offered, _confirms, _ADA)
PASSWORD = Flow("A reset by the method `password`", _by_password, _is_offered, _confirms, _ADA)
REPORTING = Flow("Reporting a breach", _breach, _nothing, _reports, _ALL)
CONTAINING = Flow("Approving and containing a breach", _breach, _is_reported, _approves, _ALL)
GUIDED = Flow("A reset by the method `guided`", _guided, _is_offered, _is_guided, _ADA)
LOOKING = Flow(
    "Looking at the logins after a reset",
    _by_token,
    _one_fails_to_log_in,
    _is_looked_for_twice,
    _ADA,
)
ASKING_IT = Flow("Asking IT first", _by_token, _is_offered, _asks_it, _ASKED)
ALERTING = Flow("An alert of another system", _breach, _nothing, _an_alert_comes, _ALL)
NOT_ME = Flow("Saying *This wasn't me*", _breach, _is_reset, _says_it_wasnt_them, _ALL)
DENYING = Flow("Denying a report", _breach, _is_reported, _denies, _ALL)
UNFREEZING = Flow("Unfreezing, with a fresh reset", _breach, _is_contained, _unfreezes, _ALL)
CLOSING = Flow("Closing a case", _breach, _is_contained, _closes, _ALL)

FLOWS = (
    ASKING,
    TOKEN,
    PASSWORD,
    GUIDED,
    ASKING_IT,
    LOOKING,
    REPORTING,
    ALERTING,
    NOT_ME,
    DENYING,
    CONTAINING,
    UNFREEZING,
    CLOSING,
)

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
