"""The servers that are compared, each in a process: `python -m bench.serve NAME PORT`."""

import contextlib
import os
import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bench.load import SIGNING_SECRET
from bot import logs, web
from bot.settings import Settings
from bot.wiring_web import build_web

BASELINES = {
    "empty handler, Bolt's default runner": False,
    "empty handler, process_before_response": True,
}
BOT = "the bot: save, enqueue, ack"


def empty(*, process_before_response: bool) -> Starlette:
    """Build a Bolt app that does nothing but ack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0ACME00001", bot_token="xoxb-bench")

    app = AsyncApp(
        signing_secret=SIGNING_SECRET,
        authorize=authorize,
        process_before_response=process_before_response,
    )

    async def handle(ack: AsyncAck) -> None:
        await ack()

    app.command("/reset-token")(handle)
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])


def bot() -> ASGIApp:
    """Build the bot's web process from the environment."""
    logs.configure("INFO", "json")
    settings = Settings.load(dict(os.environ))
    return web.build(build_web(settings, os.environ["REDIS_URL"]))


async def serve(name: str, port: int) -> None:
    """Serve one of them as the bot is served: uvloop, httptools, no access log."""
    app = bot() if name == BOT else empty(process_before_response=BASELINES[name])
    config = uvicorn.Config(
        app,
        port=port,
        http="httptools",
        loop="none",
        access_log=False,
        proxy_headers=False,
        log_level="error",
    )
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        await server.serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
