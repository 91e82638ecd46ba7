"""Bring commands, clicks and events to the bot, over signed HTTP or Socket Mode, and its ack back.

Slack waits three seconds and repeats events only (Slack's documentation).
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.arguments import FORM, JSON
from sandbox.slack.signing import signature_headers

if TYPE_CHECKING:
    from sandbox.slack.model import Json
    from sandbox.slack.socket_mode import SocketHub
    from sandbox.slack.transports import Transport
    from sandbox.slack.workspace import Workspace

TIMEOUT = "operation_timeout"
FAILED = "dispatch_failed"
NO_RETRY = "x-slack-no-retry"


class Kind(Enum):
    """What is delivered; the value is its name in Socket Mode."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the bot took it: HTTP status (0: none came), milliseconds to the ack, what it said.

    `error` is what Slack then tells the person: `operation_timeout` or `dispatch_failed`.
    """

    status: int
    ack_ms: float
    said: Json | str | None = None
    error: str | None = None
    no_retry: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Which repetition of an event this is, and why."""

    number: int
    reason: str


class Dispatcher:
    """Delivers to the bot: through `hub` in Socket Mode, else through `transport`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._late: set[asyncio.Task[Any]] = set()
        self.transport: Transport | None = None
        self.hub: SocketHub | None = None
        # Seconds that Slack waits for an ack.
        self.patience = 3.0
        # Slack repeats an event at once, after a minute and after five; here it needn't take long.
        self.event_retry_delays = (0.0, 0.05, 0.1)
        # The bot checks a signature's age by the time of day, whatever the workspace's clock says.
        self.time_of_day = time.time

    async def deliver(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Delivery:
        """Deliver once and wait for the ack; a late bot is left to finish, unheard."""
        began = time.perf_counter()
        task = asyncio.ensure_future(self._send(kind, payload, retry))
        try:
            done, _ = await asyncio.wait({task}, timeout=self.patience)
        except asyncio.CancelledError:
            task.cancel()
            raise
        ack_ms = (time.perf_counter() - began) * 1000
        if not done:
            self._leave(task)
            return Delivery(0, ack_ms, error=TIMEOUT)
        try:
            status, headers, body = task.result()
        except (aiohttp.ClientError, OSError):
            return Delivery(0, ack_ms, error=FAILED)
        no_retry = headers.get(NO_RETRY) == "1"
        if not 200 <= status < 300:
            return Delivery(status, ack_ms, error=FAILED, no_retry=no_retry)
        return Delivery(status, ack_ms, said=_read(headers, body), no_retry=no_retry)

    async def deliver_event(self, event: Json) -> list[Delivery]:
        """Deliver an Events API payload, again up to three times while it isn't acked."""
        deliveries = [await self.deliver(Kind.EVENT, event)]
        for number, delay in enumerate(self.event_retry_delays, start=1):
            last = deliveries[-1]
            if last.error is None or last.no_retry:
                break
            await asyncio.sleep(delay)
            reason = "http_timeout" if last.error == TIMEOUT else "http_error"
            deliveries.append(await self.deliver(Kind.EVENT, event, Retry(number, reason)))
        return deliveries

    def send_event_later(self, event: Json) -> None:
        """Deliver an event in the background, if the app can be reached at all."""
        if self.transport is not None or self.hub is not None:
            self._leave(asyncio.ensure_future(self.deliver_event(event)))

    async def close(self) -> None:
        """Drop whatever is still under way."""
        late = set(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def signed(
        self, kind: Kind, payload: Json, retry: Retry | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """Return the HTTP body and headers for a payload, signed now."""
        if kind is Kind.EVENT:
            body, content_type = json.dumps(payload).encode(), JSON
        else:
            form = payload if kind is Kind.COMMAND else {"payload": json.dumps(payload)}
            body, content_type = urlencode(form).encode(), FORM
        secret = self._workspace.signing_secret
        headers = signature_headers(secret, int(self.time_of_day()), body)
        headers["Content-Type"] = content_type
        headers["User-Agent"] = "Slackbot 1.0 (+https://api.slack.com/robots)"
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = retry.reason
        return body, headers

    async def _send(
        self, kind: Kind, payload: Json, retry: Retry | None
    ) -> tuple[int, dict[str, str], bytes]:
        if self._workspace.app_token is not None:
            if self.hub is None:
                raise ConnectionError("no Socket Mode in this workspace")
            return await self.hub.send(kind.value, payload, retry)
        if self.transport is None:
            raise ConnectionError("the app has no request URL")
        return await self.transport(*self.signed(kind, payload, retry))

    def _leave(self, task: asyncio.Task[Any]) -> None:
        self._late.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._late.discard(task)
        # Nobody waits for it any more: fetching the exception keeps asyncio from reporting it.
        if not task.cancelled():
            task.exception()


def _read(headers: dict[str, str], body: bytes) -> Json | str | None:
    """Return what an ack says: an object, a text, or nothing."""
    if not body.strip():
        return None
    text = body.decode(errors="replace")
    if JSON in headers.get("content-type", ""):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, dict) else text
    return text
