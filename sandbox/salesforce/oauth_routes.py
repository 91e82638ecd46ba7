"""`/services/oauth2/revoke` and `/services/oauth2/userinfo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.salesforce.answers import OAuthError, bearer, form, org_of
from sandbox.salesforce.sessions import end

if TYPE_CHECKING:
    from starlette.requests import Request


async def revoke(request: Request) -> Response:
    """End what the token stands for.

    An access token ends its session; a refresh token, or an OauthToken's DeleteToken, ends the
    grant and the app's sessions.
    """
    org = org_of(request)
    fields = {**request.query_params, **await form(request)}
    given = fields.get("token", "")
    grant = next((g for g in org.grants if given in (g.refresh_token, g.delete_token)), None)
    session = org.session(given)
    if grant is not None:
        org.grants.remove(grant)
        org.delete_tokens_out.discard(grant.delete_token)
        for each in list(org.sessions.values()):
            if each.user is grant.user and each.app == grant.app:
                end(org, each)
    elif session is not None:
        end(org, session)
    else:
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    return Response(status_code=200)


async def userinfo(request: Request) -> Response:
    """Who the access token belongs to."""
    org = org_of(request)
    session = org.session(bearer(request))
    if session is None:
        return PlainTextResponse("Bad_OAuth_Token", 403)
    user = session.user
    return JSONResponse(
        {
            "sub": f"{org.origin}/id/{org.id}/{user.id}",
            "user_id": user.id,
            "organization_id": org.id,
            "preferred_username": user.username,
            "name": user.name,
            "email": user.email,
            "email_verified": True,
            "active": user.is_active,
            "user_type": user.user_type.upper(),
        }
    )
