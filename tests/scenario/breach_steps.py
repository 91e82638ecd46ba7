"""Steps that many stories about breach reports take, and what they look at afterwards."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import standardwebhooks

from sandbox.salesforce.seed import BOT_ACCESS, CONTAINMENT
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import Step, StepKind, StepState
from tests.scenario.steps import PATIENCE, eventually, has
from tests.scenario.world import World, a_world

REASON = "She got a mail that looked like ours and typed her password"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@contextlib.asynccontextmanager
async def a_breach_world(
    redis_url: str, *, several_orgs: bool = False, worker: bool = True, **changes: str
) -> AsyncIterator[World]:
    """Build a world whose bot may contain accounts, and in which Ada has sessions open."""
    changes = {"ALERT_SECRET": SECRET} | changes
    async with a_world(redis_url, several_orgs=several_orgs, worker=worker, **changes) as world:
        for org in world.orgs.values():
            org.permission_sets[BOT_ACCESS].permissions |= CONTAINMENT
        open_some_sessions(world.org, world.org.person("ada"))
        yield world


async def reported(world: World, *, by: str = "eve", whom: str = "ada", why: str = REASON) -> Shown:
    """Report somebody by the command, and return the card that IT sees."""
    before = {shown.ts for shown in cards(world)}
    person = world.person(by)
    assert (await person.types(f"/reset-token breach @{whom} {why}")).error is None
    return await card(world, lambda shown: shown.ts not in before)


async def card(
    world: World, wanted: Callable[[Shown], bool] = lambda _: True, *, who: str = "ivan"
) -> Shown:
    """Wait for a card."""
    return await world.person(who).sees_soon(
        lambda shown: is_card(shown) and wanted(shown), PATIENCE, channel=seed.IT_CHANNEL
    )


def is_card(shown: Shown) -> bool:
    return has("breach.deny")(shown)


def cards(world: World, who: str = "ivan") -> list[Shown]:
    return [shown for shown in world.person(who).sees(seed.IT_CHANNEL) if is_card(shown)]


async def form(person: Actor, callback: str) -> None:
    """Wait until the form that was opened is filled."""
    await person._workspace.until(  # the driver's own clock of changes
        lambda: person.modal is not None and person.modal.callback_id == callback, PATIENCE
    )


async def approves(
    world: World, seen: Shown, who: str = "ivan", **entries: str | list[str]
) -> None:
    """Press *Approve…* and send the form as it is, but for `entries`."""
    person = world.person(who)
    await person.presses("breach.approve", seen)
    await form(person, "breach.approve")
    assert not (await person.submits(entries)).errors


async def denies(world: World, seen: Shown, who: str = "ivan", why: str = "It was a drill") -> None:
    """Press *Deny…* and send why."""
    person = world.person(who)
    await person.presses("breach.deny", seen)
    await form(person, "breach.deny")
    assert not (await person.submits({"reason": why})).errors


async def the_case(world: World, seen: Shown) -> Case:
    """The case that a card is about."""
    value = next(button.value for button in seen.buttons if button.action_id == "breach.deny")
    found = await world.web.stores.cases.of_card(value or "")
    assert found is not None
    return found


async def case_in(world: World, case_id: str, state: CaseState) -> Case:
    """Wait until a case stands there."""
    found: list[Case] = []

    async def there() -> bool:
        case = await world.web.stores.cases.get(case_id)
        found[:] = [case] if case else []
        return case is not None and case.state is state

    await eventually(there)
    return found[0]


async def contained(world: World, seen: Shown) -> Case:
    """Wait until every step of a card's case has ended."""
    return await case_in(world, (await the_case(world, seen)).id, CaseState.CONTAINED)


def step_of(case: Case, kind: StepKind) -> Step:
    (found,) = [one for one in case.steps if one.kind is kind]
    return found


def states(case: Case) -> dict[StepKind, StepState]:
    return {one.kind: one.state for one in case.steps}


async def alerted(
    world: World, body: str, *, message_id: str = "msg_1", secret: str = SECRET, age: float = 0
) -> tuple[int, dict[str, Any]]:
    """Send an alert that was signed `age` seconds ago."""
    now = datetime.now(UTC) - timedelta(seconds=age)  # the door's own clock
    signature = standardwebhooks.Webhook(secret).sign(message_id, now, body)
    answer = await world.client.post(
        "/alerts",
        content=body,
        headers={
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        },
    )
    return answer.status_code, answer.json()
