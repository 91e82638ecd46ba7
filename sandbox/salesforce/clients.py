"""Small integrations that really log in over HTTP, to see what a reset breaks and what mends it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Protocol

import aiohttp
import jwt
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True)
class LoginResult:
    """Whether a login worked, and else what Salesforce said."""

    ok: bool
    error: str | None = None
    access_token: str | None = None


class Integration(Protocol):
    """A program that logs in by itself."""

    async def login(self) -> LoginResult:
        """Log in once. Raises what aiohttp, lxml or json raise when no sense can be made of it."""
        ...


@dataclass
class TokenClient(ABC):
    """A program that keeps a password and a security token."""

    origin: str
    username: str
    password: str
    token: str

    def paste_token(self, new: str) -> None:
        """Put a new security token where the old one was."""
        self.token = new

    @abstractmethod
    async def login(self) -> LoginResult:
        """Log in once."""


@dataclass
class SoapClient(TokenClient):
    """Logs in with SOAP `login()`, as Data Loader in password mode and many ETL tools do."""

    application: str
    """What it calls itself: a name, or a name and version as in `Data Loader/59.0.0`."""
    address: str
    version: str = "59.0"

    async def login(self) -> LoginResult:
        """Log in once."""
        body = (
            f'<env:Envelope xmlns:env="{_SOAP}" xmlns:p="{_PARTNER}"><env:Header><p:CallOptions>'
            f"<p:client>{escape(self.application)}</p:client></p:CallOptions></env:Header>"
            f"<env:Body><p:login><p:username>{escape(self.username)}</p:username>"
            f"<p:password>{escape(self.password + self.token)}</p:password></p:login></env:Body>"
            "</env:Envelope>"
        )
        headers = {
            "Content-Type": "text/xml; charset=UTF-8",
            "SOAPAction": "login",
            "X-Sandbox-Address": self.address,
        }
        url = f"{self.origin}/services/Soap/u/{self.version}"
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as http,
            http.post(url, data=body.encode(), headers=headers) as response,
        ):
            answer = etree.fromstring(await response.read())
        session_id = answer.findtext(f".//{{{_PARTNER}}}sessionId")
        if session_id:
            return LoginResult(ok=True, access_token=session_id)
        refused = answer.findtext(".//faultstring")
        return LoginResult(ok=False, error=refused or f"HTTP {response.status}")


@dataclass
class InsistentClient(SoapClient):
    """The same, but tries again at once when it is refused: enough of that locks the account."""

    retries: int = 12

    async def login(self) -> LoginResult:
        """Log in, at most `retries` times more after the first; the last try's result."""
        result = await super().login()
        for _ in range(self.retries):
            if result.ok:
                break
            result = await super().login()
        return result


@dataclass
class PasswordFlowClient(TokenClient):
    """Logs in with the OAuth username-password flow."""

    client_id: str
    client_secret: str
    address: str

    async def login(self) -> LoginResult:
        """Log in once."""
        fields = {
            "grant_type": "password",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "username": self.username,
            "password": self.password + self.token,
        }
        return await _ask_for_token(self.origin, fields, self.address)


@dataclass
class RefreshTokenClient:
    """Logs in with a refresh token: a user approved it once."""

    origin: str
    client_id: str
    refresh_token: str
    address: str

    async def login(self) -> LoginResult:
        """Log in once."""
        fields = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": self.refresh_token,
        }
        return await _ask_for_token(self.origin, fields, self.address)


@dataclass
class JwtClient:
    """Logs in with a signed assertion: no password, no security token."""

    origin: str
    consumer_key: str
    private_key_pem: str
    username: str
    clock: Callable[[], datetime]
    address: str = "127.0.0.1"

    async def login(self) -> LoginResult:
        """Log in once."""
        claims = {
            "iss": self.consumer_key,
            "sub": self.username,
            "aud": self.origin,
            "exp": int(self.clock().timestamp()) + 120,
        }
        fields = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": jwt.encode(claims, self.private_key_pem, "RS256"),
        }
        return await _ask_for_token(self.origin, fields, self.address)


async def _ask_for_token(origin: str, fields: dict[str, str], address: str) -> LoginResult:
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as http,
        http.post(
            f"{origin}/services/oauth2/token", data=fields, headers={"X-Sandbox-Address": address}
        ) as response,
    ):
        answer = await response.json()
    if response.ok:
        return LoginResult(ok=True, access_token=answer["access_token"])
    if not isinstance(answer, dict) or "error" not in answer:
        return LoginResult(ok=False, error=f"HTTP {response.status}")
    return LoginResult(ok=False, error=f"{answer['error']}: {answer.get('error_description')}")
