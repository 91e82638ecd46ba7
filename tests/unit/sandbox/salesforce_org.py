"""Acme's org with a clock that stands still, and ways to ask it for things."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt

from sandbox.salesforce.app import create_app
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Client, Session
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.salesforce.users import User

ORIGIN = "http://acme.my.example"
TOKEN = "/services/oauth2/token"
DATA = "/services/data/v62.0"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def acme_now() -> tuple[SeededOrg, Clock]:
    clock = Clock()
    return acme(clock), clock


@asynccontextmanager
async def http(org: Org, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A browser-like client that doesn't follow redirects by itself."""
    transport = httpx.ASGITransport(create_app(org))
    headers = {"X-Sandbox-Address": address}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        yield client


def signed_in(org: Org, user: User, scopes: set[str] | None = None) -> Session:
    """A living session of the user, opened behind the org's back."""
    login = org.record_login(user, Client("Remote Access 2.0", None, "test"), "127.0.0.1")
    return org.open_session(login, "Oauth2", scopes or {"api", "web"})


def bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.token}"}


def claims(org: SeededOrg, sub: str, /, **changes: object) -> dict[str, Any]:
    exp = int(org.clock().timestamp()) + 120
    base = {"iss": org.user_app_consumer_key, "sub": sub, "aud": ORIGIN, "exp": exp}
    return base | changes


async def exchange(
    client: httpx.AsyncClient, key: str, payload: Mapping[str, Any], algorithm: str = "RS256"
) -> httpx.Response:
    assertion = jwt.encode(dict(payload), key, algorithm)
    return await client.post(TOKEN, data={"grant_type": JWT_GRANT, "assertion": assertion})


def soql(what: str, source: str, rest: str = "") -> str:
    """A query put together from its parts."""
    return " ".join(["SELECT", what, "FROM", source, rest])


def oauth_error(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


def rest_error(response: httpx.Response) -> tuple[int, str]:
    (only,) = response.json()
    assert set(only) == {"message", "errorCode"}
    return response.status_code, only["errorCode"]
