"""What the page asks the server for: events to show, and deeds to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse

from sandbox.page import by_hand, wishes
from sandbox.page.deeds import DEEDS
from sandbox.page.members import invite
from sandbox.page.wishes import WishError
from sandbox.salesforce.timetable import NoTokenError
from sandbox.slack.elements_in_use import NotVisible

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.page.live import Live
    from sandbox.page.switches import Switches
    from sandbox.page.tour import Tour
    from sandbox.page.world import World
    from sandbox.salesforce.org import Org
    from sandbox.slack.actor import Actor

STATIC = Path(__file__).parent / "static"


class Routes:
    """The page's routes. What isn't there raises `KeyError`, which the app answers with 404."""

    def __init__(self, world: World, live: Live, switches: Switches, tour: Tour) -> None:
        self._world = world
        self._live = live
        self._switches = switches
        self._tour = tour

    async def page(self, _request: Request) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "index.html")

    async def help(self, _request: Request) -> Response:
        """How to do the same with curl."""
        return PlainTextResponse(by_hand.text(self._world))

    async def events(self, request: Request) -> Response:
        """Everything that a person's window shows, as it changes."""
        actor = self._actor(request.query_params["as"])
        return StreamingResponse(self._live.events(actor), media_type="text/event-stream")

    async def act(self, request: Request) -> Response:
        """Do what a person does in Slack."""
        actor = self._actor(request.path_params["who"])
        deed = DEEDS[request.path_params["deed"]]
        return JSONResponse({"error": await deed(actor, await wishes.read(request))})

    async def invite(self, request: Request) -> Response:
        """Bring somebody into a channel."""
        wish = await wishes.read(request)
        host = self._actor(request.path_params["who"]).person
        guest = self._actor(wishes.text(wish, "person")).person
        invite(self._world.workspace, host, guest, wishes.text(wish, "channel"))
        return self._done()

    async def log_in(self, request: Request) -> Response:
        """Let an integration log in now, or all of an org's."""
        timetable = self._org(request).timetable
        name = wishes.text(await wishes.read(request), "name")
        await (timetable.log_in(name) if name else timetable.all_log_in())
        return self._done()

    async def paste(self, request: Request) -> Response:
        """Put a new security token into an integration, and let it log in."""
        timetable = self._org(request).timetable
        wish = await wishes.read(request)
        name = wishes.text(wish, "name")
        timetable.paste_token(name, wishes.text(wish, "token"))
        await timetable.log_in(name)
        return self._done()

    async def end_sessions(self, request: Request) -> Response:
        """Let every session of an org expire."""
        await wishes.read(request)
        self._org(request).expire_sessions()
        return self._done()

    async def turn(self, request: Request) -> Response:
        """Turn the switch of a fault."""
        on = wishes.flag(await wishes.read(request), "on")
        self._switches.turn(request.path_params["name"], on=on)
        return self._done()

    async def worker(self, request: Request) -> Response:
        """Kill the worker, or start it again."""
        running = wishes.flag(await wishes.read(request), "running")
        await (self._world.worker.start() if running else self._world.worker.kill())
        return self._done()

    async def afresh(self, request: Request) -> Response:
        """Build everything anew, with nothing done yet."""
        await wishes.read(request)
        self._world.afresh()
        return self._done()

    async def tour(self, request: Request) -> Response:
        """Begin a story, go on from a step, or leave."""
        wish = await wishes.read(request)
        match request.path_params["what"]:
            case "begin":
                self._tour.begin(wishes.text(wish, "story"))
            case "go-on":
                self._tour.go_on(wishes.number(wish, "number"))
            case "leave":
                self._tour.leave()
            case what:
                raise KeyError(what)
        return self._done()

    def _actor(self, name: str) -> Actor:
        actor = self._world.workspace.actor(name)
        if actor.person.is_bot:
            raise KeyError(name)
        return actor

    def _org(self, request: Request) -> Org:
        return self._world.orgs[request.path_params["org"]]

    def _done(self) -> Response:
        self._live.changed()
        return JSONResponse({"error": None})


async def not_there(_request: Request, _missing: Exception) -> Response:
    """Answer what names something that doesn't exist."""
    return JSONResponse({"refusal": "There is no such thing."}, 404)


async def senseless(_request: Request, wrong: Exception) -> Response:
    """Answer what can't be read."""
    return JSONResponse({"refusal": f"This makes no sense: {wrong}"}, 400)


async def not_on_screen(_request: Request, refusal: Exception) -> Response:
    """Answer what the person can't do, with the words that say why."""
    return JSONResponse({"refusal": f"Not possible in Slack: {refusal}"}, 409)


async def keeps_none(_request: Request, name: Exception) -> Response:
    """Answer a token that was pasted where none is kept."""
    return JSONResponse({"refusal": f"{name} keeps no security token."}, 409)


ANSWERS = {
    KeyError: not_there,
    WishError: senseless,
    NotVisible: not_on_screen,
    NoTokenError: keeps_none,
}
