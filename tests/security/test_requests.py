"""Requests that are forged, changed, signed with something else, or sent again as they were.

What is stale is in `tests/unit/bot/test_intake.py` and `test_alert_signatures.py`; what comes from
another workspace, in `test_authority.py`; presses sent fifty times at once, in
`tests/scenario/test_presses.py`.
"""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import standardwebhooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from valkey.asyncio import Valkey

from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from tests.counting import Count
from tests.scenario.breach_attempts import at_salesforce, hurried, idle, value_of, whole_form
from tests.scenario.breach_steps import (
    SECRET,
    a_breach_world,
    approves,
    card,
    cards,
    contained,
    denies,
    reported,
    the_case,
)
from tests.scenario.steps import TOKEN_MAIL, audit, offered
from tests.scenario.world import World

TIMES = 5
ALERT = {"id": "4711", "user": "ada@acme.example", "reason": "Two countries within ten minutes"}
NESTED = b"[" * 100_000 + b"]" * 100_000


@dataclass
class Request:
    """A request as it went over the wire."""

    path: str
    body: bytes
    headers: dict[str, str]

    async def sent(self, world: World) -> httpx.Response:
        return await world.client.post(self.path, content=self.body, headers=self.headers)


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        built.slack.rate_limits.off()
        yield built


@pytest.fixture
async def quiet(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url, worker=False) as built:
        yield built


def of_slack(world: World, kind: Kind, payload: dict[str, Any]) -> Request:
    return Request("/slack/events", *world.slack.dispatcher.signed(kind, payload))


def command(world: World, text: str, who: str = "ada") -> Request:
    slack = world.slack
    general, person = slack.channel("general"), slack.person(who)
    return of_slack(
        world,
        Kind.COMMAND,
        payloads.slash_command(slack, person, general, "/reset-token", text),
    )


def alert(body: bytes, message_id: str = "msg_1", secret: str = SECRET) -> Request:
    now = datetime.now(UTC)  # the door's own clock
    signature = standardwebhooks.Webhook(secret).sign(message_id, now, body.decode())
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    return Request("/alerts", body, headers)


async def everything_in(world: World) -> list[str]:
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        return sorted(await raw.keys("*"))


EXAMPLES = 300
SIGNED = {
    "/slack/events": ("x-slack-signature", "x-slack-request-timestamp"),
    "/alerts": ("webhook-signature", "webhook-timestamp", "webhook-id"),
}
"""The headers of each door that its signature is about, or is."""


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from([*SIGNED]), st.integers(0, 3), st.integers(0, 10_000), st.integers(1, 93))
async def test_nothing_that_was_changed_in_one_place_gets_in(
    quiet: World, path: str, where: int, at: int, by: int
) -> None:
    right = command(quiet, "") if path == "/slack/events" else alert(json.dumps(ALERT).encode())
    names = (None, *SIGNED[path])
    changed(right, names[where % len(names)], at, by)
    assert (await right.sent(quiet)).status_code == 401
    assert await everything_in(quiet) == []


def changed(request: Request, header: str | None, at: int, by: int) -> None:
    """Put another character in one place of the body, or of a header."""
    name = next((one for one in request.headers if one.casefold() == header), None)
    held = request.body.decode() if name is None else request.headers[name]
    # The last characters of a signature in base64 hold bits that stand for nothing.
    place = at % (len(held) - (2 if header == "webhook-signature" else 0))
    other = chr(33 + (ord(held[place]) - 33 + by) % 94)
    held = f"{held[:place]}{other}{held[place + 1 :]}"
    if name is None:
        request.body = held.encode()
    else:
        request.headers[name] = held


async def test_unchanged_they_get_in(quiet: World, count: Count) -> None:
    assert (await command(quiet, "").sent(quiet)).status_code == 200
    assert (await alert(json.dumps(ALERT).encode()).sent(quiet)).status_code == 202
    count("requests changed in one place", EXAMPLES)


def _as_slack(body: bytes, secret: str, *, version: str = "v0") -> dict[str, str]:
    now = int(time.time())
    base = f"{version}:{now}:".encode() + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(now),
        "X-Slack-Signature": f"{version}={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.mark.parametrize("secret", ["", SECRET, "whsec_" + "A" * 32, seed.BOT_TOKEN])
async def test_what_is_signed_with_another_secret_is_refused(quiet: World, secret: str) -> None:
    body = command(quiet, "").body
    forged = Request("/slack/events", body, _as_slack(body, secret))
    assert (await forged.sent(quiet)).status_code == 401
    assert await everything_in(quiet) == []


@pytest.mark.parametrize("version", ["v1", "V0", ""])
async def test_another_version_of_the_signature_is_refused(quiet: World, version: str) -> None:
    body = command(quiet, "").body
    headers = _as_slack(body, seed.SIGNING_SECRET, version=version)
    assert (await Request("/slack/events", body, headers).sent(quiet)).status_code == 401


async def test_a_signature_of_one_door_opens_not_the_other(quiet: World) -> None:
    body = json.dumps(ALERT).encode()
    for path, headers in (
        ("/slack/events", alert(body).headers),
        ("/alerts", _as_slack(body, seed.SIGNING_SECRET)),
        ("/alerts", _as_slack(body, SECRET)),
    ):
        assert (await Request(path, body, headers).sent(quiet)).status_code == 401
    assert await everything_in(quiet) == []


