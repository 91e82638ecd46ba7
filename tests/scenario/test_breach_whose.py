"""Whose account it is: an address that an attacker may have changed proves nothing about it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.slack import seed
from services.cases.model import SlackFact
from services.cases.steps import StepKind
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    card,
    contained,
    form,
    the_case,
)
from tests.scenario.containment_steps import line, suspected, thread, victim
from tests.scenario.steps import PATIENCE
from tests.scenario.test_breach_address import confirms, held
from tests.scenario.world import World

EVES = "eve@acme.example"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


async def test_somebody_found_by_the_mail_address_alone_is_nothing_to_compare_with(
    world: World,
) -> None:
    """Eve has that mailbox: whether by right, or because she put it there, nobody knows."""
    user = victim(world, "vera", EVES)
    seen = await suspected(world, user.username)
    assert (
        "*I can't compare that address:* somebody in Slack has it, but nothing else" in seen.plain
    )
    assert "Slack has the same address" not in seen.plain
    await approves(world, seen)
    case, shown = await held(world, seen)
    assert case.suspect == world.slack.person("eve").id, "so she may not decide"
    await confirms(world, shown, "ivan")
    await contained(world, seen)
    assert [mail.to for mail in world.org.mails] == [EVES]


async def test_an_address_changed_to_a_colleagues_is_held_and_nobody_is_taken_for_the_owner(
    world: World,
) -> None:
    ada = world.org.person("ada")
    ada.email = EVES
    seen = await suspected(world, ada.username)
    assert "lead to different people here" in seen.plain
    assert "*That address isn't of one person with the others*" in seen.plain
    case = await the_case(world, seen)
    assert (case.suspect, case.slack_fact) == (None, SlackFact.SEVERAL)
    await approves(world, seen)
    _, shown = await held(world, seen)
    assert "`e…@acme.example`" in line(shown, StepKind.PASSWORD)
    await thread(world, seen, "Phone them, and tell them this:")
    for name in ("ada", "eve"):
        assert world.person(name).sees("dm") == []


async def test_whoever_is_named_beside_a_username_of_somebody_else_is_neither_told_nor_barred(
    world: World,
) -> None:
    """Else anybody could keep an approver out, and have the link compared with any address."""
    eve, ivan = world.person("eve"), world.person("ivan")
    ada = world.org.person("ada")
    await eve.types("/reset-token breach")
    sent = await eve.submits({"person": "ivan", "username": ada.username, "reason": "Odd"})
    assert not sent.errors
    seen = await card(world)
    assert "*A report names @Ivan Petrov* beside the username" in seen.plain
    assert "Slack has the same address" in seen.plain, "Ada's"
    case = await the_case(world, seen)
    assert case.suspect == world.slack.person("ada").id
    assert case.misnamed == world.slack.person("ivan").id
    await approves(world, seen, "ivan")
    await contained(world, seen)
    await world.person("ada").sees_soon("may be in other hands", PATIENCE, channel="dm")
    assert ivan.sees("dm") == []
    assert [mail.to for mail in world.org.mails] == ["ada@acme.example"]


async def test_what_is_looked_up_later_is_shown_on_the_card(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cases.preparation.LOOKUPS", 0)
    seen = await suspected(world, world.org.person("ada").username)
    assert "I ask again once somebody presses *Approve…*" in seen.plain
    assert "Slack has the same address" not in seen.plain
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    await ivan.closes()
    again = await card(world, lambda shown: "Slack has the same address" in shown.plain)
    assert again.ts == seen.ts
    assert "I couldn't yet look up" not in again.plain
    assert "@Ada" in again.plain
    assert len(ivan.sees(seed.IT_CHANNEL)) == 1
