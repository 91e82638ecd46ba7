"""How people report a suspected breach: the command, the form, the shortcut on a message."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.model import Source, Urgency
from services.cases.states import CaseState
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    card,
    cards,
    case_in,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, audit, on_screen
from tests.scenario.traces import everything_in
from tests.scenario.world import World

SERVICE = "svc.etl@acme.example"
HAS_IT = "has your report about"


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


def about(username: str) -> Callable[[Shown], bool]:
    return lambda shown: f"`{username}`" in shown.plain


async def test_a_command_with_person_and_reason_is_a_report(world: World) -> None:
    eve = world.person("eve")
    seen = await reported(world)
    assert REASON in seen.plain
    assert "Reported by @Eve Moreau by command" in seen.plain
    assert "Nothing has changed in Salesforce yet" in seen.plain
    case = await the_case(world, seen)
    assert case.origin.source is Source.COMMAND
    assert case.suspect == world.slack.person("ada").id
    at_once = eve.sees("general")[-1]
    assert at_once.ephemeral
    for words in ("Your report is saved", "phone IT now", "Don't warn the suspected", case.id):
        assert words in at_once.plain
    assert HAS_IT in (await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")).plain
    assert world.person("ada").sees("dm") == [], "the suspected person isn't warned"
    assert (world.org.resets, world.org.person("ada").is_frozen) == ([], False)
    assert [row.what for row in await audit(world)] == ["breach_report", "breach_present"]


@pytest.mark.parametrize("by", ["gus", "sam", "una", "ivan"])
async def test_anybody_may_report(world: World, by: str) -> None:
    seen = await reported(world, by=by)
    assert f"Reported by @{world.slack.person(by).real_name}" in seen.plain
    await world.person(by).sees_soon(HAS_IT, PATIENCE, channel="dm")


@pytest.mark.parametrize("sent", [SERVICE, f"<mailto:{SERVICE}|{SERVICE}>"])
async def test_a_salesforce_username_does_in_place_of_a_person(world: World, sent: str) -> None:
    """Slack makes a link of what has the shape of an address."""
    text = f"breach {sent} It logs in from an address that we don't know"
    payload = payloads.slash_command(
        world.slack,
        world.slack.person("eve"),
        world.slack.channel("general"),
        "/reset-token",
        text,
    )
    assert (await world.slack.dispatcher.deliver(Kind.COMMAND, payload)).status == 200
    seen = await card(world)
    for words in (SERVICE, "ETL Service", "It logs in from an address", "nobody here has"):
        assert words in seen.plain
    case = await the_case(world, seen)
    assert (case.suspect, case.asked_for) == (None, SERVICE)


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("", {}),
        ("@ada", {"person": "U0ADA00001"}),
        (SERVICE, {"username": SERVICE}),
        ("I saw an odd login", {"reason": "I saw an odd login"}),
    ],
    ids=["nothing", "a person", "a username", "a reason"],
)
async def test_what_a_command_lacks_is_asked_for_in_a_form(
    world: World, typed: str, held: dict[str, str]
) -> None:
    eve = world.person("eve")
    before = on_screen(eve)
    assert (await eve.types(f"/reset-token breach {typed}".rstrip())).error is None
    shown = eve.modal
    assert shown is not None
    assert shown.callback_id == "breach.report"
    found = {
        block: next(value for name, value in entry.items() if name != "type")
        for block, fields in shown.state.items()
        for entry in fields.values()
    }
    for block in ("person", "username", "reason"):
        assert found[block] == held.get(block)
    assert found["urgency"]["value"] == "high"
    assert found["slack"] == []
    assert on_screen(eve) == before, "the form is all of the answer"
    assert await audit(world) == []


async def test_a_form_keeps_what_is_wrong_and_then_confirms(world: World) -> None:
    eve = world.person("eve")
    await eve.types("/reset-token breach")
    wrong = await eve.submits({"reason": "A login at night", "seen": "Oslo, 03:04"})
    assert "Choose the person" in wrong.errors["person"]
    wrong = await eve.submits({"person": "ada", "reason": "  "})
    assert "Say what happened" in wrong.errors["reason"]
    assert await audit(world) == []

    result = await eve.submits(
        {"reason": "A login at night", "urgency": "critical", "slack": "suspected"}
    )
    assert (result.error, result.errors) == (None, {})
    assert eve.modal is not None
    assert "Your report is saved" in eve.modal.plain
    assert "phone IT now" in eve.modal.plain
    seen = await card(world)
    case = await the_case(world, seen)
    assert case.id in eve.modal.plain
    for words in (
        "Suspected breach, critical",
        "A login at night",
        "Oslo, 03:04",
        "with the form",
        "Their Slack account may be in other hands too",
    ):
        assert words in seen.plain
    assert case.slack_suspected
    await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")


async def test_a_shortcut_links_the_message_and_chooses_its_author(world: World) -> None:
    eve, ada = world.person("eve"), world.person("ada")
    posted = await ada.posts("Please all log in here again: acme-login.example")
    message = next(one for one in eve.sees("general") if one.ts == posted.ts)
    assert (await eve.uses_shortcut("breach.suspect", message)).error is None
    assert eve.modal is not None
    assert eve.modal.state["person"]["user"]["selected_user"] == ada.person.id
    assert (await eve.submits({"reason": "That isn't her"})).errors == {}
    seen = await card(world)
    link = f"https://acme.slack.com/archives/{seed.GENERAL}/p{message.ts.replace('.', '')}"
    assert f"<{link}|the message>" in str(seen.blocks)
    assert "about a message in Slack" in seen.plain
    case = await the_case(world, seen)
    assert (case.origin.source, case.origin.link) == (Source.MESSAGE, link)
    assert "acme-login" not in str(await everything_in(world.redis_url)), "linked, not copied"


async def test_a_form_that_doesnt_open_is_told_with_another_way(world: World) -> None:
    eve = world.person("eve")
    message = await eve.posts("Look at this")
    world.slack.faults.add("views.open", Fault(status=500))
    await eve.types("/reset-token breach")
    told = eve.sees("general")[-1]
    assert told.ephemeral
    assert "Nothing was reported" in told.plain
    assert "/reset-token breach @person what happened" in told.plain
    await eve.uses_shortcut("breach.suspect", message)
    await eve.sees_soon("Slack didn't open the form", PATIENCE)
    assert [row.why for row in await audit(world)] == ["form_failed"]


async def test_five_reports_an_hour_and_the_sixth_is_told_when(world: World) -> None:
    eve = world.person("eve")
    for name in ("ada", "ben", "iris", "omar", "dana"):
        await eve.types(f"/reset-token breach @{name} {REASON}")
    await eve.types(f"/reset-token breach @ivan {REASON}")
    told = eve.sees("general")[-1].plain
    assert "You have reported 5 times within an hour" in told
    assert "This report was not sent" in told
    assert "phone IT now" in told
    assert "I take the next one from" in told

    await eve.types("/reset-token breach")
    result = await eve.submits({"person": "ivan", "reason": REASON})
    assert "This report was not sent" in result.errors["reason"]
    assert "60 minutes" in result.errors["reason"]
    rows = [row for row in await audit(world) if row.what == "breach_report"]
    assert len(rows) == 5

    await world.person("dana").types(f"/reset-token breach @ivan {REASON}")
    assert "Your report is saved" in world.person("dana").sees("general")[-1].plain
    world.clock.forward(minutes=61)
    assert (await eve.submits({})).errors == {}


async def test_a_newer_report_joins_the_open_card_as_another_voice(world: World) -> None:
    dana = world.person("dana")
    seen = await reported(world)
    case = await the_case(world, seen)
    await dana.types("/reset-token breach @ada Her mailbox forwards to somewhere")
    joined = await card(world, lambda shown: "Her mailbox forwards" in shown.plain)
    assert joined.ts == seen.ts
    assert REASON in joined.plain
    assert "2 reports, the newest first" in joined.plain
    assert "@Dana Reyes, @Eve Moreau" in joined.plain, "neither may decide"
    told = await dana.sees_soon("has been reported already", PATIENCE, channel="dm")
    assert "Yours was added to it" in told.plain
    fresh = await case_in(world, case.id, CaseState.AWAITING_APPROVAL)
    assert len(fresh.reports) == 2
    assert [one.ts for one in cards(world)] == [seen.ts]
    assert await world.web.stores.cases.count_open() == 1


def is_told(shown: Shown) -> bool:
    return "has been reported already" in shown.plain or HAS_IT in shown.plain


async def test_reports_of_the_same_moment_are_one_card(world: World) -> None:
    names = ("eve", "dana", "carl", "omar", "ben")
    await asyncio.gather(
        *(world.person(name).types(f"/reset-token breach @ada Says {name}") for name in names)
    )
    seen = await card(world, lambda shown: "5 reports" in shown.plain)
    for name in names:
        assert f"“Says {name}”" in seen.plain
        await world.person(name).sees_soon(is_told, PATIENCE, channel="dm")
    assert [one.ts for one in cards(world)] == [seen.ts]


async def test_the_highest_urgency_of_any_voice_counts(world: World) -> None:
    dana = world.person("dana")
    seen = await reported(world)
    await dana.types("/reset-token breach @ada")
    await dana.submits({"reason": "Data is leaving", "urgency": "critical"})
    joined = await card(world, lambda shown: "Data is leaving" in shown.plain)
    assert joined.plain.count("Suspected breach, critical") == 1
    assert (await the_case(world, seen)).urgency is Urgency.CRITICAL


async def test_each_salesforce_user_of_a_person_gets_a_card(world: World) -> None:
    eve = world.person("eve")
    await eve.types(f"/reset-token breach @carl {REASON}")
    usernames = ("carl@acme.example.prod", "carl.dev@acme.example.prod")
    found = [await card(world, about(name)) for name in usernames]
    assert len({one.ts for one in found}) == len(cards(world)) == 2
    for one in found:
        assert REASON in one.plain
        assert "*They have 1 other Salesforce user*, on a card of" in one.plain
        assert (await the_case(world, one)).suspect == world.slack.person("carl").id
    for number in range(4):
        await eve.types(f"/reset-token breach @ada {number}")
    assert "Your report is saved" in eve.sees("general")[-1].plain, "carl's was one report"


async def test_again_about_a_person_with_two_users_joins_both(world: World) -> None:
    await world.person("eve").types(f"/reset-token breach @carl {REASON}")
    await world.slack.until(lambda: len(cards(world)) == 2, PATIENCE)
    await world.person("dana").types("/reset-token breach @carl Again")
    await world.slack.until(
        lambda: sum("“Again”" in one.plain for one in cards(world)) == 2, PATIENCE
    )
    assert len(cards(world)) == 2


async def test_a_person_in_several_orgs_gets_a_card_for_each(redis_url: str) -> None:
    async with a_breach_world(redis_url, several_orgs=True) as world:
        await world.person("eve").types(f"/reset-token breach @ada {REASON}")
        for username, place in (
            ("ada@acme.example", "Production"),
            ("ada@acme.example.partner", "Partner"),
        ):
            seen = await card(world, about(username))
            assert f"in *{place}*" in seen.plain
            assert "*They have 1 other Salesforce user*" in seen.plain
        assert len(cards(world)) == 2


@pytest.mark.parametrize("way", ["command", "form"])
async def test_an_org_that_is_named_is_the_only_one(redis_url: str, way: str) -> None:
    async with a_breach_world(redis_url, several_orgs=True) as world:
        eve = world.person("eve")
        if way == "command":
            await eve.types(f"/reset-token breach partner @ada {REASON}")
        else:
            await eve.types("/reset-token breach @ada")
            assert (await eve.submits({"org": "partner", "reason": REASON})).errors == {}
        seen = await card(world)
        assert "`ada@acme.example.partner`" in seen.plain
        assert "other Salesforce user" not in seen.plain
        await eve.sees_soon(HAS_IT, PATIENCE, channel="dm")
        assert len(cards(world)) == await world.web.stores.cases.count_open() == 1
