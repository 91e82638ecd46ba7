"""Who may speak to the page: a browser on this machine, from the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware that refuses what other sites could send, and limits what the page can do.

    A name that somebody points at 127.0.0.1 (DNS rebinding) arrives with that name as its host; a
    form or script of another site arrives with that site as its origin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403 or 415."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (_refusal(Request(scope)) or self._app)(scope, receive, guarded)


def _refusal(request: Request) -> PlainTextResponse | None:
    host = request.headers.get("host", "")
    _, port = request.scope["server"]
    if host not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return PlainTextResponse("This page is for a browser on this machine.\n", 403)
    if request.method in {"GET", "HEAD"}:
        return None
    if request.headers.get("origin") != f"http://{host}":
        return PlainTextResponse("Only the page itself may change anything.\n", 403)
    if request.headers.get("content-type") != "application/json":
        return PlainTextResponse("Only JSON is taken.\n", 415)
    return None
