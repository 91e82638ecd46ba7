"""The Web API client: its time limits, its retries and the translation of its errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from services.slack.errors import SlackError, SlackRefusedError, SlackUnavailableError

TIMEOUT: Final = 10
"""Seconds for one call from a job."""

_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"}
    | {"request_timeout", "team_added_to_org"},
)
"""Errors that Slack documents as worth another try later."""


def build(token: str, api_url: str) -> AsyncWebClient:
    """Make a client for calls that are safe to repeat: reads, updates, views."""
    return AsyncWebClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT,
        retry_handlers=[
            AsyncRateLimitErrorRetryHandler(max_retry_count=2),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        ],
    )


def build_poster(token: str, api_url: str) -> AsyncWebClient:
    """Make a client that posts.

    A post that got no answer may stand in the channel, so only a rate limit, which provably
    refused it, is retried here; the rest is for the job, which looks before it posts again.
    """
    return AsyncWebClient(
        token=token,
        base_url=api_url,
        timeout=TIMEOUT,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's errors into ours, without their text: it may quote what was sent."""
    failure: SlackError | None = None
    try:
        yield
    except SlackApiError as error:
        failure = of_code(_code(error))
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        failure = SlackUnavailableError(type(error).__name__)
    if failure is not None:
        raise failure from None


def of_code(code: str) -> SlackError:
    """Sort one of Slack's error codes."""
    if code in _PASSING or code.startswith("http_5"):
        return SlackUnavailableError(code)
    return SlackRefusedError(code)


def _code(error: SlackApiError) -> str:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    if status >= 500:
        return f"http_{status}"
    code = response.get("error") if hasattr(response, "get") else None
    # Slack's codes are lower-case words; anything else is not ours to repeat.
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else "unreadable"
