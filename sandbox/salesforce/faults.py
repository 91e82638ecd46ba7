"""Switches for faults: what goes wrong, where, how often, and before or after the effect."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.salesforce.calls import ENDPOINTS

if TYPE_CHECKING:
    import asyncio

EVERYWHERE = "*"


class Break(StrEnum):
    """A fault of the connection rather than of the answer."""

    HANG = "hang"
    """No answer at all, until the caller goes away."""
    DROP = "drop"
    """The connection is dropped before an answer."""
    TRUNCATE = "truncate"
    """A whole HTTP answer, but only the first half of its body."""
    CUT_OFF = "cut_off"
    """The connection is dropped in the middle of the true answer's body."""


@dataclass(frozen=True)
class Answer:
    """What is answered in place of the truth."""

    status: int
    body: bytes = b""
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. Without an answer or a break it is only late."""

    answer: Answer | None = None
    breaks: Break | None = None
    latency: float = 0
    """Seconds before anything else happens."""
    until: asyncio.Event | None = None
    """Nothing else happens before it."""
    after_effect: bool = False
    """The request is carried out first; otherwise nothing happens but the fault."""


def late(seconds: float) -> Fault:
    """The truth, that many seconds late."""
    return Fault(latency=seconds)


def held_until(event: asyncio.Event) -> Fault:
    """The truth, once something else has happened."""
    return Fault(until=event)


def status(code: int, *, retry_after: int | str | None = None, after_effect: bool = False) -> Fault:
    """An HTTP status such as 429 or 503, with an HTML body, and a `Retry-After` if given."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = b"<html><body><h1>Service temporarily unavailable</h1></body></html>"
    return Fault(Answer(code, body, "text/html", headers), after_effect=after_effect)


def hang(*, after_effect: bool = False) -> Fault:
    """No answer: the caller times out."""
    return Fault(breaks=Break.HANG, after_effect=after_effect)


def drop(*, after_effect: bool = False) -> Fault:
    """The connection is dropped before an answer."""
    return Fault(breaks=Break.DROP, after_effect=after_effect)


def truncated() -> Fault:
    """The true answer, carried out, with only half of its body."""
    return Fault(breaks=Break.TRUNCATE, after_effect=True)


def cut_off() -> Fault:
    """The true answer, carried out, whose connection breaks in the middle of the body."""
    return Fault(breaks=Break.CUT_OFF, after_effect=True)


def _rest(code: int, error: str, message: str) -> Fault:
    body = json.dumps([{"message": message, "errorCode": error}]).encode()
    return Fault(Answer(code, body))


def expired_session() -> Fault:
    """The answer to a session that has ended."""
    return _rest(401, "INVALID_SESSION_ID", "Session expired or invalid")


def html_unauthorized() -> Fault:
    """A 401 whose body is a page."""
    return Fault(Answer(401, b"<html><body>Unauthorized</body></html>", "text/html"))


def odd_unauthorized() -> Fault:
    """A 401 whose body is JSON, but not the usual list."""
    return Fault(Answer(401, b'{"error":"unauthorized"}'))


def request_limit() -> Fault:
    """The org has used up its API requests."""
    return _rest(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def locked_row(code: int = 400) -> Fault:
    """Someone else is changing the same row."""
    return _rest(code, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


def no_permission() -> Fault:
    """The session's user may not do this."""
    return _rest(403, "INSUFFICIENT_ACCESS", "insufficient access rights")


def not_found() -> Fault:
    """There is no such record, or the session's user can't see it."""
    return _rest(404, "NOT_FOUND", "The requested resource does not exist")


def wrong_json() -> Fault:
    """A success that is carried out, whose body is JSON of another shape."""
    return Fault(Answer(200, b'{"something":["else"]}'), after_effect=True)


def other_page() -> Fault:
    """A page that nobody knows, such as a changed one or a proxy's. Nothing is carried out."""
    body = b"<html><body><h1>Setup</h1><form action='/other'><input name='q'></form></body></html>"
    return Fault(Answer(200, body, "text/html;charset=UTF-8"))


def to_login() -> Fault:
    """A redirect to the login page."""
    return Fault(Answer(302, b"", "text/html", {"Location": "/?ec=302&startURL=%2F"}))


class Faults:
    """The faults that still wait to happen."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[tuple[Fault, int | None]]] = defaultdict(deque)

    def add(self, endpoint: str, fault: Fault, times: int | None = 1) -> None:
        """Let this go wrong at `endpoint` (or `*`) that many times; `None` is always.

        Several for one endpoint happen one after the other. Raises `ValueError` for an
        endpoint that doesn't exist.
        """
        if endpoint not in ENDPOINTS | {EVERYWHERE}:
            raise ValueError(f"no endpoint {endpoint!r}; there are {sorted(ENDPOINTS)}")
        self._waiting[endpoint].append((fault, times))

    def clear(self) -> None:
        """All is well again."""
        self._waiting.clear()

    def take(self, endpoint: str) -> Fault | None:
        """What goes wrong with this request. A fault of the endpoint goes before one of `*`."""
        for key in (endpoint, EVERYWHERE):
            queue = self._waiting[key]
            if not queue:
                continue
            fault, times = queue[0]
            if times is not None and times <= 1:
                queue.popleft()
            elif times is not None:
                queue[0] = (fault, times - 1)
            return fault
        return None
