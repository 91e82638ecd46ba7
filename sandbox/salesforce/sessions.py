"""Sessions that are open: ending one, and giving somebody a few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce.history import ADDRESSES, BROWSER, DATA_LOADER
from sandbox.salesforce.records import Client

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Session
    from sandbox.salesforce.users import User


def end(org: Org, session: Session) -> None:
    """End a session, and those that came from it (seen in public code)."""
    for child in [one for one in org.sessions.values() if one.parent is session]:
        end(org, child)
    org.sessions.pop(session.token, None)
    org.changes.announce()


def open_some_sessions(org: Org, user: User) -> list[Session]:
    """Open a browser's session, one that came from it, a program's, and one of each approved app.

    Their logins are in the history.
    """
    address = ADDRESSES[BROWSER]
    browser = Client("Application", "UsernamePasswordUiLogin", BROWSER)
    page = org.open_session(org.record_login(user, browser, address), "UI", {"web"})
    inner = org.open_session(page.login, "Content", {"web"})
    inner.parent = page
    loader = Client("Other Apex API", None, DATA_LOADER, "SOAP Partner", "59.0", "59.0.0")
    opened = [
        page,
        inner,
        org.open_session(org.record_login(user, loader, address), "API", {"full", "api", "web"}),
    ]
    for app in (grant.app for grant in org.grants if grant.user is user):
        client = Client("Remote Access 2.0", "OauthRefreshToken", app)
        login = org.record_login(user, client, ADDRESSES.get(app, address))
        opened.append(org.open_session(login, "Oauth2", {"api"}, app))
    return opened
