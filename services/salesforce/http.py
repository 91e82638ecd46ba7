"""HTTP to Salesforce: time limits on every request, no redirect followed by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

from services.salesforce.hosts import is_loopback

USER_AGENT = "Mozilla/5.0 (compatible; reset-token-bot)"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, to wait for an answer to a read, and to a request that changes things.

    An effect gets longer: giving up early makes its outcome unknown.
    """

    connect: float = 3.0
    read: float = 12.0
    effect: float = 30.0

    @property
    def for_reads(self) -> tuple[float, float]:
        """As requests takes it: connect, read."""
        return (self.connect, self.read)

    @property
    def for_effects(self) -> tuple[float, float]:
        """As requests takes it: connect, read."""
        return (self.connect, self.effect)


class Http(requests.Session):
    """A session with a time limit of its own, which leaves every redirect to its caller."""

    def __init__(
        self, login_url: str, timeout: tuple[float, float], *, cookies: bool = False
    ) -> None:
        super().__init__()
        self.mount("https://", _TimeLimit(timeout))
        self.mount("http://", _TimeLimit(timeout))
        # A loopback org must not be sought behind a proxy.
        self.trust_env = not is_loopback(login_url)
        # An `auth` of any kind keeps a ~/.netrc from replacing our bearer token.
        self.auth = _as_it_is
        self.headers["User-Agent"] = USER_AGENT
        if not cookies:
            self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests' signature
        """Follow nothing: a 3xx is an answer like any other."""
        return None


class _TimeLimit(HTTPAdapter):
    def __init__(self, timeout: tuple[float, float]) -> None:
        super().__init__()
        self._timeout = timeout

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - requests' signature
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - requests' signature
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        limit = self._timeout if timeout is None else timeout
        return super().send(request, stream, limit, verify, cert, proxies)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
