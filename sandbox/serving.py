"""Serve an ASGI app on loopback inside the running event loop, and stop it at once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.requests import ClientDisconnect
from uvicorn import Config, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

_CUT = "sandbox.cut"


class ConnectionCutError(Exception):
    """The connection was cut on purpose: the caller must never get an answer."""


async def cut_connection(scope: Scope) -> NoReturn:
    """Drop the request's connection without an answer, as a broken network does.

    Call it from an endpoint with `request.scope` and let the exception pass. Under `serving` the
    client sees its connection closed; an in-process client gets the `ConnectionCutError` itself.
    """
    cut = scope.get("extensions", {}).get(_CUT)
    if cut is not None:
        cut()
        # uvicorn notes the loss in a callback of the event loop; it must come before our end.
        await asyncio.sleep(0)
    raise ConnectionCutError


class _Droppable:
    """An ASGI app whose running requests can be dropped, as a pulled plug drops them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: set[asyncio.Task[Any]] = set()
        self._dropped = False
        self.server: Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] == "lifespan" or task is None:
            await self._app(scope, receive, send)
            return
        scope.setdefault("extensions", {})[_CUT] = lambda: self._abort(scope["client"])
        self._running.add(task)
        try:
            await self._app(scope, receive, send)
        except (ConnectionCutError, ClientDisconnect):
            # Who asked is cut off or gone, as a worker is that was killed: nobody waits for more.
            pass
        except asyncio.CancelledError:
            # The connection is gone by then: uvicorn would log a cancellation as a fault.
            if not self._dropped:
                raise
        finally:
            self._running.discard(task)

    def _abort(self, client: tuple[str, int] | None = None) -> None:
        """Abort the connection of `client`, or every connection."""
        if self.server is None:
            return
        for connection in list(self.server.server_state.connections):
            transport = connection.transport
            if transport is None:
                continue
            if client is None or tuple(transport.get_extra_info("peername")) == tuple(client):
                transport.abort()

    async def drop_all(self) -> None:
        self._dropped = True
        self._abort()
        # uvicorn notes the losses first; then its requests end without a word in the log.
        await asyncio.sleep(0)
        running = set(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=0.2)


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 and yield its origin, `http://127.0.0.1:PORT`.

    `port=0` takes a free one. No signal handler is installed. On leaving, open connections are
    cut and running requests are cancelled, so that it takes no time. Raises `OSError` when
    the port is taken.
    """
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    # asyncio sets it only on sockets that name their protocol; without it each answer on a
    # kept-open connection waits some 40 ms for the other side's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    droppable = _Droppable(app)
    # No log set-up of its own: it would keep its loggers from everybody else.
    config = Config(droppable, log_config=None, access_log=False, ws="none")
    config.load()
    server = droppable.server = Server(config)
    # What `Server.serve` does, but for its signal handlers and its polling for the end.
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for listening in server.servers:
            listening.close()
        await droppable.drop_all()
        await server.lifespan.shutdown()
