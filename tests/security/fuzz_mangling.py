"""Stands before the sandbox and spoils what it answers, now and then."""

import json
import random
from typing import TYPE_CHECKING

from tests.security.fuzz_spoiling import as_json, spoilt, spoilt_bytes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATUSES = [200, 201, 204, 206, 300, 400, 401, 403, 404, 409, 429, 500, 502, 503, 599]
WAITS = ["0", "-1", "x", "9" * 30, "Wed, 21 Oct 2015 07:28:00 GMT", ""]


class Mangled:
    """An ASGI app whose answers are another's, spoilt. `answers` counts the spoilt ones."""

    def __init__(self, app: "ASGIApp", rng: random.Random) -> None:
        self._app = app
        self._rng = rng
        self.is_on = False
        self.statuses = STATUSES
        self.answers = 0

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http" or not self.is_on:
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def hold(message: "Message") -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, hold)
        status, body = self._spoilt(start["status"], body)
        kept = [one for one in start["headers"] if one[0].lower() != b"content-length"]
        if self._rng.random() < 0.2:
            kept.append((b"retry-after", self._rng.choice(WAITS).encode()))
        if status in {204, 304}:
            body = b""
        length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
        self.answers += 1
        await send({**start, "status": status, "headers": [*kept, *length]})
        await send({"type": "http.response.body", "body": body})

    def _spoilt(self, status: int, body: bytes) -> tuple[int, bytes]:
        rng = self._rng
        if rng.random() < 0.2:
            status = rng.choice(self.statuses)
        if rng.random() < 0.25:
            return status, spoilt_bytes(rng, body)
        try:
            return status, as_json(spoilt(rng, json.loads(body)))
        except ValueError:
            return status, spoilt_bytes(rng, body)
