"""Ask again for what is safe to ask again: reads only, three times in about eight seconds."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
)

from services.salesforce.errors import LimitReached, Unavailable

_T = TypeVar("_T")

ATTEMPTS = 3
WITHIN_SECONDS = 8.0
LONGEST_WAIT_SECONDS = 4.0
FIRST_WAIT_SECONDS = 0.25


async def read_again(read: Callable[[], Awaitable[_T]]) -> _T:
    """Run a read; repeat it while Salesforce is unavailable, as long as it asks us to wait.

    A wait that is longer than a person would bear, or a used-up request limit, is not repeated.
    """
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_worth_another),
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(WITHIN_SECONDS),
        wait=_wait,
        reraise=True,
    ):
        with attempt:
            return await read()
    raise AssertionError  # tenacity returns or raises inside the loop


def _worth_another(error: BaseException) -> bool:
    return (
        isinstance(error, Unavailable)
        and not isinstance(error, LimitReached)
        and (error.retry_after or 0.0) <= LONGEST_WAIT_SECONDS
    )


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Unavailable) else None
    return asked if asked is not None else FIRST_WAIT_SECONDS * 4 ** (state.attempt_number - 1)
