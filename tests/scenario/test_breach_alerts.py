"""Reports by signed alerts: one card each, however often, in whatever order they are sent."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sandbox.slack import seed
from services.cases.model import Source
from services.cases.states import CaseState
from tests.scenario.breach_steps import (
    REASON,
    SECRET,
    a_breach_world,
    alerted,
    card,
    cards,
    case_in,
    reported,
    the_case,
)
from tests.scenario.steps import audit, audited
from tests.scenario.test_redis_down import Server, server  # noqa: F401 - a fixture
from tests.scenario.traces import everything_in
from tests.scenario.world import World

OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


def an_alert(**fields: object) -> str:
    return json.dumps(
        {
            "id": "4711",
            "user": "ada@acme.example",
            "reason": "Two countries within ten minutes",
            "source": "Splunk",
            "severity": "critical",
        }
        | fields
    )


async def test_an_alert_makes_a_card_that_says_where_it_comes_from(world: World) -> None:
    status, told = await alerted(world, an_alert(evidence=["Oslo, 03:04", "Lima, 03:11"]))
    assert (status, told["status"]) == (202, "reported")
    seen = await card(world)
    for words in (
        "Suspected breach, critical",
        "an alert that calls itself “Splunk”, severity critical, signed with secret 1 of 1",
        "Two countries within ten minutes",
        "• Oslo, 03:04",
        "• Lima, 03:11",
        "@Ada Lovelace",
        "`ada@acme.example`",
    ):
        assert words in seen.plain
    case = await the_case(world, seen)
    assert (case.id, case.origin.source) == (told["id"], Source.ALERT)
    assert not case.reporters
    assert case.suspect == world.slack.person("ada").id
    row = await audited(world, "breach_report")
    assert (row.reset_id, row.slack_user, row.why) == (case.id, None, "alert")
    assert (world.org.resets, world.person("ada").sees("dm")) == ([], [])


async def test_which_of_several_secrets_it_was_signed_with_is_named(redis_url: str) -> None:
    secrets = f"{OTHER_SECRET} {SECRET}"
    async with a_breach_world(redis_url, ALERT_SECRET=secrets) as world:
        assert (await alerted(world, an_alert()))[0] == 202
        assert "signed with secret 2 of 2" in (await card(world)).plain
        ben = an_alert(id="1", user="ben@acme.example.prod")
        await alerted(world, ben, message_id="msg_2", secret=OTHER_SECRET)
        seen = await card(world, lambda shown: "ben@acme.example.prod" in shown.plain)
        assert "signed with secret 1 of 2" in seen.plain
        written = str(await everything_in(redis_url)) + str(
            [call.args for call in world.slack.calls]
        )
        assert SECRET.removeprefix("whsec_") not in written


@pytest.mark.parametrize(
    ("body", "message_id"),
    [
        (an_alert(), "msg_1"),
        (an_alert(), "msg_2"),
        (an_alert(id="4712", user="ben@acme.example.prod"), "msg_1"),
    ],
    ids=["replayed", "the same id", "the same webhook-id"],
)
async def test_the_same_again_is_answered_with_the_same_case(
    world: World, body: str, message_id: str
) -> None:
    _, first = await alerted(world, an_alert())
    seen = await card(world)
    status, again = await alerted(world, body, message_id=message_id)
    assert (status, again) == (200, {"id": first["id"], "status": "known"})
    await reported(world, whom="dana")  # whatever the second one might have made comes before
    first_card, _other_person = cards(world)
    assert first_card.ts == seen.ts
    reports = [row for row in await audit(world) if row.what == "breach_report"]
    assert len(reports) == 2
    assert len((await the_case(world, seen)).reports) == 1


async def test_fifty_of_the_same_at_once_are_one(world: World) -> None:
    answers = await asyncio.gather(*(alerted(world, an_alert()) for _ in range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [202]
    assert len({told["id"] for _, told in answers}) == 1
    seen = await card(world)
    assert [one.ts for one in cards(world)] == [seen.ts]


async def test_alerts_that_come_in_another_order_are_all_on_the_card(world: World) -> None:
    await alerted(world, an_alert(id="2", reason="The second"), message_id="msg_2")
    seen = await card(world)
    await alerted(world, an_alert(id="1", reason="The first"), message_id="msg_1", age=120)
    both = await card(world, lambda shown: "The first" in shown.plain)
    assert both.ts == seen.ts
    assert "The second" in both.plain
    status, _ = await alerted(world, an_alert(id="2"), message_id="msg_2", age=60)
    assert status == 200
    assert len((await the_case(world, both)).reports) == 2


async def test_an_alert_joins_the_open_card_of_a_person(world: World) -> None:
    seen = await reported(world)
    status, told = await alerted(world, an_alert())
    assert status == 202
    joined = await card(world, lambda shown: "Two countries" in shown.plain)
    assert joined.ts == seen.ts
    assert REASON in joined.plain
    assert "Suspected breach, critical" in joined.plain
    case = await the_case(world, joined)
    assert (await case_in(world, told["id"], CaseState.MERGED)).merged_into == case.id
    assert [one.ts for one in cards(world)] == [seen.ts]


async def test_an_alert_about_an_unknown_user_makes_a_card_that_says_so(world: World) -> None:
    status, told = await alerted(world, an_alert(user="who@acme.example"))
    assert status == 202
    seen = await card(world)
    assert "I found no Salesforce user for `who@acme.example`" in seen.plain
    assert "Two countries within ten minutes" in seen.plain
    assert {button.text for button in seen.buttons} == {"Close…"}
    assert (await the_case(world, seen)).id == told["id"]


async def test_an_org_that_is_unknown_is_a_422_that_names_it(redis_url: str) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        status, told = await alerted(world, an_alert(org="sandbox"))
        assert status == 422
        assert told["fields"] == {"org": "isn't an org that the bot knows; it knows production."}
        assert await everything_in(redis_url) == {}


async def test_an_org_that_is_known_is_the_only_one(redis_url: str) -> None:
    async with a_breach_world(redis_url, several_orgs=True) as world:
        await alerted(world, an_alert(org="Partner"))
        assert "`ada@acme.example.partner`" in (await card(world)).plain
        assert await world.web.stores.cases.count_open() == 1


@pytest.mark.parametrize(
    ("body", "age", "secret", "status"),
    [
        (an_alert(evidence="x" * 1_000_000), 0, SECRET, 413),
        (an_alert(), 301, SECRET, 401),
        (an_alert(), 0, OTHER_SECRET, 401),
        ('{"id": "4711"', 0, SECRET, 422),
    ],
    ids=["a million bytes", "long ago", "another's secret", "cut"],
)
async def test_what_cant_be_taken_leaves_nothing(
    redis_url: str, body: str, age: float, secret: str, status: int
) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        answer, told = await alerted(world, body, age=age, secret=secret)
        assert answer == status
        assert "Nothing was reported" in told["message"]
        assert await everything_in(redis_url) == {}
        assert world.slack.calls == []


async def test_without_redis_the_sender_is_told_to_come_again(server: Server) -> None:  # noqa: F811
    async with a_breach_world(server.url) as world:
        async with server.down():
            status, told = await alerted(world, an_alert())
            assert status == 503
            assert "Send it again, with the same webhook-id" in told["message"]
        status, told = await alerted(world, an_alert())
        assert status == 202
        await card(world)
        assert (await alerted(world, an_alert()))[0] == 200
        calls = [
            c for c in world.slack.calls.to("chat.postMessage") if c.channel == seed.IT_CHANNEL
        ]
        assert len(calls) == 1
