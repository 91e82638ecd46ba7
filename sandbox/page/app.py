"""The page as a web application, for this machine alone. Serve it with `sandbox.serving`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.page.guard import Guard
from sandbox.page.live import Live
from sandbox.page.routes import ANSWERS, STATIC, Routes
from sandbox.page.sights import Sights
from sandbox.page.stories import STORIES
from sandbox.page.switches import Switches
from sandbox.page.tour import Tour

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.page.world import World

_POST = ["POST"]


def create_page(world: World) -> Starlette:
    """Return the page of a world."""
    switches = Switches(world)
    tour = Tour(STORIES, Sights(world, switches))
    live = Live(world, switches, tour)
    routes = Routes(world, live, switches, tour)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(live.run())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    return Starlette(
        routes=[
            Route("/", routes.page),
            Route("/help", routes.help),
            Route("/events", routes.events),
            Route("/people/{who}/invite", routes.invite, methods=_POST),
            Route("/people/{who}/{deed}", routes.act, methods=_POST),
            Route("/orgs/{org}/log-in", routes.log_in, methods=_POST),
            Route("/orgs/{org}/paste", routes.paste, methods=_POST),
            Route("/orgs/{org}/end-sessions", routes.end_sessions, methods=_POST),
            Route("/faults/{name}", routes.turn, methods=_POST),
            Route("/worker", routes.worker, methods=_POST),
            Route("/afresh", routes.afresh, methods=_POST),
            Route("/tour/{what}", routes.tour, methods=_POST),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers=ANSWERS,
        lifespan=lifespan,
    )
