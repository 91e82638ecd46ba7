"""Connections to Redis or Valkey, and the translation of their errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from services.store.errors import StoreUnavailableError

TIMEOUT = 1.0
"""Seconds for one command: an ack is due in three, so it's better to say that it failed."""


POOL = 10
"""Connections for all else than moves; small hosted servers allow some twenty clients in all."""


def connect(
    url: str,
    *,
    timeout: float | None = TIMEOUT,
    in_line_for: float = TIMEOUT,
    alone: bool = False,
) -> Redis:
    """Open no connection yet; the first command does.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        timeout: seconds for one command; None for one that blocks by design.
        in_line_for: seconds until one of the pool's connections is free.
        alone: one connection that is kept, for one user at a time.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": TIMEOUT,
        # A connection that the server closed while idle is worth one new one at once.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    }
    if alone:
        return Redis.from_url(url, single_connection_client=True, **options)
    # The ordinary pool refuses what comes beyond its size; this one lets it wait.
    pool = BlockingConnectionPool.from_url(
        url, max_connections=POOL, timeout=in_line_for, **options
    )
    return Redis.from_pool(pool)


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
