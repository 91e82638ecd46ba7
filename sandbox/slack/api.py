"""The workspace over HTTP: the Web API, `response_url`s, and a way to drive people by hand."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.serving import cut_connection
from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.calls import Call
from sandbox.slack.control import control_routes
from sandbox.slack.errors import SlackError
from sandbox.slack.methods import METHODS
from sandbox.slack.methods.method import EVERYWHERE, require_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from sandbox.slack.faults import Fault
    from sandbox.slack.methods.method import Method
    from sandbox.slack.model import Json
    from sandbox.slack.workspace import Workspace


def create_app(workspace: Workspace) -> Starlette:
    """Return the ASGI app of a workspace: `/api/METHOD`, `/hooks/…` and `/people/…`."""
    api = _Api(workspace)
    return Starlette(
        routes=[
            Route("/api/{method}", api.call, methods=["GET", "POST"]),
            Route("/hooks/{path:path}", api.respond, methods=["POST"]),
            Mount("/people", routes=control_routes(workspace)),
        ]
    )


class _Api:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def call(self, request: Request) -> Response:
        """Answer a Web API call; the scopes go with every answer, as in Slack."""
        answer = await self._answer_call(request, request.path_params["method"])
        answer.headers["x-oauth-scopes"] = ",".join(sorted(self._workspace.scopes))
        return answer

    async def respond(self, request: Request) -> Response:
        """Answer a post to a `response_url`."""
        try:
            url = self._workspace.response_urls.usable(request.path_params["path"])
            body = await _json_object(request)
        except SlackError as refusal:
            return _refusal(refusal, 404 if refusal.code.endswith("_url") else 400)
        call = self._log("response_url", url.channel, body)

        def run() -> Response:
            self._workspace.response_urls.answer(url, body)
            return JSONResponse({"ok": True})

        try:
            return await self._perform(request, call, run)
        except SlackError as refusal:
            call.outcome = refusal.code
            return _refusal(refusal, 404 if refusal.code == "message_not_found" else 400)

    async def _answer_call(self, request: Request, name: str) -> Response:
        method = METHODS.get(name)
        if method is None:
            return _refusal(SlackError("unknown_method", req_method=name))
        try:
            args = read_arguments(
                request.url.query,
                request.headers.get("content-type", ""),
                await request.body(),
                json_allowed=method.json_allowed,
            )
        except SlackError as refusal:
            return _refusal(refusal)
        token = _bearer(request) or args.pop("token", None)
        args.pop("token", None)
        channel = args.get("channel") if isinstance(args.get("channel"), str) else None
        call = self._log(name, channel, args)
        try:
            self._check_token(method, token)
            return await self._perform(request, call, lambda: self._run(method, call))
        except SlackError as refusal:
            call.outcome = refusal.code
            return _refusal(refusal)

    def _run(self, method: Method, call: Call) -> Response:
        require_scope(self._workspace, *method.scopes)
        wait = self._workspace.rate_limits.wait(call.method, call.channel, self._workspace.clock())
        if wait:
            call.outcome = "ratelimited"
            return _too_many(wait)
        args = Arguments(call.args)
        args.known(method.arguments | EVERYWHERE)
        return JSONResponse({"ok": True, **method.run(self._workspace, args)})

    async def _perform(self, request: Request, call: Call, run: Callable[[], Response]) -> Response:
        """Run a call with whatever fault is switched on for it, and note how it ended."""
        fault = self._workspace.faults.strike(call)
        if fault is None:
            return self._noted(call, run())
        await asyncio.sleep(fault.latency)
        refusal = _refused_by(fault)
        if refusal is not None:
            call.outcome = f"http {refusal.status_code}"
            return refusal
        if fault.error is not None:
            raise SlackError(fault.error)
        if fault.lost != "before":
            answer = self._noted(call, run())
            if fault.lost is None:
                return answer
        call.outcome = "lost"
        await asyncio.sleep(fault.hang)
        return await cut_connection(request.scope)

    def _noted(self, call: Call, answer: Response) -> Response:
        if call.outcome == "pending":
            call.outcome = "ok"
        return answer

    def _check_token(self, method: Method, token: object) -> None:
        workspace = self._workspace
        if not token:
            raise SlackError("not_authed")
        if token not in {workspace.bot_token, workspace.app_token}:
            raise SlackError("invalid_auth")
        if not workspace.installed:
            raise SlackError("account_inactive")
        if (token == workspace.app_token) != method.app_token:
            raise SlackError("not_allowed_token_type")

    def _log(self, method: str, channel: str | None, args: Json) -> Call:
        call = Call(method, channel, args, self._workspace.clock())
        self._workspace.calls.append(call)
        # Someone may be waiting for the call itself, whatever comes of it.
        self._workspace.changes.happened()
        return call


def _refused_by(fault: Fault) -> Response | None:
    if fault.status is None:
        return None
    if fault.status == 429:
        return _too_many(fault.retry_after)
    return JSONResponse({"ok": False, "error": "internal_error"}, fault.status)


def _too_many(wait: int) -> Response:
    body = {"ok": False, "error": "ratelimited"}
    return JSONResponse(body, 429, headers={"Retry-After": str(wait)})


def _refusal(refusal: SlackError, status: int = 200) -> Response:
    return JSONResponse({"ok": False, "error": refusal.code, **refusal.more}, status)


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


async def _json_object(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body
