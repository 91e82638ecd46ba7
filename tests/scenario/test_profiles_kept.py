"""A profile is kept ten minutes for an offer, and asked for afresh before an effect."""

from collections.abc import Callable

import pytest
from valkey.asyncio import Valkey

from sandbox.slack.faults import Fault
from sandbox.slack.model import Person
from services.store import keys
from tests.counting import Count
from tests.scenario.steps import UNCHANGED, audited, ended, offered, refused
from tests.scenario.world import World


def asked(world: World) -> int:
    return len(world.slack.calls.to("users.info"))


async def test_a_second_command_within_ten_minutes_asks_slack_nothing(
    world: World, count: Count
) -> None:
    await offered(world)
    assert asked(world) == 1
    world.clock.forward(minutes=9, seconds=30)
    await offered(world)
    assert asked(world) == 1
    world.clock.forward(seconds=31)
    await offered(world)
    assert asked(world) == 2
    count("profiles that a second command didn't ask for", 1)


async def test_without_the_key_slack_is_asked(world: World) -> None:
    await offered(world)
    async with Valkey.from_url(world.redis_url) as raw:
        await raw.delete(keys.profile(world.slack.person("ada").id))
    await offered(world)
    assert asked(world) == 2


def deactivated(person: Person) -> None:
    person.deleted = True


def made_a_guest(person: Person) -> None:
    person.is_restricted = True


def unconfirmed(person: Person) -> None:
    person.is_email_confirmed = False


def moved_to_another_workspace(person: Person) -> None:
    person.team_id = "T0ELSE0001"


def renamed(person: Person) -> None:
    person.email = "eve@acme.example"


CHANGES = [
    (deactivated, "This Slack account is deactivated"),
    (made_a_guest, "You're a guest"),
    (unconfirmed, "isn't confirmed"),
    (moved_to_another_workspace, "another organisation"),
    (renamed, "has changed since I made the offer"),
]


@pytest.mark.parametrize(
    ("change", "words"), [pytest.param(*row, id=row[0].__name__) for row in CHANGES]
)
async def test_whoever_changed_meanwhile_cant_confirm(
    world: World, change: Callable[[Person], None], words: str, count: Count
) -> None:
    ada = world.person("ada")
    await offered(world)
    warning = await offered(world)
    assert asked(world) == 1, "the second offer was made of what was kept"
    payload = ada.press_payload("reset.confirm", warning)
    change(world.slack.person("ada"))
    before = len(world.org.calls)
    await ada.presses_raw(payload)
    shown = await ada.sees_soon(words)
    assert UNCHANGED in shown.plain
    assert (await ended(world)).state == "failed"
    assert (await audited(world, "fail")).why == (await world.newest("ada")).reason
    assert asked(world) == 2
    assert len(world.org.calls) == before, "Salesforce wasn't even asked"
    assert (world.org.resets, world.org.mails) == ([], [])
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        kept = await raw.get(keys.profile(world.slack.person("ada").id))
    if change is renamed:
        assert kept is not None
        assert "eve@acme.example" in kept, "the next command begins with what is true now"
    else:
        assert kept is None
    count("people who changed after the offer and were refused at the press", 1)


async def test_a_press_waits_for_slack_and_never_goes_ahead_without_it(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    fault = world.slack.faults.add("users.info", Fault(error="internal_error", times=2))
    shown = len(world.slack.calls.to("response_url"))
    await ada.presses("reset.confirm", warning)
    await world.slack.until(lambda: asked(world) == 3, 10)
    assert world.org.resets == []
    assert (await ended(world)).state == "done"
    assert fault.times == 0
    said = [str(one.args["text"]) for one in world.slack.calls.to("response_url")[shown:]]
    assert [one.startswith("Resetting") for one in said] == [True, False], (
        "each try of the job would use up one of the five answers to a press"
    )
    assert (len(world.org.resets), world.org.count(0, "submit")) == (1, 1)


async def test_a_profile_that_slack_refuses_at_the_press_changes_nothing(world: World) -> None:
    warning = await offered(world)
    world.slack.faults.add("users.info", Fault(error="user_not_found"))
    await world.person("ada").presses("reset.confirm", warning)
    shown = await world.person("ada").sees_soon("Slack didn't let me read your profile")
    assert UNCHANGED in shown.plain
    assert (await ended(world)).state == "failed"
    assert world.org.resets == []


async def test_a_refusal_is_never_kept(world: World) -> None:
    una = world.slack.person("una")
    await refused(world, "una", "isn't confirmed")
    una.is_email_confirmed = True
    await offered(world, "una")
    assert asked(world) == 2


async def test_after_its_go_ahead_the_profile_is_read_afresh(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    await offered(world)
    await ada.presses("reset.ask_it")
    await ada.submits({"question": "May I?"})
    card = await ivan.sees_soon("May I?", channel="it-approvals")
    before = len(world.slack.calls.to("users.info"))
    await ivan.presses("Go ahead", card)
    await ada.sees_soon("says go ahead", channel="dm")
    users = [call.args["user"] for call in world.slack.calls.to("users.info")[before:]]
    assert world.slack.person("ada").id in users
