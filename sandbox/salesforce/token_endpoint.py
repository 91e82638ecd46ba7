"""`POST /services/oauth2/token`: the four flows by which programs get an access token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from sandbox.salesforce.answers import OAuthError, address_of, form, org_of
from sandbox.salesforce.credentials import Refusal, log_in, standing
from sandbox.salesforce.jwt_bearer import user_of_assertion
from sandbox.salesforce.records import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.apps import ConnectedApp
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Login
    from sandbox.salesforce.users import User

    Flow = Callable[[Org, Mapping[str, str], str], tuple[Login, ConnectedApp]]

LOGIN_TYPE = "Remote Access 2.0"

# The subtype of a JWT bearer login isn't among the documented ones; inferred to be empty.
JWT_SUBTYPE = None

# All other refusals of a password read alike.
_TOLD: dict[Refusal | None, str] = {
    Refusal.TOKEN: Refusal.TOKEN,
    Refusal.ADDRESS: "ip restricted",
}


async def token(request: Request) -> Response:
    """Carry out the flow that `grant_type` names and answer with an access token."""
    org = org_of(request)
    fields = await form(request)
    flow = _FLOWS.get(fields.get("grant_type", ""))
    if flow is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    login, app = flow(org, fields, address_of(request))
    session = org.open_session(login, "Oauth2", app.scopes, app.name)
    return JSONResponse(
        {
            "access_token": session.token,
            "scope": " ".join(sorted(app.scopes)),
            "instance_url": org.origin,
            "id": f"{org.origin}/id/{org.id}/{session.user.id}",
            "token_type": "Bearer",
            "issued_at": str(int(session.created.timestamp() * 1000)),
        },
        headers={"Cache-Control": "no-cache, no-store"},
    )


def _jwt_bearer(org: Org, fields: Mapping[str, str], address: str) -> tuple[Login, ConnectedApp]:
    app, user = user_of_assertion(org, fields.get("assertion", ""))
    return _log_in(org, user, app, JWT_SUBTYPE, address), app


def _password(org: Org, fields: Mapping[str, str], address: str) -> tuple[Login, ConnectedApp]:
    app = _authenticated_app(org, fields)
    client = _client(org, app, "OauthUsernamePassword")
    secret = fields.get("password", "")
    attempt = log_in(org, fields.get("username", ""), secret, client, address)
    if attempt.login is None:
        raise OAuthError("invalid_grant", _TOLD.get(attempt.refusal, "authentication failure"))
    if org.users[attempt.login.user_id].password_expired:
        # Inferred: a temporary password must be replaced in the browser first.
        raise OAuthError("invalid_grant", "expired password")
    return attempt.login, app


def _refresh_token(org: Org, fields: Mapping[str, str], address: str) -> tuple[Login, ConnectedApp]:
    app = _app(org, fields)
    given = fields.get("refresh_token", "")
    grant = next((g for g in org.grants if g.refresh_token == given and g.app == app.name), None)
    if grant is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    login = _log_in(org, grant.user, app, "OauthRefreshToken", address)
    grant.use_count += 1
    grant.last_used = org.clock()
    return login, app


def _client_credentials(
    org: Org, fields: Mapping[str, str], address: str
) -> tuple[Login, ConnectedApp]:
    app = _authenticated_app(org, fields)
    user = org.find_user(app.run_as or "")
    if user is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return _log_in(org, user, app, "OauthClientCredentials", address), app


_FLOWS: dict[str, Flow] = {
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_bearer,
    "password": _password,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
}


def _log_in(org: Org, user: User, app: ConnectedApp, subtype: str | None, address: str) -> Login:
    """A login without a password; a user who is inactive or frozen is refused."""
    client = _client(org, app, subtype)
    refusal = standing(user)
    login = org.record_login(user, client, address, refusal or "Success")
    if refusal is Refusal.INACTIVE:
        raise OAuthError("inactive_user", "user is inactive")
    if refusal:
        raise OAuthError("invalid_grant", "user is frozen")
    return login


def _client(org: Org, app: ConnectedApp, subtype: str | None) -> Client:
    host = org.origin.partition("://")[2]
    return Client(LOGIN_TYPE, subtype, app.name, login_url=host)


def _app(org: Org, fields: Mapping[str, str]) -> ConnectedApp:
    app = org.apps.get(fields.get("client_id", ""))
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    return app


def _authenticated_app(org: Org, fields: Mapping[str, str]) -> ConnectedApp:
    app = _app(org, fields)
    if fields.get("client_secret") != app.consumer_secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    return app
