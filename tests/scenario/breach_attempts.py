"""Attempts to decide about a case, on screen or forged, and what one that is refused leaves."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from valkey.asyncio import Valkey

from handlers.form_fields import CHOICE, MANY, TEXT
from sandbox.slack import payloads, seed
from sandbox.slack.actor import Actor
from sandbox.slack.model import Modal
from sandbox.slack.shown import Shown
from services.audit import AuditRow
from services.cases.model import Case
from services.store import keys
from tests.scenario.breach_steps import the_case
from tests.scenario.steps import PATIENCE, answered, audit, eventually, on_screen
from tests.scenario.world import World

WHY = "It can't wait"
ALL = ["freeze", "sessions", "grants", "password"]
NOT_APPROVER = "Only IT's approvers may decide this"
UNKNOWN = "I couldn't find out from Slack whether you're an approver"
OWN = "You reported this yourself"
SUSPECTED = "about an account that may be yours"
OVER = "This card's time is over"

_SOON = 5
"""Seconds: what was put off for less than that is waited for, such as the next edit."""


def value_of(seen: Shown, action_id: str = "breach.deny") -> str:
    """What a message's button carries."""
    (found,) = [one.value for one in seen.buttons if one.action_id == action_id]
    return found or ""


def forged_press(world: World, who: str, action_id: str, value: str, on: Shown) -> dict[str, Any]:
    """What Slack would send if that message had such a button."""
    message = world.slack.timeline.find(on.channel, on.ts)
    assert message is not None
    action = {"type": "button", "action_id": action_id, "block_id": "forged", "value": value}
    return payloads.message_action(world.slack, world.slack.person(who), message, action)


def forged_form(
    world: World, who: str, callback: str, metadata: str, **held: str | list[str]
) -> dict[str, Any]:
    """What Slack would send if somebody had such a form open; `held` is by block."""
    values = {block: _field(block, value) for block, value in held.items()}
    view = {"type": "modal", "callback_id": callback, "private_metadata": metadata, "blocks": []}
    person = world.slack.person(who)
    modal = Modal("V0FORGED", person.id, view, "forged", state=values)
    return payloads.view_submission(world.slack, person, modal)


def whole_form(world: World, who: str, callback: str, card_id: str) -> dict[str, Any]:
    """Forge one of a card's forms with everything in it."""
    held: dict[str, Any] = {"steps": ALL, "reason": WHY, "how": WHY, "note": WHY}
    return forged_form(world, who, callback, card_id, **held)


def _field(block: str, value: str | list[str]) -> dict[str, Any]:
    if isinstance(value, list):
        return {MANY: {"selected_options": [{"value": one} for one in value]}}
    if block == "decision":
        return {CHOICE: {"selected_option": {"value": value}}}
    return {TEXT: {"value": value}}


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cards and edits follow each other sooner than the one a second that Slack takes."""
    for module in ("breach_card", "breach_summary", "containment"):
        monkeypatch.setattr(f"handlers.{module}.GAP", timedelta(milliseconds=20))


async def idle(world: World) -> None:
    """Wait until every job that is due has ended, and what was put off for a moment too."""

    async def nothing_left() -> bool:
        async with Valkey.from_url(world.redis_url) as raw, raw.pipeline(transaction=True) as pipe:
            pipe.xlen(keys.OUTBOX)
            pipe.xlen("resets:stream")
            pipe.zcount("resets:queue", "-inf", time.time() + _SOON)
            return not any(await pipe.execute())

    await eventually(nothing_left)


def at_salesforce(world: World) -> dict[str, Any]:
    """All that a decision may change: resets, and who is frozen, logged in or has approved what."""
    found: dict[str, Any] = {}
    for name, org in world.orgs.items():
        people = [one for one in org.users.values() if one is not org.bot_user]
        found[name] = (
            list(org.resets),
            [one.username for one in people if one.is_frozen],
            {token for token, one in org.sessions.items() if one.user in people},
            {one.refresh_token for one in org.grants if one.user in people},
        )
    return found


@contextlib.asynccontextmanager
async def nothing_happens(world: World, *seen: Shown) -> AsyncIterator[None]:
    """Whatever is done meanwhile: these cases and all at Salesforce are afterwards as before."""

    async def now() -> tuple[list[Case], dict[str, Any]]:
        return [await the_case(world, one) for one in seen], at_salesforce(world)

    await idle(world)
    before = await now()
    yield
    await idle(world)
    assert await now() == before


async def told_in_form(person: Actor, words: str) -> None:
    """Wait until the form that was opened says so, and can't be sent; then close it."""
    await person._workspace.until(
        lambda: person.modal is not None and words in person.modal.plain, PATIENCE
    )
    assert person.modal is not None
    assert person.modal.menus == [], "nothing to fill in"
    assert person.modal.title == "That isn't possible"
    await person.closes()


async def refusals(world: World, who: str) -> list[tuple[str, str | None]]:
    """What the audit says that somebody was refused, and why."""
    person = world.slack.person(who)
    return [(row.what, row.why) for row in await _of(world, person.id)]


async def _of(world: World, slack_user: str) -> list[AuditRow]:
    rows = await audit(world)
    return [one for one in rows if one.slack_user == slack_user and one.what.startswith("refused")]


@dataclass(frozen=True)
class Attempt:
    """One way to decide about a card: its button, or a form of it that was never shown."""

    action: str
    is_form: bool

    @property
    def row(self) -> str:
        return f"refused:breach_{self.action}"


def attempts() -> Iterator[Attempt]:
    for action in ("approve", "deny"):
        yield Attempt(action, is_form=False)
    for action in ("approve", "deny", "override"):
        yield Attempt(action, is_form=True)


async def can_do_nothing(world: World, seen: Shown, who: str, words: str, code: str) -> None:
    """Try everything on a card as somebody who may do nothing about it."""
    before = await refusals(world, who)
    async with nothing_happens(world, seen):
        for one in attempts():
            await refused(world, seen, who, one, words)
    after = (await refusals(world, who))[len(before) :]
    assert after == [(one.row, code) for one in attempts()]


async def refused(world: World, seen: Shown, who: str, attempt: Attempt, words: str) -> None:
    """Press a button, or send a forged form, and be told why not."""
    person, name = world.person(who), f"breach.{attempt.action}"
    if attempt.is_form:
        on_it = on_screen(person)
        form = whole_form(world, who, name, value_of(seen))
        assert (await person.presses_raw(form)).error is None
        await answered(person, words, on_it)
    else:
        await person.presses(name, seen)
        await told_in_form(person, words)


def joins_channel(world: World, who: str) -> None:
    """Let somebody into IT's channel."""
    world.slack.channel(seed.IT_CHANNEL).members.append(world.slack.person(who).id)
