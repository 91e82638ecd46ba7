"""Presses that come twice, too late, from somebody else or about nothing: each is answered."""

import asyncio
import itertools
from collections import Counter

import pytest
from valkey.asyncio import Valkey

from sandbox.salesforce import faults
from services.store import keys
from services.store.changes import JobName
from tests.scenario.steps import (
    UNCHANGED,
    answered,
    audit,
    audited,
    done,
    ended,
    has,
    offered,
    on_screen,
)
from tests.scenario.world import World

FIFTY = 50


async def refusals(world: World) -> Counter[str | None]:
    return Counter(row.why for row in await audit(world) if row.what.startswith("refused:"))


async def steps_in_dm(world: World) -> int:
    return len([one for one in world.person("ada").sees("dm") if has("reset.not_me")(one)])


async def test_a_second_press_is_answered_and_has_no_effect(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    payload = ada.press_payload("reset.confirm", warning)
    before = on_screen(ada)
    assert (await ada.presses_raw(payload)).error is None
    assert (await ada.presses_raw(payload)).error is None
    await ada.sees_soon(
        lambda one: one.ts not in before and "This press changed nothing" in one.plain
    )
    assert (await ended(world)).state == "done"
    assert len(world.org.resets) == 1
    assert world.org.count(0, "submit") == 1


async def test_fifty_presses_at_once_are_one_effect_and_fifty_answers(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    before = on_screen(ada)
    payloads = [ada.press_payload("reset.confirm", warning) for _ in range(FIFTY)]
    results = await asyncio.gather(*(ada.presses_raw(payload) for payload in payloads))
    assert [result.error for result in results] == [None] * FIFTY
    assert (await ended(world)).state == "done"

    def lines() -> list[str]:
        new = [one for one in ada.sees("general") if one.ts not in before]
        return [one.plain for one in new if "This press changed nothing" in one.plain]

    await world.slack.until(lambda: len(lines()) == FIFTY - 1, 10)
    assert sum((await refusals(world)).values()) == FIFTY - 1
    assert len(world.org.resets) == 1
    assert world.org.count(0, "submit") == 1
    assert await steps_in_dm(world) == 1


async def test_one_press_sent_fifty_times_at_once_is_one_effect(world: World) -> None:
    """All of them share one `response_url`, which takes five answers."""
    ada = world.person("ada")
    warning = await offered(world)
    payload = ada.press_payload("reset.confirm", warning)
    results = await asyncio.gather(*(ada.presses_raw(payload) for _ in range(FIFTY)))
    assert [result.error for result in results] == [None] * FIFTY
    assert (await ended(world)).state == "done"
    await ada.sees_soon("Done. Your old token no longer works")
    await world.slack.until(
        lambda: sum("changed nothing" in one.plain for one in ada.sees()) == FIFTY - 1, 10
    )
    assert sum((await refusals(world)).values()) == FIFTY - 1
    assert len(world.org.resets) == 1
    assert world.org.count(0, "submit") == 1
    assert await steps_in_dm(world) == 1


@pytest.mark.parametrize("button", ["reset.confirm", "reset.cancel", "reset.ask_it"])
async def test_a_press_on_a_cancelled_reset(world: World, button: str) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    late = ada.press_payload(button, warning)
    await ada.presses("reset.cancel", warning)
    await ada.sees_soon("Cancelled. Nothing has changed.")
    assert (await ada.presses_raw(late)).error is None
    shown = await ada.sees_soon("This reset was cancelled")
    assert UNCHANGED in shown.plain
    assert shown.buttons == []
    assert ada.modal is None
    assert (await world.newest("ada")).state == "cancelled"
    assert (await audit(world))[-1].why == "cancelled"
    assert world.org.resets == []


@pytest.mark.parametrize("told", [True, False], ids=["told", "timer-late"])
@pytest.mark.parametrize("button", ["reset.confirm", "reset.cancel", "reset.ask_it"])
async def test_a_press_on_an_expired_offer(world: World, button: str, told: bool) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.clock.forward(minutes=25, seconds=1)
    if told:
        await world.run_job(JobName.EXPIRE, (await world.newest("ada")).id)
        await ada.sees_soon("The offer above has expired. Nothing has changed.")
    assert (await ada.presses(button, warning)).error is None
    shown = await ada.sees_soon("This offer has expired. Nothing has changed.")
    assert shown.ephemeral
    assert not has("reset.confirm")(shown)
    assert ada.modal is None
    assert world.org.resets == []
    assert world.org.count(0, "singleaccess") == 0


@pytest.mark.parametrize("button", ["reset.confirm", "reset.cancel", "reset.ask_it"])
async def test_a_press_on_a_finished_reset(world: World, button: str) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    late = ada.press_payload(button, warning)
    await ada.presses("reset.confirm", warning)
    await ended(world)
    before = on_screen(ada)
    assert (await ada.presses_raw(late)).error is None
    shown = await answered(ada, "This reset ended", before)
    assert "/reset-token status" in shown.plain
    assert len(world.org.resets) == 1
    assert (await world.newest("ada")).state == "done"


@pytest.mark.parametrize("button", ["reset.confirm", "reset.cancel", "reset.ask_it"])
async def test_a_press_of_ones_own_button_with_anothers_id(world: World, button: str) -> None:
    eve = world.person("eve")
    await offered(world)
    theirs = (await world.newest("ada")).id
    warning = await offered(world, "eve")
    forged = eve.press_payload(button, warning)
    forged["actions"][0]["value"] = theirs
    before = on_screen(eve)
    assert (await eve.presses_raw(forged)).error is None
    shown = await answered(eve, "belongs to somebody else's reset", before)
    assert "ada" not in shown.plain.casefold()
    row = await audited(world, f"refused:{button}")
    assert (row.why, row.slack_user, row.reset_id) == ("not_yours", eve.person.id, theirs)
    assert eve.modal is None
    assert (await world.newest("ada")).state == "awaiting_user"
    assert (await world.newest("eve")).state == "awaiting_user"
    assert world.org.resets == []


async def test_a_press_of_anothers_button_in_ones_own_name(world: World) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    warning = await offered(world)
    forged = ada.press_payload("reset.confirm", warning)
    forged["user"] |= {"id": eve.person.id, "username": "eve", "team_id": None}
    forged["team"] = None
    before = on_screen(ada)
    assert (await ada.presses_raw(forged)).error is None
    await answered(ada, "belongs to somebody else's reset", before)
    row = await audited(world, "refused:reset.confirm")
    assert (row.why, row.slack_user) == ("not_yours", eve.person.id)
    assert world.org.resets == []


async def test_presses_below_the_next_steps_are_the_owners_alone(world: World) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    steps = await done(world)
    for button in ("reset.no_email", "reset.not_me"):
        forged = ada.press_payload(button, steps)
        forged["user"]["id"] = eve.person.id
        assert (await ada.presses_raw(forged)).error is None
        assert (await audited(world, f"refused:{button}")).why == "not_yours"
    reset = await world.newest("ada")
    assert (reset.not_me_at, reset.no_email_at) == (None, None)
    assert world.person("ivan").sees("it-approvals") == []


async def test_a_guessed_id_belongs_to_nothing(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    values = ("0" * 32, "", "x" * 2000, "*", "../audit", "audit", "\u2603")
    for value, button in itertools.product(values, ("reset.confirm", "reset.cancel")):
        forged = ada.press_payload(button, warning)
        forged["actions"][0]["value"] = value
        before = on_screen(ada)
        assert (await ada.presses_raw(forged)).error is None
        await answered(ada, "I no longer have the reset", before)
    assert (await world.newest("ada")).state == "awaiting_user"
    assert world.org.resets == []


async def test_a_choice_of_somebody_else_is_refused(world: World) -> None:
    carl, eve = world.person("carl"), world.person("eve")
    await carl.types("/reset-token")
    await carl.sees_soon(lambda one: bool(one.menus))
    choice = (await world.newest("carl")).choices[1].id
    warning = await offered(world, "eve")
    forged = eve.press_payload("reset.cancel", warning)
    action = forged["actions"][0]
    action |= {"action_id": "reset.choose", "selected_option": {"value": choice}}
    del action["value"]
    before = on_screen(eve)
    assert (await eve.presses_raw(forged)).error is None
    await answered(eve, "belongs to somebody else's reset", before)
    assert (await world.newest("carl")).state == "awaiting_choice"


async def test_a_press_after_the_data_is_gone(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    async with Valkey.from_url(world.redis_url) as client:
        await client.delete(keys.reset((await world.newest("ada")).id))
    for button in ("reset.confirm", "reset.cancel", "reset.ask_it"):
        before = on_screen(ada)
        assert (await ada.presses(button, warning)).error is None
        await answered(ada, "I no longer have the reset", before)
    assert world.org.resets == []


async def test_presses_below_the_next_steps_after_the_data_is_gone(world: World) -> None:
    ada = world.person("ada")
    steps = await done(world)
    async with Valkey.from_url(world.redis_url) as client:
        await client.delete(keys.reset((await world.newest("ada")).id))
    for button in ("reset.no_email", "reset.not_me"):
        before = on_screen(ada)
        assert (await ada.presses(button, steps)).error is None
        shown = await ada.sees_soon(
            lambda one, seen=before: one.ts not in seen and "no longer have" in one.plain  # type: ignore[misc]  # a default's type can't be told
        )
        assert "changed nothing" in shown.plain


async def test_an_unknown_button_says_so(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    forged = ada.press_payload("reset.cancel", warning)
    forged["actions"][0]["action_id"] = "reset.of_another_age"
    before = on_screen(ada)
    assert (await ada.presses_raw(forged)).error is None
    await answered(ada, "I don't know this button or shortcut", before)
    assert (await audit(world))[-1].why == "unknown_button"
    assert (await world.newest("ada")).state == "awaiting_user"


async def test_of_two_offers_at_once_one_runs_and_the_other_is_busy(world: World) -> None:
    ada = world.person("ada")
    first, second = await offered(world), await offered(world)
    world.org.faults.add("page", faults.late(1))
    await ada.presses("reset.confirm", first)
    before = on_screen(ada)
    await ada.presses("reset.confirm", second)
    await answered(ada, "Another reset of this Salesforce user is under way", before)
    assert (await audited(world, "refused:reset.confirm")).why == "busy"
    third = on_screen(ada)
    await ada.types("/reset-token")
    refused = await answered_command(world, third)
    assert "Another reset of this Salesforce user is under way" in refused
    assert "Nothing has changed now" in refused
    await ada.sees_soon("Done.")
    assert len(world.org.resets) == 1
    assert world.org.count(0, "page") == 1


async def answered_command(world: World, before: set[str]) -> str:
    shown = await world.person("ada").sees_soon(
        lambda one: one.ts not in before and "No reset in" in one.plain
    )
    return shown.plain


async def test_the_second_offer_after_the_first_ran_is_cooling_down(world: World) -> None:
    ada = world.person("ada")
    first, second = await offered(world), await offered(world)
    await ada.presses("reset.confirm", first)
    await ada.sees_soon("Done.")
    before = on_screen(ada)
    await ada.presses("reset.confirm", second)
    shown = await answered(ada, "was reset a short while ago", before)
    assert "Another reset is possible from" in shown.plain
    assert (await audited(world, "refused:reset.confirm")).why == "cooling_down"
    assert len(world.org.resets) == 1


async def test_two_offers_pressed_at_once_are_one_effect(world: World) -> None:
    ada = world.person("ada")
    offers = [await offered(world), await offered(world)]
    payloads = [ada.press_payload("reset.confirm", offer) for offer in offers]
    await asyncio.gather(*(ada.presses_raw(payload) for payload in payloads))
    assert (await audited(world, "succeed")).after == "done"
    assert (await audited(world, "refused:reset.confirm")).why in {"busy", "cooling_down"}
    assert len(world.org.resets) == 1
