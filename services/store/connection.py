"""Connections to Redis or Valkey, and the translation of their errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from services.store.errors import StoreUnavailableError

TIMEOUT = 1.0
"""Seconds for one command: an ack is due in three, so it's better to say that it failed."""


def connect(url: str, *, timeout: float | None = TIMEOUT, **options: Any) -> Redis:  # noqa: ANN401
    """Open no connection yet; the first command does.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        timeout: seconds for one command; None for one that blocks by design.
        options: TLS options, as redis-py names them.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=timeout,
        socket_connect_timeout=TIMEOUT,
        health_check_interval=0,
        # A connection that the server closed while idle is worth one new one at once; every
        # script of ours is safe to repeat.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        **options,
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn the client's errors into `StoreUnavailableError`, without their text."""
    code: str | None = None
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        code = type(error).__name__
    if code is not None:
        raise StoreUnavailableError(code) from None