async def test_a_signature_doesnt_hold_for_another_body_or_moment(quiet: World) -> None:
    mine, theirs = command(quiet, "status", "eve"), command(quiet, "", "ada")
    later = str(int(time.time()) + 60)
    for request in (
        Request("/slack/events", theirs.body, mine.headers),
        Request("/slack/events", mine.body, mine.headers | {"X-Slack-Request-Timestamp": later}),
    ):
        assert (await request.sent(quiet)).status_code == 401


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
async def test_a_body_that_is_nested_without_end_is_refused(
    quiet: World, content_type: str
) -> None:
    body = NESTED if content_type == "application/json" else b"payload=" + NESTED
    headers = _as_slack(body, seed.SIGNING_SECRET) | {"Content-Type": content_type}
    assert (await Request("/slack/events", body, headers).sent(quiet)).status_code == 400
    deep = NESTED[:30_000] + NESTED[-30_000:]  # below the limit of the other door
    assert (await alert(b'{"id":' + deep + b"}").sent(quiet)).status_code == 422


# --- The same request again, within the five minutes in which its signature holds ---------------


async def sent_again(world: World, request: Request, count: Count) -> list[httpx.Response]:
    """Send it as it was, over and over."""
    answers = [await request.sent(world) for _ in range(TIMES)]
    await idle(world)
    count("requests sent again as they were", TIMES)
    return answers


async def test_a_press_sent_again_is_one_effect(world: World, count: Count) -> None:
    ada = world.person("ada")
    press = ada.press_payload("reset.confirm", await offered(world))
    await sent_again(world, of_slack(world, Kind.INTERACTION, press), count)
    assert len(world.org.resets) == 1
    assert [TOKEN_MAIL in one.plain for one in ada.sees("dm")].count(True) == 1
    rows = [row.what for row in await audit(world)]
    assert (rows.count("confirm"), rows.count("refused:reset.confirm")) == (1, TIMES - 1)


async def test_a_command_sent_again_asks_again_and_does_nothing(world: World, count: Count) -> None:
    before = at_salesforce(world)
    await sent_again(world, command(world, ""), count)
    assert at_salesforce(world) == before, "a warning is no effect"


async def test_a_report_sent_again_is_one_case(world: World, count: Count) -> None:
    whom = f"<@{world.slack.person('ada').id}|ada>"
    await sent_again(world, command(world, f"breach {whom} A login at night", "eve"), count)
    await card(world)
    assert len(cards(world)) == 1


async def test_an_approval_sent_again_is_one_decision(world: World, count: Count) -> None:
    seen = await reported(world)
    form = whole_form(world, "ivan", "breach.approve", value_of(seen))
    await sent_again(world, of_slack(world, Kind.INTERACTION, form), count)
    case = await contained(world, seen)
    assert len(case.approvals) == 1
    rows = [row.what for row in await audit(world)]
    assert (rows.count("breach_approve"), rows.count("refused:breach_approve")) == (1, TIMES - 1)


async def test_a_denial_sent_again_denies_no_later_report(world: World, count: Count) -> None:
    seen = await reported(world)
    form = whole_form(world, "ivan", "breach.deny", value_of(seen))
    await denies(world, seen)
    await idle(world)
    later = await reported(world)
    await sent_again(world, of_slack(world, Kind.INTERACTION, form), count)
    assert (await the_case(world, later)).state == "awaiting_approval"


async def test_a_close_sent_again_is_refused(world: World, count: Count) -> None:
    seen = await reported(world)
    await approves(world, seen, steps=["sessions"])
    await contained(world, seen)
    await idle(world)
    ivan = world.person("ivan")
    below = await ivan.sees_soon(
        lambda shown: any(one.action_id == "breach.close" for one in shown.buttons)
    )
    press = ivan.press_payload("breach.close", below)
    await sent_again(world, of_slack(world, Kind.INTERACTION, press), count)
    rows = [row.what for row in await audit(world)]
    assert (rows.count("breach_close"), rows.count("refused:breach_close")) == (1, TIMES - 1)


async def test_an_alert_sent_again_is_known(world: World, count: Count) -> None:
    answers = await sent_again(world, alert(json.dumps(ALERT).encode()), count)
    assert [one.status_code for one in answers] == [202, *[200] * (TIMES - 1)]
    assert {one.json()["id"] for one in answers} == {answers[0].json()["id"]}
    await card(world)
    assert len(cards(world)) == 1


async def test_a_trigger_id_opens_one_form(world: World) -> None:
    seen, ivan = await reported(world), world.person("ivan")
    press = ivan.press_payload("breach.deny", seen)
    await ivan.presses_raw(press)
    before = await the_case(world, seen)
    await ivan.presses_raw(press)
    told = await ivan.sees_soon(lambda shown: shown.ephemeral and "didn't open" in shown.plain)
    assert told.buttons == []
    await idle(world)
    assert await the_case(world, seen) == before
    assert len(world.slack.calls.to("views.open")) == 2
