"""Checking the assertion of the JWT bearer flow: who asks, for whom, and whether it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt

from sandbox.salesforce.answers import OAuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwt.types import Options

    from sandbox.salesforce.apps import ConnectedApp
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.users import User

AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
"""Beside the org's own origin."""

LONGEST_SECONDS = 300
"""How far ahead `exp` may lie. Documented are 3 minutes; 5 are seen to pass."""


def user_of_assertion(org: Org, assertion: str) -> tuple[ConnectedApp, User]:
    """The app that signed the assertion and the user it may act as. Raises `OAuthError`."""
    app = _issuer(org, assertion)
    claims = _verified(app, assertion)
    if claims.get("aud") not in (org.origin, *AUDIENCES):
        raise OAuthError("invalid_grant", "audience is invalid")
    _check_expiry(org, claims)
    return app, _subject(org, app, claims)


def _issuer(org: Org, assertion: str) -> ConnectedApp:
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise OAuthError("invalid_grant", "invalid assertion") from None
    app = org.apps.get(str(claims.get("iss")))
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    return app


def _verified(app: ConnectedApp, assertion: str) -> Mapping[str, object]:
    # Audience and expiry are judged by the org itself, by its own clock and in its own words.
    skip: Options = {
        "verify_aud": False,
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
    }
    try:
        claims: dict[str, object] = jwt.decode(
            assertion, app.public_key or "", algorithms=["RS256"], options=skip
        )
    except (jwt.InvalidTokenError, jwt.InvalidKeyError):
        raise OAuthError("invalid_grant", "invalid assertion") from None
    return claims


def _check_expiry(org: Org, claims: Mapping[str, object]) -> None:
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise OAuthError("invalid_grant", "invalid assertion")
    ahead = expires - org.clock().timestamp()
    if not 0 < ahead <= LONGEST_SECONDS:
        raise OAuthError("invalid_grant", "invalid assertion")


def _subject(org: Org, app: ConnectedApp, claims: Mapping[str, object]) -> User:
    user = org.find_user(str(claims.get("sub")))
    if user is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    if app.permission_set is not None:
        if not user.holds(app.permission_set):
            raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
    elif not any(grant.app == app.name and grant.user is user for grant in org.grants):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return user
