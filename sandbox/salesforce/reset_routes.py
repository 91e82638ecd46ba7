"""The reset page's routes: showing it, what its form does, and the page that says it was done."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from sandbox.salesforce import html
from sandbox.salesforce.answers import form_items, org_of
from sandbox.salesforce.browser import browser_session, to_login
from sandbox.salesforce.credentials import reset_token
from sandbox.salesforce.reset_page import CONFIRM, FOLDER, Variant

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Session

CHANGE_PASSWORD = f"{FOLDER}/ChangePassword"
RESULT = f"{FOLDER}/ResetApiTokenResult"


async def edit(request: Request) -> Response:
    """The page with the button."""
    session = browser_session(request)
    if session is None:
        return to_login(request)
    org = org_of(request)
    variant = org.reset_page.variant
    if variant is Variant.EXPIRED_PASSWORD or session.user.password_expired:
        return RedirectResponse(CHANGE_PASSWORD, 302)
    if variant is Variant.INSUFFICIENT_PRIVILEGES:
        text = "You do not have the level of access necessary to perform the operation."
        return html.error_page("Insufficient Privileges", text)
    if variant is Variant.URL_NO_LONGER_EXISTS:
        text = "You have attempted to reach a URL that no longer exists on salesforce.com."
        return html.error_page("URL No Longer Exists", text)
    confirmation_token = f"VmpFP{secrets.token_urlsafe(24)}"
    session.confirmation_tokens.add(confirmation_token)
    content = org.reset_page.html(confirmation_token, request.query_params.get("retURL", "/"))
    return html.page("Reset Security Token", content)


async def confirm(request: Request) -> Response:
    """What the form does. **Hazard:** a GET of the confirm page resets too, form or no form."""
    session = browser_session(request)
    if session is None:
        return to_login(request)
    org = org_of(request)
    shape = org.reset_page
    post = request.method == "POST"
    given = await form_items(request) if post else request.query_params.multi_items()
    right_way = (request.method, request.url.path) == (shape.method.upper(), shape.path)
    if right_way and _redeem(org, session, given):
        return _answer(org, session)
    if not post and request.url.path == CONFIRM:
        org.hazard_gets += 1
        return _answer(org, session)
    text = "The page you submitted was invalid for your session. Please click the button again."
    return html.error_page("Unable to Process Request", text)


async def result(request: Request) -> Response:
    """What a person sees after a reset."""
    session = browser_session(request)
    if session is None:
        return to_login(request)
    if not session.has_reset:
        return RedirectResponse(f"{FOLDER}/ResetApiTokenEdit", 302)
    if org_of(request).reset_page.variant is Variant.ODD_ANSWER:
        return html.page("Personal Setup", "<p>Welcome to your personal settings.</p>")
    content = (
        "<div class='message infoM3'><p>A new security token has been emailed to: "
        f"{session.user.email}</p></div>"
    )
    return html.page("Security Token Sent", content)


def _redeem(org: Org, session: Session, given: list[tuple[str, str]]) -> bool:
    """Whether every field arrived, with a confirmation token that is used up by this."""
    page, fields = org.reset_page, dict(given)
    token = fields.get(page.name("_CONFIRMATIONTOKEN"), "")
    if token not in session.confirmation_tokens:
        return False
    session.confirmation_tokens.discard(token)
    expected = page.fields(token, fields.get(page.name("retURL"), ""))
    return sorted(given) == sorted(expected.items())


def _answer(org: Org, session: Session) -> Response:
    if org.reset_page.variant is Variant.REFUSED:
        return html.error_page("Error", "Your security token could not be reset.")
    reset_token(org, session.user)
    session.has_reset = True
    return RedirectResponse(RESULT, 302)
