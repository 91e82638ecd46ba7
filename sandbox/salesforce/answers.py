"""Answers in the shapes that Salesforce's APIs give, and the parts of a request they need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from sandbox.salesforce.html import error_page

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Session


class RestError(HTTPException):
    """A refusal by the REST API: a JSON list with one `message` and `errorCode`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code


class OAuthError(HTTPException):
    """A refusal by an OAuth endpoint: `error` and `error_description`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(status, description)
        self.error = error


async def refused(_: Request, error: Exception) -> Response:
    """The answer for a `RestError` or `OAuthError`."""
    if isinstance(error, OAuthError):
        content = {"error": error.error, "error_description": error.detail}
        headers = {"Cache-Control": "no-cache, no-store"}
        return JSONResponse(content, error.status_code, headers)
    if isinstance(error, RestError):
        content_list = [{"message": error.detail, "errorCode": error.code}]
        return JSONResponse(content_list, error.status_code)
    raise error


async def form(request: Request) -> dict[str, str]:
    """The fields of a form sent with POST; empty when it isn't one."""
    return dict(await form_items(request))


async def form_items(request: Request) -> list[tuple[str, str]]:
    """The same with fields that come more than once, in their order."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("application/x-www-form-urlencoded"):
        return []
    body = (await request.body()).decode("utf-8", "replace")
    return parse_qsl(body, keep_blank_values=True)


async def json_object(request: Request) -> dict[str, object]:
    """The JSON object that was sent. Raises `RestError` when it isn't one."""
    try:
        body: object = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RestError(400, "JSON_PARSER_ERROR", "Unexpected character in the request body")
    return body


async def no_such_page(request: Request, error: Exception) -> Response:
    """The answer for a path or method that isn't served: JSON under the REST API, else a page."""
    if not isinstance(error, HTTPException):
        raise error
    if not request.url.path.startswith("/services/"):
        text = "You have attempted to reach a URL that no longer exists on salesforce.com."
        return error_page("URL No Longer Exists", text, error.status_code)
    if error.status_code == 405:
        rest = RestError(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed.")
    else:
        rest = RestError(404, "NOT_FOUND", "The requested resource does not exist")
    return await refused(request, rest)


def address_of(request: Request) -> str:
    """Where the request came from; test clients may pretend another address."""
    real = request.client.host if request.client else "127.0.0.1"
    return request.headers.get("x-sandbox-address", real)


def bearer(request: Request) -> str:
    """The token in the Authorization header, or an empty string."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def org_of(request: Request) -> Org:
    """The org that this app serves."""
    org: Org = request.app.state.org
    return org


def api_session(request: Request) -> Session:
    """The living session of a user who may use the API. Raises `RestError` otherwise."""
    session = org_of(request).session(bearer(request))
    if session is None or session.kind == "UI":
        raise RestError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    if not session.user.may("ApiEnabled"):
        message = "The REST API is not enabled for this Organization."
        raise RestError(403, "API_DISABLED_FOR_ORG", message)
    if "api" not in session.scopes and "full" not in session.scopes:
        raise RestError(403, "INVALID_SESSION_ID", "This session is not valid for use with the API")
    if session.user.password_expired and session.kind == "API":
        message = (
            "The users password has expired, you must call SetPassword before attempting any other"
            " API operations"
        )
        raise RestError(403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", message)
    return session
