"""A Salesforce that answers what a test tells it to, over real HTTP, and notes the requests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.serving import cut_connection

TOKEN = "/services/oauth2/token"
BRIDGE = "/services/oauth2/singleaccess"
REVOKE = "/services/oauth2/revoke"
LOGOUT = "/secur/logout.jsp"
FRONTDOOR = "/secur/frontdoor.jsp"
EDIT = "/_ui/system/security/ResetApiTokenEdit"
CONFIRM = "/_ui/system/security/ResetApiTokenConfirm"
QUERY = "/services/data/v62.0/query/"
COMPOSITE = "/services/data/v62.0/composite"
USER_ID = "005000000000001AAA"
PASSWORD = f"/services/data/v62.0/sobjects/User/{USER_ID}/password"

Answer = Response | Callable[[Request], Awaitable[Response]]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Stub:
    """Answers by path: the last one given stays, those before it are given once each."""

    origin: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    logins: int = 0

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def app(self) -> Starlette:
        every = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=every)])

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(
            Asked(
                request.method,
                path,
                dict(request.query_params),
                dict(request.headers),
                await request.body(),
            )
        )
        planned = self.answers.get(path)
        if not planned:
            return self._login() if path == TOKEN else Response(status_code=404)
        answer = planned.pop(0) if len(planned) > 1 else planned[0]
        return answer if isinstance(answer, Response) else await answer(request)

    def _login(self) -> Response:
        self.logins += 1
        token = f"00D!token{self.logins}"
        return JSONResponse({"access_token": token, "instance_url": self.origin})


async def cut(request: Request) -> Response:
    """Break the connection without an answer."""
    await cut_connection(request.scope)


def rows(*records: dict[str, object], done: bool = True) -> Response:
    """A query's answer."""
    return JSONResponse({"totalSize": len(records), "done": done, "records": list(records)})


def error(status: int, code: str, **headers: str) -> Response:
    """An error as the REST API words it, with a text that must not be passed on."""
    body = [{"errorCode": code, "message": "SECRET-FROM-OUTSIDE"}]
    return JSONResponse(body, status_code=status, headers=headers)


def page(html: str, status: int = 200) -> Response:
    """An HTML page."""
    return Response(html, status, media_type="text/html")


def redirect(location: str, status: int = 302) -> Response:
    """A redirect, with a cookie like Salesforce's."""
    headers = {"Location": location, "Set-Cookie": "sid=ui-session; Path=/"}
    return Response(status_code=status, headers=headers)
