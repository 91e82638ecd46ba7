"""The HTTP routes."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPMethod

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.wiring_web import Web
from services.store.errors import StoreUnavailableError

log = structlog.get_logger(__name__)


def build(web: Web) -> ASGIApp:
    """Build the ASGI app of the web process.

    What Slack sends is taken before the router and its layers: they cost an ack a tenth of its
    time and have nothing to add to it (docs/benchmarks.md).
    """
    routes = Routes(web)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await web.aclose()

    others = Starlette(
        routes=[
            Route("/slack/events", routes.only_post, methods=["GET", "PUT", "DELETE", "PATCH"]),
            Route("/alerts", routes.alerts, methods=[*HTTPMethod]),
            Route("/healthz", routes.healthz),
            Route("/readyz", routes.readyz),
            Route("/metrics", routes.metrics),
        ],
        lifespan=lifespan,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sent_by_slack = scope["type"] == "http" and scope["path"] == "/slack/events"
        if sent_by_slack and scope["method"] == "POST":
            await routes.slack(scope, receive, send)
        else:
            await others(scope, receive, send)

    return app


class Routes:
    """The routes of one web process, and what they count."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "slack_requests", "Requests from Slack, by answer.", ["status"], registry=self._registry
        )
        self._seconds = Histogram(
            "slack_ack_seconds",
            "Time from a request of Slack's to its ack; Slack waits three seconds.",
            registry=self._registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
        )
        self._alerts = Counter(
            "alert_requests",
            "Requests at the door for alerts, by answer.",
            ["status"],
            registry=self._registry,
        )

    async def slack(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything that Slack sends over HTTP."""
        start = time.perf_counter()
        if self._web.intake is None:
            response: Response = JSONResponse({"error": "socket_mode"}, status_code=404)
        else:
            response = await self._web.intake.handle(Request(scope, receive))
        await response(scope, receive, send)
        self._seconds.observe(time.perf_counter() - start)
        self._requests.labels(str(response.status_code)).inc()

    async def only_post(self, _: Request) -> Response:
        """Slack posts; whoever else looks is told so."""
        return JSONResponse({"error": "post_only"}, status_code=405, headers={"Allow": "POST"})

    async def alerts(self, request: Request) -> Response:
        """Alerts from other systems; there is no such door without a secret."""
        if self._web.alerts is None:
            response: Response = JSONResponse({"error": "no_alert_secret"}, status_code=404)
        else:
            response = await self._web.alerts.handle(request)
        self._alerts.labels(str(response.status_code)).inc()
        return response

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok\n")

    async def readyz(self, _: Request) -> Response:
        """Redis answers, a worker was seen, IT's channel takes cards. Says what is missing.

        The channel is told of and nothing more: this process is as ready as it can be.
        """
        health = self._web.stores.health
        try:
            seen = await health.worker_seen()
            refused = await health.it_channel_refused()
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="readyz", code=error.code)
            return JSONResponse({"redis": "no answer", "worker": "unknown"}, status_code=503)
        channel = {"it_channel": refused} if refused else {}
        if seen is None:
            told = {"redis": "ok", "worker": "not seen"} | channel
            return JSONResponse(told, status_code=503)
        return JSONResponse({"redis": "ok", "worker": "ok"} | channel)

    async def metrics(self, _: Request) -> Response:
        """Counts for Prometheus: this process's requests, and the moves of all processes."""
        text = generate_latest(self._registry)
        try:
            health = self._web.stores.health
            shared = _Shared(
                await health.moves(),
                await health.outbox_length(),
                worker_seen=await health.worker_seen() is not None,
            )
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="metrics", code=error.code)
        else:
            registry = CollectorRegistry()
            registry.register(shared)
            text += generate_latest(registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)


class _Shared:
    """What all processes share, read from Redis for one scrape."""

    def __init__(self, moves: dict[str, int], outbox: int, *, worker_seen: bool) -> None:
        self._moves = moves
        self._outbox = outbox
        self._worker_seen = worker_seen

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        moves = CounterMetricFamily("reset_moves", "Moves of resets.", labels=["move"])
        for move, count in sorted(self._moves.items()):
            moves.add_metric([move], count)
        yield moves
        yield GaugeMetricFamily("reset_outbox_entries", "Jobs not yet taken over.", self._outbox)
        yield GaugeMetricFamily("reset_worker_seen", "A worker lives.", int(self._worker_seen))
