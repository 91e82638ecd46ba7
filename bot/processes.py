"""Runs the web process, the worker, or both in one, until a signal says stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot import leaving, web
from bot.http_protocol import HttpProtocol
from bot.settings import Settings
from bot.wiring_web import Web, build_web

log = structlog.get_logger(__name__)


REQUESTS_END_WITHIN = 10
"""Seconds for which requests go on after a stop is asked for; Slack waits for three of them."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: they would end the process before the worker is done."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


async def run(settings: Settings, redis_url: str, *, web: bool, worker: bool) -> None:
    """Run until SIGTERM or SIGINT; then take nothing new, finish what runs, and return."""
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():
            leaving.at_the_latest()
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with AsyncExitStack() as stack:
        jobs = await stack.enter_async_context(working(settings, redis_url)) if worker else None
        if jobs:
            jobs.add_done_callback(lambda _: stopping.set())
        if web:
            await stack.enter_async_context(answering(settings, redis_url))
        await stopping.wait()
        log.info("process.stopping")
        if jobs:  # begin now, beside the requests: one after the other would take too long
            jobs.cancel()


@asynccontextmanager
async def answering(
    settings: Settings,
    redis_url: str,
    *,
    host: str = "0.0.0.0",  # noqa: S104  a dyno is reached from outside
) -> AsyncIterator[int]:
    """Answer Slack, over HTTP and, with an app token, by Socket Mode. Yields the port."""
    built = build_web(settings, redis_url)
    config = uvicorn.Config(
        web.build(built),
        host=host,
        port=settings.port,
        loop="none",
        http=HttpProtocol,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(), name="web")
    try:
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait({serving, listening}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # uvicorn has logged why
            listening.cancel()
            raise SystemExit(1)
        port = int(server.servers[0].sockets[0].getsockname()[1])
        log.info("web.listening", port=port)
        # Within: what still comes in by the socket needs the stores, which end with the server.
        async with _socket_mode(settings, built):
            yield port
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def working(settings: Settings, redis_url: str) -> AsyncIterator[asyncio.Task[None]]:
    """Run jobs. Yields their task, which ends by itself only when something is badly wrong."""
    from bot.wiring_worker import build_worker

    worker = build_worker(settings, redis_url)
    task = asyncio.create_task(worker.run(), name="worker")
    log.info("worker.started", orgs=sorted(worker.orgs))
    try:
        yield task
    finally:
        if not task.cancelling():  # twice would cut off what runs
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await worker.aclose()
        if not task.cancelled() and (error := task.exception()):
            raise error


@asynccontextmanager
async def _socket_mode(settings: Settings, built: Web) -> AsyncIterator[None]:
    if settings.slack_app_token is None:
        yield
        return
    handler = AsyncSocketModeHandler(built.app, settings.slack_app_token.get_secret_value())
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    log.info("web.socket_mode_connected")
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
