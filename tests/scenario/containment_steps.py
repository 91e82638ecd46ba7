"""Steps of stories about what follows an approval, and what its thread says."""

import json
from itertools import count

from valkey.asyncio import Valkey

from sandbox.salesforce.sessions import open_some_sessions
from sandbox.salesforce.users import User
from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.steps import StepKind, StepState
from services.store import keys
from tests.scenario.breach_steps import alerted, approves, card, cards, contained
from tests.scenario.steps import PATIENCE
from tests.scenario.world import World

TITLES = {
    StepKind.EVIDENCE: "Keep evidence",
    StepKind.FREEZE: "Freeze the user",
    StepKind.SESSIONS: "End open sessions",
    StepKind.GRANTS: "Revoke OAuth grants",
    StepKind.PASSWORD: "Reset password and token",
    StepKind.UNFREEZE: "Unfreeze the user",
    StepKind.RENEW_PASSWORD: "Reset password and token once more",
    StepKind.CHECK: "Read back what is true",
}
MARKS = {
    StepState.DONE: "✅",
    StepState.FAILED: "❌",
    StepState.UNKNOWN: "❓",
    StepState.HELD: "⏸",
    StepState.QUEUED: "⏳",
    StepState.RUNNING: "⏳",
}
ENDED = "steps have ended"
ALL_ENDED = f"6 of 6 {ENDED}"

_alerts = count(1)


def victim(world: World, name: str, email: str | None = None) -> User:
    """Somebody in Salesforce with two grants and five sessions."""
    user = world.org.add_user(
        f"{name}@acme.example.prod", email or f"{name}@acme.example", name.title()
    )
    for app in ("Outlook", "dataloader.io"):
        world.org.add_grant(app, user)
    open_some_sessions(world.org, user)
    return user


async def suspected(world: World, user: str) -> Shown:
    """Report an account, by its username or id, by an alert; return the card that IT sees."""
    before = {shown.ts for shown in cards(world)}
    number = next(_alerts)
    body = {
        "id": f"alert-{number}",
        "user": user,
        "reason": "Impossible travel",
        "source": "Splunk",
        "severity": "critical",
    }
    status, _ = await alerted(world, json.dumps(body), message_id=f"msg-{number}")
    assert status == 202
    return await card(world, lambda shown: shown.ts not in before)


async def contains(
    world: World, seen: Shown, who: str = "ivan", **entries: str | list[str]
) -> Case:
    """Approve, and wait until every step has ended."""
    await approves(world, seen, who, **entries)
    return await contained(world, seen)


async def thread(world: World, seen: Shown, *words: str, who: str = "ivan") -> Shown:
    """Wait for a message below a card that says all of this."""
    return await world.person(who).sees_soon(
        lambda shown: shown.thread_ts == seen.ts and all(one in shown.plain for one in words),
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )


def line(shown: Shown, kind: StepKind) -> str:
    """What a thread says of a step."""
    (found,) = [one for one in shown.plain.splitlines() if f" *{TITLES[kind]}:* " in one]
    return found


async def forge(world: World, case: Case, **target: str) -> None:
    """Let what is stored of a case's account say something else."""
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        stored = json.loads(await raw.hget(keys.case(case.id), "d"))
        stored["target"] |= target
        await raw.hset(keys.case(case.id), "d", json.dumps(stored))


def at_salesforce(world: World, name: str = "ada") -> tuple[bool, int, int, int]:
    """Whether somebody is frozen, their sessions and grants, and resets of their password."""
    user = world.org.person(name)
    resets = sum(one.user_id == user.id for one in world.org.resets)
    return user.is_frozen, sessions_of(world, user), grants_of(world, user), resets


def sessions_of(world: World, user: User) -> int:
    return sum(one.user is user for one in world.org.sessions.values())


def grants_of(world: World, user: User) -> int:
    return sum(one.user is user for one in world.org.grants)
