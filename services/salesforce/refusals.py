"""Turn Salesforce's refusals and broken connections into our own errors, without their text."""

import json
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError

from services.clock import utc_now
from services.salesforce.errors import (
    LimitReached,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.permissions import API_ENABLED

# Error codes of the REST API, as Salesforce documents them. Only these may reach a log.
_LIMIT = {"REQUEST_LIMIT_EXCEEDED"}
_BUSY = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"}
_PERMISSION = {
    "API_CURRENTLY_DISABLED",
    "API_DISABLED_FOR_ORG",
    "FUNCTIONALITY_NOT_ENABLED",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    # An object that our user can't see is answered as one that doesn't exist.
    "INVALID_TYPE",
}
_MISSING = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
_NONSENSE = {"INVALID_FIELD", "JSON_PARSER_ERROR", "MALFORMED_ID", "MALFORMED_QUERY"}
_API = {"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"}


class SessionExpired(SalesforceError):
    """401: refused before anything was done. It never leaves this package."""


def refusal(status: int, headers: Mapping[str, str], body: bytes, *, needs: str) -> SalesforceError:
    """Name what an answer of 300 or more means; `needs` is the permission that the request needs.

    Salesforce answers errors as `[{"errorCode": …, "message": …}]`; a proxy or an outage page
    answers anything at all.
    """
    return _named(status, _error_code(_parsed(body)), retry_after(headers), needs=needs)


def part_refusal(status: int, answer: object, *, needs: str) -> SalesforceError:
    """Name what a part of a composite answer means, as `refusal` does; its body is parsed JSON."""
    return _named(status, _error_code(answer), None, needs=needs)


def _named(status: int, code: str | None, wait: float | None, *, needs: str) -> SalesforceError:
    if status == 401:
        return SessionExpired("http_401")
    if code in _LIMIT:
        return LimitReached(code, retry_after=wait)
    if code in _BUSY:
        return Unavailable(code, retry_after=wait)
    if status >= 500 or status in {408, 429}:
        return Unavailable(f"http_{status}", retry_after=wait)
    if code in _PERMISSION:
        return NotPermitted(code, needs=API_ENABLED if code in _API else needs)
    if code in _MISSING:
        return NotFound(code)
    if code in _NONSENSE:
        return Unexpected(code)
    return _by_status(status, needs=needs)


def effect_refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, needs: str
) -> SalesforceError:
    """Name a refused effect; one that Salesforce didn't surely refuse is OutcomeUnknown."""
    error = refusal(status, headers, body, needs=needs)
    if error.code in _LIMIT or error.code == "UNABLE_TO_LOCK_ROW":
        return error
    if status in {401, 403, 404, 405, 429}:
        return error
    # A 4xx in Salesforce's own words is a refusal; the same status in others' words may be a
    # proxy's, which can't know.
    if 400 <= status < 500 and status != 408 and _error_code(_parsed(body)) is not None:
        return error
    return OutcomeUnknown(error.code)


def _by_status(status: int, *, needs: str) -> SalesforceError:
    if status == 403:
        return NotPermitted("http_403", needs=needs)
    if status == 404:
        return NotFound("http_404")
    return Unexpected(f"http_{status}")


def broken(error: requests.RequestException) -> Unavailable:
    """Name a request that got no whole answer, by its kind alone."""
    if isinstance(error, requests.ConnectTimeout):
        return Unavailable("connect_timeout")
    if never_left(error):
        return Unavailable("connect_failed")
    if isinstance(error, requests.Timeout):
        return Unavailable("read_timeout")
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable("tls_failed")
    return Unavailable("connection_broken")


def never_left(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that the request can't have had an effect.

    Nothing else is proof: a broken TLS or keep-alive connection may have carried the request.
    """
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, ConnectTimeoutError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks us to wait: a number or an HTTP date, never negative."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:6])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - utc_now()).total_seconds())  # a pause, not a deadline


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _error_code(answer: object) -> str | None:
    """Return a code that is known, "other", or None when the answer isn't Salesforce's."""
    first = answer[0] if isinstance(answer, list) and answer else None
    code = first.get("errorCode") if isinstance(first, dict) else None
    if not isinstance(code, str):
        return None
    return code if code in _LIMIT | _BUSY | _PERMISSION | _MISSING | _NONSENSE else "other"
