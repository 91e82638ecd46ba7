"""The Web API client: its time limits, its retries, no redirects, and its errors translated."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from services.slack.errors import SlackError, SlackRefusedError, SlackUnavailableError

TIMEOUT: Final = 10
"""Seconds for one call from a job."""

LONGEST_WAIT: Final = 2
"""Seconds for which a rate limit is waited out where it strikes: a job that sleeps keeps its slot.
A longer one is told by `SlackUnavailableError.retry_after`."""

_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"}
    | {"request_timeout", "team_added_to_org"},
)
"""Errors that Slack documents as worth another try later."""


class RedirectedError(aiohttp.ClientError):
    """Slack answers where it is asked; whatever points elsewhere isn't followed.

    On its own the SDK follows. aiohttp then takes the token off a request that goes to another
    origin, but a 307 carries the message there.
    """


class StayingClient(AsyncWebClient):
    """A client that follows no redirect."""

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        stay = req_args | {"allow_redirects": False}
        answer = await super()._request(http_verb=http_verb, api_url=api_url, req_args=stay)
        if 300 <= answer["status_code"] < 400:
            raise RedirectedError
        return answer


async def stay(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Follow no redirect: the same for a `response_url`, as a middleware of a session."""
    answer = await send(request)
    if 300 <= answer.status < 400:
        answer.close()
        raise RedirectedError
    return answer


class ShortWaits(AsyncRateLimitErrorRetryHandler):
    """Waits out a rate limit that is over within `LONGEST_WAIT`."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        )
        seconds = _retry_after({k: v[0] for k, v in response.headers.items()} if response else {})
        return limited and (seconds is None or seconds <= LONGEST_WAIT)


def build(token: str, api_url: str) -> AsyncWebClient:
    """Make a client for calls that are safe to repeat: reads, updates, views."""
    return StayingClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT,
        retry_handlers=[
            ShortWaits(max_retry_count=2),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        ],
    )


def build_poster(token: str, api_url: str) -> AsyncWebClient:
    """Make a client that posts.

    A post that got no answer may stand in the channel, so only a rate limit, which provably
    refused it, is retried here; the rest is for the job, which looks before it posts again.
    """
    return StayingClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT,
        retry_handlers=[ShortWaits(max_retry_count=2)],
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's errors into ours, without their text: it may quote what was sent.

    Answers are read in here too: one that isn't as documented is no answer, and from none nothing
    is concluded. The SDK itself stumbles over one that is no object.
    """
    failure: SlackError | None = None
    try:
        yield
    except SlackApiError as error:
        failure = of_code(_code(error), _retry_after(getattr(error.response, "headers", {})))
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        failure = SlackUnavailableError(type(error).__name__)
    except (AttributeError, KeyError, TypeError, RecursionError):
        failure = SlackUnavailableError("unreadable_answer")
    if failure is not None:
        raise failure from None


def of_code(code: str, retry_after: float | None = None) -> SlackError:
    """Sort one of Slack's error codes."""
    if code in _PASSING or code.startswith("http_5"):
        return SlackUnavailableError(code, retry_after)
    return SlackRefusedError(code)


def _code(error: SlackApiError) -> str:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    if status >= 500:
        return f"http_{status}"
    told = getattr(response, "data", response)
    code = told.get("error") if isinstance(told, Mapping) else None
    # Slack's codes are lower-case words; anything else is not ours to repeat.
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else "unreadable"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds Slack wants to be left alone, at most a day or so; None if unsaid."""
    named = (value for name, value in headers.items() if name.casefold() == "retry-after")
    value = next(named, "")
    return float(value[:5]) if value.isascii() and value.isdecimal() else None
