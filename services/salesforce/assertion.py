"""Exchange a signed assertion for an access token: OAuth 2.0 JWT bearer, as any user."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from services.salesforce.errors import LoginRefused, SalesforceError, Unavailable, Unexpected
from services.salesforce.home import Home
from services.salesforce.hosts import is_loopback, origin
from services.salesforce.http import Http
from services.salesforce.refusals import broken, retry_after

# Salesforce refuses an assertion that lives longer than a few minutes.
_LIFETIME_SECONDS = 120
_SANDBOX_HOST = re.compile(
    r"https://(test|cs\d+|[^/]*--[^/]*|[^/]*\.sandbox)(\.my)?\.salesforce\.com"
)

# The `error` values and parts of `error_description` that are documented or seen in public code.
_ERRORS = {
    "inactive_org",
    "inactive_user",
    "invalid_app_access",
    "invalid_client",
    "invalid_client_id",
    "invalid_grant",
    "invalid_request",
    "unauthorized_client",
    "unsupported_grant_type",
}
_DESCRIPTIONS = {
    "hasn't approved this consumer": "not_preauthorised",
    "not admin approved": "not_preauthorised",
    "audience": "audience_invalid",
    "invalid assertion": "invalid_assertion",
    "expired": "assertion_expired",
    "ip restricted": "ip_restricted",
    "inactive": "inactive_user",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and the origin that takes it."""

    access_token: str = field(repr=False)
    instance_url: str


class Signer:
    """Signs assertions for one app at one org's login URL; exchanges them."""

    def __init__(
        self,
        home: Home,
        consumer_key: str,
        private_key: SecretStr,
        clock: Callable[[], datetime],
    ) -> None:
        self._home = home
        self._consumer_key = consumer_key
        self._pem = private_key
        self._clock = clock
        self._key: RSAPrivateKey | None = None

    def exchange(self, username: str, http: Http) -> Grant:
        """Log in as `username`. LoginRefused, Unavailable or Unexpected: no session was given."""
        assertion = self._assertion(username)
        try:
            answer = http.request(
                "POST",
                f"{origin(self._home.login_url)}/services/oauth2/token",
                data={
                    "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                    "assertion": assertion,
                },
            )
        except requests.RequestException as error:
            raise broken(error) from None
        if answer.status_code != 200:
            raise _refused(answer)
        return _grant(answer.content, self._home)

    def _assertion(self, username: str) -> str:
        claims = {
            "iss": self._consumer_key,
            "sub": username,
            "aud": audience(self._home.login_url),
            "exp": int(self._clock().timestamp()) + _LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._parsed_key(), algorithm="RS256")

    def _parsed_key(self) -> RSAPrivateKey:
        # Parsing checks the key's numbers, which takes longer than signing: once is enough.
        if self._key is None:
            try:
                key = load_pem_private_key(self._pem.get_secret_value().encode(), password=None)
            except (ValueError, TypeError):
                raise LoginRefused("bad_private_key") from None
            if not isinstance(key, RSAPrivateKey):
                raise LoginRefused("bad_private_key")
            self._key = key
        return self._key


def audience(login_url: str) -> str:
    """Name the authorization server as Salesforce's own CLI does: login or test, never My Domain.

    A loopback or .mil origin stands for itself.
    """
    own = origin(login_url) or login_url
    if is_loopback(own) or not own.endswith(".salesforce.com"):
        return own
    if _SANDBOX_HOST.fullmatch(own):
        return "https://test.salesforce.com"
    return "https://login.salesforce.com"


def _grant(body: bytes, home: Home) -> Grant:
    answer = _json_object(body)
    token, instance = answer.get("access_token"), answer.get("instance_url")
    if not isinstance(token, str) or not isinstance(instance, str) or not token.isascii():
        raise Unexpected("unreadable_login")
    # The token would go to whichever host the answer names.
    own = origin(instance)
    if any(character <= " " for character in token) or not token:
        raise Unexpected("unreadable_login")
    if own is None or not home.owns(own):
        raise Unexpected("foreign_instance")
    return Grant(access_token=token, instance_url=own)


def _refused(answer: requests.Response) -> SalesforceError:
    status = answer.status_code
    body = _json_object(answer.content)
    error, description = body.get("error"), str(body.get("error_description", "")).lower()
    if status >= 500 or status in {408, 429} or "rate exceeded" in description:
        return Unavailable(f"http_{status}", retry_after=retry_after(answer.headers))
    if isinstance(error, str) and error in _ERRORS:
        known = (code for words, code in _DESCRIPTIONS.items() if words in description)
        return LoginRefused(next(known, error))
    if status in {400, 401, 403}:
        return LoginRefused(f"http_{status}")
    return Unexpected(f"http_{status}")


def _json_object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
