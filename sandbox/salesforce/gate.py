"""What every request goes through: it is logged, and a fault may befall it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from sandbox.salesforce.answers import bearer
from sandbox.salesforce.calls import Call, endpoint_of
from sandbox.salesforce.faults import Break
from sandbox.serving import cut_connection

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.salesforce.faults import Fault
    from sandbox.salesforce.org import Org

MOST_SECONDS = 120
"""How long a hanging request is held at most."""


class Gate:
    """ASGI middleware in front of all of the org's endpoints."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the request and carry it out, or let its fault happen."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        self._org.origin = f"{request.url.scheme}://{request.url.netloc}"
        endpoint = endpoint_of(request.method, request.url.path)
        self._org.calls.append(
            Call(endpoint, request.method, request.url.path, self._who(request), self._org.clock())
        )
        if self._tells_a_token(request, endpoint):
            self._org.violations.append("a token in the address of a request")
        self._org.changes.announce()
        fault = self._org.faults.take(endpoint)
        try:
            if fault is None:
                await self._app(scope, receive, send)
            else:
                await _Mishap(self._app, self._org, fault, scope, receive, send).happen()
        finally:
            self._org.changes.announce()

    def _tells_a_token(self, request: Request, endpoint: str) -> bool:
        """Whether the address holds a grant's token: addresses are written into many logs."""
        address = unquote(str(request.url))
        return (endpoint == "revoke" and "token" in request.query_params) or any(
            token in address
            for grant in self._org.grants
            for token in (grant.refresh_token, grant.delete_token)
        )

    def _who(self, request: Request) -> str | None:
        token = bearer(request) or request.cookies.get("sid", "")
        session = self._org.session(token)
        return session.user.username if session else None


class _Mishap:
    """A fault that befalls one request."""

    def __init__(
        self, app: ASGIApp, org: Org, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._app = app
        self._org = org
        self._fault = fault
        self._scope = scope
        self._receive = receive
        self._send = send
        self._truth: list[Message] = []

    async def happen(self) -> None:
        await asyncio.sleep(self._fault.latency)
        if self._fault.until:
            await self._fault.until.wait()
        if self._fault.after_effect:
            await self._app(self._scope, self._receive, self._keep)
        if self._fault.breaks:
            await self._break(self._fault.breaks)
        elif self._fault.answer:
            answer = self._fault.answer
            headers = {"Content-Type": answer.content_type, **answer.headers}
            response = Response(answer.body, answer.status, headers)
            await response(self._scope, self._receive, self._send)
        else:
            await self._app(self._scope, self._receive, self._send)

    async def _keep(self, message: Message) -> None:
        self._truth.append(message)

    async def _break(self, how: Break) -> None:
        if how is Break.HANG:
            self._org.held += 1
            self._org.changes.announce()
            try:
                await self._wait_for_the_caller_to_go()
            finally:
                self._org.held -= 1
        body = b"".join(each.get("body", b"") for each in self._truth[1:])
        if how in (Break.HANG, Break.DROP):
            await cut_connection(self._scope)
        start = self._truth[0]
        half = body[: len(body) // 2]
        if how is Break.TRUNCATE:
            length = str(len(half)).encode()
            start["headers"] = [
                (name, length if name == b"content-length" else value)
                for name, value in start["headers"]
            ]
        await self._send(start)
        # An answer without a body has no middle: it is whole with its headers.
        cut = how is Break.CUT_OFF and bool(body)
        await self._send({"type": "http.response.body", "body": half, "more_body": cut})
        if cut:
            await cut_connection(self._scope)

    async def _wait_for_the_caller_to_go(self) -> None:
        async def gone() -> None:
            while (await self._receive())["type"] != "http.disconnect":
                pass

        try:
            await asyncio.wait_for(gone(), MOST_SECONDS)
        except TimeoutError:
            return
