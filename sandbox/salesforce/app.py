"""The org as a web application: login host and instance host at one origin, over plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from sandbox.salesforce import (
    bridge,
    by_hand,
    composite,
    oauth_routes,
    query,
    reset_routes,
    rest,
    soap,
)
from sandbox.salesforce.answers import OAuthError, RestError, no_such_page, refused
from sandbox.salesforce.gate import Gate
from sandbox.salesforce.reset_page import CONFIRM, ELSEWHERE, FOLDER
from sandbox.salesforce.token_endpoint import token

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_GET_POST = ["GET", "POST"]


def create_app(org: Org) -> Starlette:
    """An application that serves `org`."""
    app = Starlette(
        routes=[
            *_oauth_routes(),
            Route("/services/Soap/{kind}/{version}", soap.login, methods=["POST"]),
            *_data_routes(),
            *_page_routes(),
            *_routes_by_hand(),
        ],
        middleware=[Middleware(Gate, org=org)],
        exception_handlers={
            RestError: refused,
            OAuthError: refused,
            404: no_such_page,
            405: no_such_page,
        },
    )
    app.state.org = org
    return app


def _oauth_routes() -> list[Route]:
    return [
        Route("/services/oauth2/token", token, methods=["POST"]),
        Route("/services/oauth2/revoke", oauth_routes.revoke, methods=_GET_POST),
        Route("/services/oauth2/userinfo", oauth_routes.userinfo, methods=_GET_POST),
        Route("/services/oauth2/singleaccess", bridge.single_access, methods=["POST"]),
    ]


def _data_routes() -> list[Route]:
    data = "/services/data"
    base = f"{data}/v{{version}}"
    return [
        Route(data, rest.versions),
        Route(f"{data}/", rest.versions),
        Route(base, rest.resources),
        Route(f"{base}/", rest.resources),
        Route(f"{base}/limits", rest.limits),
        Route(f"{base}/query", query.query),
        Route(f"{base}/query/", query.query),
        Route(f"{base}/query/{{cursor}}", query.query_more),
        Route(f"{base}/composite", composite.composite, methods=["POST"]),
        Route(f"{base}/composite/", composite.composite, methods=["POST"]),
        Route(f"{base}/sobjects/User/{{id}}", rest.user),
        Route(f"{base}/sobjects/User/{{id}}/password", rest.password, methods=["DELETE"]),
        Route(f"{base}/sobjects/UserLogin/{{id}}", rest.user_login, methods=["PATCH"]),
        Route(f"{base}/sobjects/AuthSession/{{id}}", rest.auth_session, methods=["DELETE"]),
    ]


def _page_routes() -> list[Route]:
    return [
        Route("/secur/frontdoor.jsp", bridge.frontdoor, methods=_GET_POST),
        Route("/secur/logout.jsp", bridge.logout),
        Route(f"{FOLDER}/ResetApiTokenEdit", reset_routes.edit),
        Route(CONFIRM, reset_routes.confirm, methods=_GET_POST),
        Route(ELSEWHERE, reset_routes.confirm, methods=_GET_POST),
        Route(reset_routes.RESULT, reset_routes.result),
        Route(reset_routes.CHANGE_PASSWORD, bridge.change_password, methods=_GET_POST),
        Route("/", bridge.login, methods=_GET_POST),
    ]


def _routes_by_hand() -> list[Route]:
    return [
        Route("/mailbox/{address}", by_hand.mailbox),
        Route("/integrations", by_hand.integrations, methods=_GET_POST),
        Route("/integrations/{name}/token", by_hand.paste_token, methods=["POST"]),
    ]
