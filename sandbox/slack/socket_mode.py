"""Socket Mode: the bot connects to the workspace, and payloads travel over its WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.slack.dispatcher import Retry
    from sandbox.slack.model import Json
    from sandbox.slack.workspace import Workspace

MAX_CONNECTIONS = 10


class SocketHub:
    """The connections of the app; a payload goes to any one of them, as in Slack."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._unacked: dict[str, asyncio.Future[Json]] = {}
        self.address = ""

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def new_address(self) -> str:
        """Return a WebSocket address that is good for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return f"{self.address}/link/?ticket={ticket}&app_id={self._workspace.app_id}"

    async def send(
        self, kind: str, payload: Json, retry: Retry | None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one envelope and wait for its ack; raise `ConnectionError` when nobody listens."""
        if not self._connections:
            raise ConnectionError("the app is not connected")
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry is not None:
            envelope |= {"retry_attempt": retry.number, "retry_reason": retry.reason}
        acked: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._unacked[envelope["envelope_id"]] = acked
        try:
            await random.choice(self._connections).send_json(envelope)
            answer = await acked
        finally:
            del self._unacked[envelope["envelope_id"]]
        said = answer.get("payload")
        body = json.dumps(said).encode() if said else b""
        return 200, {"content-type": "application/json"}, body

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to go and come again, then close it."""
        for connection in list(self._connections):
            await connection.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            await connection.close()

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection of the bot."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self.connected >= MAX_CONNECTIONS:
            raise web.HTTPForbidden
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse(heartbeat=30)
        await connection.prepare(request)
        self._connections.append(connection)
        try:
            await connection.send_json(
                {
                    "type": "hello",
                    "num_connections": self.connected,
                    "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
                    "connection_info": {"app_id": self._workspace.app_id},
                }
            )
            self._workspace.changes.happened()
            await self._hear(connection)
        finally:
            self._connections.remove(connection)
            self._workspace.changes.happened()
        return connection

    async def _hear(self, connection: web.WebSocketResponse) -> None:
        async for frame in connection:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                message = json.loads(frame.data)
                acked = self._unacked.get(message["envelope_id"])
            except (ValueError, TypeError, KeyError):
                # Slack drops a frame that isn't an ack, such as the SDK's textual ping.
                continue
            if acked is not None and not acked.done():
                acked.set_result(message)


@contextlib.asynccontextmanager
async def socket_mode(workspace: Workspace) -> AsyncIterator[SocketHub]:
    """Let the bot connect to this workspace while the context lasts."""
    hub = SocketHub(workspace)
    app = web.Application()
    app.router.add_get("/link/", hub.accept)
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    hub.address = f"ws://{host}:{port}"
    workspace.dispatcher.hub = hub
    try:
        yield hub
    finally:
        workspace.dispatcher.hub = None
        await hub.disconnect("link_disabled")
        await runner.cleanup()
