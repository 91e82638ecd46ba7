"""One person's pages: open a UI session, fetch a page, send a form, end the session. It blocks.

Redirects are followed one by one, each to a host of the org's own, and never to an address whose
plain GET resets a token.
"""

import json
from urllib.parse import urljoin

import requests

from services.salesforce.answers import place_of
from services.salesforce.assertion import Grant
from services.salesforce.errors import PageRefused, SalesforceError, Unavailable
from services.salesforce.hosts import is_login_page, may_receive_token, origin
from services.salesforce.http import Http
from services.salesforce.page import ResetForm, resets_on_get
from services.salesforce.refusals import broken, retry_after

_REDIRECTS = {301, 302, 303, 307, 308}
# One is usual; the others leave room for a hop to the org's own domain.
_MOST_REDIRECTS = 3


class Browser:
    """A UI session of the grant's user. Its errors before a submit mean: nothing has changed."""

    def __init__(self, http: Http, grant: Grant) -> None:
        self._http = http
        self._grant = grant
        self._ui_origin: str | None = None

    def enter(self, path: str) -> requests.Response:
        """Turn the access token into a UI session and return the page at `path`.

        The bridge's address is for one use and about a minute, so nothing here is repeated.
        """
        frontdoor = self._bridge(path)
        self._ui_origin = origin(frontdoor)
        answer = self._send("GET", frontdoor)
        if answer.status_code not in _REDIRECTS:
            # The front door may also answer with a script that goes on to the page.
            _stop_unless_ok(answer)
            answer = self._send("GET", urljoin(frontdoor, path))
        answer = self._follow(answer)
        _stop_unless_ok(answer)
        self._ui_origin = origin(answer.url)
        return answer

    def submit(
        self, form: ResetForm, page_url: str, timeout: tuple[float, float]
    ) -> requests.Response:
        """Send the form once and return the page that it leads to.

        Raises requests' errors and ours; whatever it raises, the form may have been received.
        """
        same = origin(form.action) == origin(page_url)
        headers = {"Referer": page_url if same else f"{origin(page_url)}/"}
        if form.method == "POST":
            headers["Origin"] = origin(page_url) or ""
        answer = self._http.request(
            form.method,
            form.url,
            data=form.fields if form.method == "POST" and not form.multipart else None,
            files=[(name, (None, value)) for name, value in form.fields]
            if form.multipart
            else None,
            headers=headers,
            timeout=timeout,
        )
        if answer.status_code in {307, 308} and form.method == "POST":
            raise PageRefused("resubmit_asked")
        return self._follow(answer)

    def leave(self) -> list[str]:
        """End the UI session and revoke the access token; returns the codes of what failed."""
        failed = []
        if self._ui_origin is not None:
            failed += self._end("GET", f"{self._ui_origin}/secur/logout.jsp", None)
        token = {"token": self._grant.access_token}
        failed += self._end("POST", f"{self._grant.instance_url}/services/oauth2/revoke", token)
        self._http.close()
        return failed

    def _bridge(self, path: str) -> str:
        answer = self._send(
            "POST",
            f"{self._grant.instance_url}/services/oauth2/singleaccess",
            headers={"Authorization": f"Bearer {self._grant.access_token}"},
            data={"redirect_uri": path},
        )
        if answer.status_code in {401, 403}:
            # The token is seconds old, so it hasn't expired: this user gets no UI session.
            api_only = b"bad_oauth_token" in answer.content.lower()
            raise PageRefused("api_only" if api_only else "no_ui_session")
        _stop_unless_ok(answer)
        try:
            frontdoor = json.loads(answer.content)["frontdoor_uri"]
        except (KeyError, TypeError, ValueError, RecursionError):
            raise PageRefused("no_frontdoor") from None
        if not isinstance(frontdoor, str) or not self._may_send_to(frontdoor):
            raise PageRefused("offsite")
        return frontdoor

    def _follow(self, answer: requests.Response) -> requests.Response:
        for _ in range(_MOST_REDIRECTS):
            if answer.status_code not in _REDIRECTS:
                return answer
            answer = self._send("GET", self._next(answer))
        if answer.status_code in _REDIRECTS:
            raise PageRefused("too_many_redirects")
        return answer

    def _next(self, answer: requests.Response) -> str:
        try:
            target = urljoin(answer.url, answer.headers.get("Location", ""))
        except ValueError:
            raise PageRefused("bad_redirect") from None
        if not self._may_send_to(target):
            raise PageRefused("login_page" if is_login_page(target) else "offsite")
        if resets_on_get(target):
            raise PageRefused("get_confirm")
        place = place_of(target)
        if place is not None:
            raise PageRefused(place)
        return target

    def _may_send_to(self, url: str) -> bool:
        return may_receive_token(url, self._grant.instance_url)

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
    ) -> requests.Response:
        try:
            return self._http.request(method, url, headers=headers, data=data)
        except requests.RequestException as error:
            raise broken(error) from None

    def _end(self, method: str, url: str, data: dict[str, str] | None) -> list[str]:
        try:
            answer = self._send(method, url, data=data)
        except SalesforceError as error:
            return [error.code]
        return [f"http_{answer.status_code}"] if answer.status_code >= 400 else []


def _stop_unless_ok(answer: requests.Response) -> None:
    status = answer.status_code
    if status >= 500 or status in {408, 429}:
        raise Unavailable(f"http_{status}", retry_after=retry_after(answer.headers))
    if status == 404:
        raise PageRefused("url_gone")
    if status != 200:
        raise PageRefused(f"http_{status}")
