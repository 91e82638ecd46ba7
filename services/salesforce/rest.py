"""The REST API through simple-salesforce: queries and effects, in whichever thread asks.

Only `query()` and `restful()` are used: both stop when a session is refused.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import requests
from pydantic import SecretStr
from simple_salesforce.api import Salesforce

from services.salesforce import composite
from services.salesforce.assertion import Grant
from services.salesforce.composite import Answer, Question
from services.salesforce.errors import LoginRefused, OutcomeUnknown, SalesforceError, Unexpected
from services.salesforce.home import Home
from services.salesforce.http import Http, Timeouts
from services.salesforce.permissions import API_ENABLED
from services.salesforce.refusals import (
    SessionExpired,
    broken,
    effect_refusal,
    never_left,
    refusal,
)
from services.salesforce.revoking import revoke
from services.salesforce.rows import Row
from services.salesforce.session import IntegrationSession

API_VERSION = "62.0"

_T = TypeVar("_T")


class Rest:
    """An org's REST API as its integration user. Methods block; call them in a thread."""

    def __init__(self, session: IntegrationSession, home: Home, timeouts: Timeouts) -> None:
        self._session = session
        self._home = home
        self._timeouts = timeouts
        self._local = threading.local()
        self._opened: list[Http] = []

    def query(self, soql: str, *, needs: str) -> tuple[list[Row], bool]:
        """Run one query, for one request; returns its rows and whether these are all of them."""
        return self._with_session(partial(self._query, soql, needs))

    def queries(self, asked: Mapping[str, Question]) -> dict[str, Answer]:
        """Run up to five queries in one request; each is answered or refused by itself.

        An error is raised where the request as a whole failed.
        """
        ask = partial(self._queries, asked)
        return self._with_session(ask, renewed=partial(ask, is_renewed=True))

    def change_unread(
        self, method: str, path: str, *, needs: str, body: Mapping[str, object] | None = None
    ) -> None:
        """Change something once: what is answered, perhaps a secret, is discarded unread.

        OutcomeUnknown once the request may have left; any other error means that it was refused
        or never left.
        """
        self._with_session(partial(self._change, method, path, needs, body))

    def revoke(self, token: SecretStr) -> None:
        """Revoke the OAuth grant that a DeleteToken stands for, as `revoking.revoke` does."""
        revoke(token, self._session.current(), self._home, self._timeouts)

    def close(self) -> None:
        """Close every thread's connections."""
        while self._opened:
            self._opened.pop().close()

    def _query(self, soql: str, needs: str, grant: Grant) -> tuple[list[Row], bool]:
        client = _client(grant, self._thread_http())
        with _named():
            answer = client.query(soql, hooks={"response": partial(_check, needs=needs)})
            return list(answer["records"]), bool(answer["done"])

    def _queries(
        self, asked: Mapping[str, Question], grant: Grant, *, is_renewed: bool = False
    ) -> dict[str, Answer]:
        client = _client(grant, self._thread_http())
        body = composite.request(asked, API_VERSION)
        with _named():
            answer = client.restful(
                "composite",
                method="POST",
                json=body,
                hooks={"response": partial(_check, needs=API_ENABLED)},
            )
            return composite.answers(answer, asked, is_renewed=is_renewed)

    def _change(
        self, method: str, path: str, needs: str, body: Mapping[str, object] | None, grant: Grant
    ) -> None:
        # A connection of its own: a kept-alive one may break with the request half sent.
        with Http(self._home.login_url, self._timeouts.for_effects) as http:
            try:
                _client(grant, http).restful(
                    path,
                    method=method,
                    json=body,
                    stream=True,
                    hooks={"response": partial(_discard, needs=needs)},
                )
            except requests.RequestException as error:
                cause = broken(error)
                raise (cause if never_left(error) else OutcomeUnknown(cause.code)) from None

    def _with_session(
        self, call: Callable[[Grant], _T], *, renewed: Callable[[Grant], _T] | None = None
    ) -> _T:
        grant = self._session.current()
        try:
            return call(grant)
        except SessionExpired:
            # Refused before anything was done, so asking once more is safe, effects included.
            grant = self._session.renew(grant)
        try:
            return (renewed or call)(grant)
        except SessionExpired as error:
            raise LoginRefused(error.code) from None

    def _thread_http(self) -> Http:
        http: Http | None = getattr(self._local, "http", None)
        if http is None:
            http = self._local.http = Http(self._home.login_url, self._timeouts.for_reads)
            self._opened.append(http)
        return http


def _client(grant: Grant, http: Http) -> Salesforce:
    """Wrap a grant for one call: the library keeps state on a client, so none is shared."""
    client = Salesforce(
        session_id=grant.access_token,
        instance_url=grant.instance_url,
        session=http,
        version=API_VERSION,
    )
    # The library writes https:// whatever the instance is; an org on loopback speaks plain http.
    client.base_url = f"{grant.instance_url}/services/data/v{API_VERSION}/"
    return client


@contextmanager
def _named() -> Iterator[None]:
    """Raise our own errors in place of the library's and the connection's, without their text."""
    try:
        yield
    except requests.exceptions.JSONDecodeError:
        raise Unexpected("unreadable_answer") from None
    except requests.RequestException as error:
        raise broken(error) from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Unexpected("unreadable_answer") from None


def _check(answer: requests.Response, *_: object, needs: str, **__: object) -> None:
    """Raise our own error before the library puts URL and body into one of its own."""
    if answer.status_code >= 300:
        raise _told(refusal, answer, needs)


def _discard(answer: requests.Response, *_: object, needs: str, **__: object) -> requests.Response:
    """Stand an empty answer in for a success, whose body stays unread on its closed connection."""
    try:
        if answer.status_code >= 300:
            raise _told(effect_refusal, answer, needs)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        if answer.status_code != 204 and not is_json:
            raise OutcomeUnknown("not_json")
    finally:
        answer.close()
    empty = requests.Response()
    empty.status_code = 204
    return empty


def _told(
    name: Callable[..., SalesforceError], answer: requests.Response, needs: str
) -> SalesforceError:
    try:
        body = answer.content
    except requests.RequestException:
        # The status has been said; a cut-off explanation changes nothing about it.
        body = b""
    return name(answer.status_code, answer.headers, body, needs=needs)
