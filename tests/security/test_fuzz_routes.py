"""The doors of the web process take anything: never a 500, always an answer, nothing piles up."""

import asyncio
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import standardwebhooks

from bot import web
from sandbox.slack import seed
from sandbox.slack.dispatcher import Kind
from sandbox.slack.signing import signature_headers
from tests.counting import Count
from tests.scenario.breach_steps import SECRET
from tests.scenario.test_odd_payloads import sound
from tests.scenario.world import World, a_world
from tests.security.fuzz_spoiling import SCALE, as_json, chance, spoilt, spoilt_bytes

INPUTS = "fuzzed inputs"
WARM = 300
"""Inputs until caches are full, after which nothing may pile up."""
A_WHILE = 10
"""Seconds in which any one of them must be answered."""

ALERT = {
    "id": "siem-1",
    "user": "ada@acme.example",
    "org": "production",
    "reason": "Impossible travel",
    "source": "SIEM",
    "severity": "high",
    "evidence": ["Login from 203.0.113.9", {"country": "?"}],
}

pytestmark = pytest.mark.usefixtures("quiet_log")


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_world(redis_url, worker=False, ALERT_SECRET=SECRET) as built:
        yield built


class Door:
    """Speaks ASGI to the web process, without a client that would refuse what is odd."""

    def __init__(self, world: World) -> None:
        self._app = web.build(world.web)
        self.answers: Counter[int] = Counter()

    async def __call__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> int:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "root_path": "",
            "scheme": "http",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                for name, value in headers.items()
            ],
            "client": ("127.0.0.1", 1),
            "server": ("bot.test", 80),
        }
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        async with asyncio.timeout(A_WHILE):
            await self._app(scope, receive, send)  # type: ignore[arg-type]  # plain dicts
        await asyncio.sleep(0)  # one that needs nothing waits for nothing, and the loop must turn
        assert said[-1].get("more_body", False) is False, "the answer has an end"
        status: int = said[0]["status"]
        self.answers[status] += 1
        return status


class Memory:
    """Whether what is held grows with the number of inputs."""

    def __init__(self) -> None:
        gc.collect()
        self._before = sys.getallocatedblocks()

    def stays_flat(self, inputs: int) -> None:
        gc.collect()
        grown = sys.getallocatedblocks() - self._before
        assert grown < inputs / 2 + 20_000, f"{grown} blocks more after {inputs} inputs"


CALLING = frozenset({"other form", "shortcut"})
"""These open a form, by a call to the sandbox, which keeps every call: they are fewer, and what
they leave in memory is the sandbox's."""


async def nothing_breaks(
    door: Door,
    requests: Iterator[tuple[str, str, dict[str, str], bytes]],
    number: int,
    *,
    in_memory: bool = True,
) -> None:
    """Send so many. Whatever they are, each is answered, and none by a fault of ours."""
    memory: Memory | None = None
    for done, (method, path, headers, body) in zip(range(number), requests, strict=False):
        if done == WARM:
            memory = Memory()
        status = await door(method, path, headers, body)
        assert status < 500, (status, method, path, headers, body[:2000])
    assert memory is not None
    if in_memory:
        memory.stays_flat(number - WARM)


def signed(body: bytes, content_type: str) -> dict[str, str]:
    headers = signature_headers(seed.SIGNING_SECRET, int(time.time()), body)
    return headers | {"Content-Type": content_type, "Content-Length": str(len(body))}


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def encoded(kind: Kind, payload: Any) -> tuple[bytes, str]:  # noqa: ANN401
    """A payload as Slack would send it, if it ever sent such a thing."""
    if kind is Kind.EVENT:
        return as_json(payload), JSON
    if kind is Kind.COMMAND and isinstance(payload, dict):
        fields = {str(name): _plain(value) for name, value in payload.items()}
        return urlencode(fields, errors="replace").encode(), FORM
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


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

    def requests() -> Iterator[tuple[str, str, dict[str, str], bytes]]:
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
    signer = standardwebhooks.Webhook(SECRET)

    def requests() -> Iterator[tuple[str, str, dict[str, str], bytes]]:
        for sent in range(number):
            text = as_json(spoilt(rng, ALERT)).decode()
            if rng.random() < 0.1:
                text = spoilt_bytes(rng, text.encode()).decode("utf-8", "replace")
            now = datetime.now(UTC)
            yield (
                "POST",
                "/alerts",
                {
                    "webhook-id": f"msg_{sent}",
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": signer.sign(f"msg_{sent}", now, text),
                    "Content-Type": JSON,
                },
                text.encode(),
            )

    door = Door(world)
    await nothing_breaks(door, requests(), number)
    assert door.answers[202] + door.answers[200] > 0
    assert door.answers[422] > 0
    count(INPUTS, number)


async def test_whatever_knocks_without_a_signature(world: World, count: Count) -> None:
    rng, number = chance("knocking"), 6_000 * SCALE

    def requests() -> Iterator[tuple[str, str, dict[str, str], bytes]]:
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
