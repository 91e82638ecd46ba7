"""The doors of the web process, and what may be put through them, sound or spoilt."""

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import standardwebhooks

from bot import web
from sandbox.slack import seed
from sandbox.slack.dispatcher import Kind
from sandbox.slack.signing import signature_headers
from tests.scenario.breach_steps import SECRET
from tests.scenario.world import World
from tests.security.fuzz_spoiling import as_json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Request = tuple[str, str, dict[str, str], bytes]
"""Method, path and query, headers, body."""

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


def signed(body: bytes, content_type: str) -> dict[str, str]:
    headers = signature_headers(seed.SIGNING_SECRET, int(time.time()), body)
    return headers | {"Content-Type": content_type, "Content-Length": str(len(body))}


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


_SIGNER = standardwebhooks.Webhook(SECRET)


def alert(text: str, number: int) -> Request:
    """A report from another system, signed."""
    now, message_id = datetime.now(UTC), f"msg_{number}"
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _SIGNER.sign(message_id, now, text),
        "Content-Type": JSON,
    }
    return "POST", "/alerts", headers, text.encode()
