"""Browser sessions: who a `sid` cookie belongs to, and starting one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from sandbox.salesforce.answers import org_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.records import Login, Session


def browser_session(request: Request) -> Session | None:
    """The living UI session of the request's cookie."""
    session = org_of(request).session(request.cookies.get("sid", ""))
    return session if session and session.kind == "UI" else None


def start(request: Request, login: Login, path: str) -> Response:
    """Open a UI session, put it into a cookie and go on to `path`."""
    session = org_of(request).open_session(login, "UI", {"web"})
    response = RedirectResponse(local(path), 302)
    # Salesforce's cookie is `Secure` too; over plain HTTP no client would send that back.
    response.set_cookie("sid", session.token, httponly=True, samesite="lax")
    return response


def to_login(request: Request) -> Response:
    """The way to the login page, and back here afterwards."""
    here = request.url.path
    if request.url.query and not here.startswith("/secur/"):
        here += f"?{request.url.query}"
    return RedirectResponse(f"/?ec=302&startURL={quote(here, safe='')}", 302)


def is_local(path: str) -> bool:
    """Whether a path stays on this host."""
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def local(path: str) -> str:
    """The path, or the start page when it would lead elsewhere."""
    return path if is_local(path) else "/"
