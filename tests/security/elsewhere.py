"""A host that is nobody's we know: it writes down all that it gets, and answers temptingly."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.salesforce.faults import Answer, Fault
from sandbox.serving import serving

REDIRECTS = (301, 302, 303, 307, 308)
_TEMPTING = "<p>A new security token has been emailed to: <b>ada@acme.example</b></p>"


@dataclass
class Elsewhere:
    """It is on this machine, whose cookies know no ports: a careless client sends them all."""

    origin: str = ""
    got: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.got.append(f"{request.method} {request.url}\n{request.headers.items()}\n{body!r}")
        if request.method == "GET":
            return Response(_TEMPTING, media_type="text/html")
        return JSONResponse({"ok": True, "frontdoor_uri": self.origin, "records": [], "done": True})


@contextlib.asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Serve it on loopback."""
    host = Elsewhere()
    every = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    app = Starlette(routes=[Route("/{path:path}", host.answer, methods=every)])
    async with serving(app) as host.origin:
        yield host


def redirect(status: int, location: str) -> Fault:
    """A redirect instead of the truth; nothing is carried out."""
    return Fault(Answer(status, b"", "text/html", {"Location": location}))


def says(fields: Mapping[str, object]) -> Fault:
    """A good answer that isn't the org's."""
    return Fault(Answer(200, json.dumps(dict(fields)).encode()))


def page(html: str) -> Fault:
    """A page that isn't the org's."""
    return Fault(Answer(200, html.encode(), "text/html"))
