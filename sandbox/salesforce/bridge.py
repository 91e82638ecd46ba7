"""From an access token to a browser session (the UI bridge), logging in and out by hand."""

from __future__ import annotations

import secrets
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from sandbox.salesforce import html
from sandbox.salesforce.answers import OAuthError, address_of, bearer, form, org_of
from sandbox.salesforce.browser import browser_session, is_local, local, start, to_login
from sandbox.salesforce.credentials import LinkUsedError, choose_password, log_in, standing
from sandbox.salesforce.records import Client

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.records import Session

OTP_LIFETIME = timedelta(seconds=60)
"""How long a frontdoor address can be used: about a minute."""

SHORTEST_PASSWORD = 8


async def single_access(request: Request) -> Response:
    """A single-use address that opens a browser session for the bearer of an access token."""
    org = org_of(request)
    session = org.session(bearer(request))
    if session is None:
        # 403 rather than 401 is what Salesforce gives; the words are inferred.
        raise OAuthError("invalid_session", "session expired or invalid", 403)
    if session.user.may("ApiUserOnly"):
        return PlainTextResponse("bad_oauth_token", 403)
    if session.scopes.isdisjoint({"web", "full"}):
        raise OAuthError("invalid_scope", "the web scope is missing", 403)
    path = (await form(request)).get("redirect_uri", "/")
    if not is_local(path):
        raise OAuthError("invalid_request", "redirect_uri must be relative")
    otp = secrets.token_urlsafe(32)
    org.frontdoors[otp] = (session, path, org.clock() + OTP_LIFETIME)
    return JSONResponse({"frontdoor_uri": f"{org.origin}/secur/frontdoor.jsp?otp={otp}&cshc=x"})


async def frontdoor(request: Request) -> Response:
    """Open a browser session by a single-use code (GET) or by an access token (POST)."""
    if request.method == "POST":
        fields = await form(request)
        session = org_of(request).session(fields.get("sid", ""))
        path = fields.get("retURL", "/")
        if session is None or session.scopes.isdisjoint({"web", "full"}):
            return to_login(request)
        return _enter(request, session, path)
    org = org_of(request)
    asked, path, until = org.frontdoors.pop(
        request.query_params.get("otp", ""), (None, "/", org.clock())
    )
    if asked is None or until <= org.clock() or org.session(asked.token) is None:
        return to_login(request)
    return _enter(request, asked, path)


def _enter(request: Request, session: Session, path: str) -> Response:
    org = org_of(request)
    client = Client("Remote Access 2.0", "OauthOtpLogin", session.app or "N/A")
    refusal = standing(session.user)
    login = org.record_login(session.user, client, address_of(request), refusal or "Success")
    if refusal or session.user.may("ApiUserOnly"):
        return to_login(request)
    return start(request, login, path)


async def logout(request: Request) -> Response:
    """End the browser session."""
    session = browser_session(request)
    if session is not None:
        del org_of(request).sessions[session.token]
    response = RedirectResponse("/", 302)
    response.delete_cookie("sid")
    return response


async def login(request: Request) -> Response:
    """The login page, and logging in by hand with username and password."""
    if request.method != "POST":
        return html.login_page(request.query_params.get("startURL", "/"))
    fields = await form(request)
    path = local(fields.get("startURL", "/"))
    client = Client("Application", "UsernamePasswordUiLogin", "Browser")
    attempt = log_in(
        org_of(request),
        fields.get("un", ""),
        fields.get("pw", ""),
        client,
        address_of(request),
        browser=True,
    )
    if attempt.login is None:
        return html.login_page(path, "Please check your username and password.")
    return start(request, attempt.login, path)


async def change_password(request: Request) -> Response:
    """The page behind the mailed link: choose a permanent password."""
    if request.method != "POST":
        code = escape(request.query_params.get("c", ""))
        return html.page(
            "Change Your Password",
            "<form id='change' method='post'>"
            f"<input type='hidden' name='c' value='{code}'>"
            "<label>New Password <input type='password' name='newpassword'></label>"
            "<input type='submit' value='Change Password'></form>",
        )
    fields = await form(request)
    new_password = fields.get("newpassword", "")
    if len(new_password) < SHORTEST_PASSWORD:
        return html.error_page("Invalid Password", "Your password is too short.")
    try:
        choose_password(org_of(request), fields.get("c", ""), new_password)
    except LinkUsedError:
        return html.error_page("Link Expired", "This link was used before or has expired.")
    return html.page("Password Changed", "<p>Your password has been changed.</p>")
