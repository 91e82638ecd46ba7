"""The doors of the web process take anything: never a 500, always an answer, nothing piles up."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.counting import Count
from tests.scenario.breach_steps import SECRET
from tests.scenario.test_odd_payloads import sound
from tests.scenario.world import World, a_world
from tests.security.doors import ALERT, FORM, JSON, Door, Request, alert, encoded, signed
from tests.security.fuzz_spoiling import SCALE, as_json, chance, spoilt, spoilt_bytes
from tests.security.memory import Memory

INPUTS = "fuzzed inputs"

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_world(redis_url, worker=False, ALERT_SECRET=SECRET) as built:
        yield built


CALLING = frozenset({"other form", "shortcut"})
"""These open a form, by a call to the sandbox, which keeps every call: they are fewer, and what
they leave in memory is the sandbox's."""


async def nothing_breaks(
    door: Door,
    requests: Iterator[Request],
    number: int,
    *,
    in_memory: bool = True,
) -> None:
    """Send so many. Whatever they are, each is answered, and none by a fault of ours."""
    memory = Memory(number) if in_memory else None
    for done in range(1, number + 1):
        method, path, headers, body = next(requests)
        status = await door(method, path, headers, body)
        assert status < 500, (status, method, path, headers, body[:2000])
        if memory:
            memory.look(done)
    if memory:
        memory.stays_flat()


KINDS = [
    "press",
    "choice",
    "form",
    "closed",
    "command",
    "event",
    "report",
    "decision",
    "other form",
    "shortcut",
    "report by command",
]


@pytest.mark.parametrize("name", KINDS)
async def test_payloads_that_are_signed_and_spoilt(world: World, name: str, count: Count) -> None:
    async with world.worker():
        payloads = await sound(world)
    assert sorted(payloads) == sorted(KINDS)
    kind, payload = payloads[name]
    rng, number = chance(name), (500 if name in CALLING else 2_700) * SCALE

    def requests() -> Iterator[Request]:
        while True:
            body, content_type = encoded(kind, spoilt(rng, payload))
            if rng.random() < 0.15:
                body = spoilt_bytes(rng, body)
            if rng.random() < 0.05:
                content_type = rng.choice([JSON, FORM, "", "text/plain", "multipart/form-data"])
            yield "POST", "/slack/events", signed(body, content_type), body

    door = Door(world)
    await nothing_breaks(door, requests(), number, in_memory=name not in CALLING)
    assert door.answers[200], "some of them are taken"
    count(INPUTS, number)


async def test_alerts_that_are_signed_and_spoilt(world: World, count: Count) -> None:
    rng, number = chance("alerts"), 4_000 * SCALE

    def requests() -> Iterator[Request]:
        for sent in range(number):
            text = as_json(spoilt(rng, ALERT)).decode()
            if rng.random() < 0.1:
                text = spoilt_bytes(rng, text.encode()).decode("utf-8", "replace")
            yield alert(text, sent)

    door = Door(world)
    await nothing_breaks(door, requests(), number)
    assert door.answers[202] + door.answers[200] > 0
    assert door.answers[422] > 0
    count(INPUTS, number)


async def test_whatever_knocks_without_a_signature(world: World, count: Count) -> None:
    rng, number = chance("knocking"), 6_000 * SCALE

    def requests() -> Iterator[Request]:
        while True:
            body = spoilt_bytes(rng, as_json(spoilt(rng, ALERT)))
            headers = {
                name: rng.choice(
                    ["", "v0=", "v1,", "0", "-1", "99999999999999999999", "é", "x" * 9000]
                )
                for name in (
                    "X-Slack-Request-Timestamp",
                    "X-Slack-Signature",
                    "webhook-id",
                    "webhook-timestamp",
                    "webhook-signature",
                    "Content-Type",
                    "Content-Length",
                )
                if rng.random() < 0.6
            }
            path = rng.choice(
                ["/slack/events", "/alerts", "/", "/slack/events/", "//", "/é", "/x" * 500]
            ) + rng.choice(["", "", "?", "?payload={}&a=%00", "?" + "a=b&" * 2000])
            method = rng.choice(
                ["POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"]
            )
            yield method, path, headers, body

    door = Door(world)
    await nothing_breaks(door, requests(), number)
    assert door.answers[200] == 0, "nobody gets in"
    assert await world.web.stores.health.outbox_length() == 0
    count(INPUTS, number)
