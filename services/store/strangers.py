"""Whether Redis takes somebody who doesn't say who they are, found out by being that somebody."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.store.connection import connect

_OURS = frozenset({"ssl_certfile", "ssl_keyfile", "ssl_password", "username", "password"})
"""What says who we are, among a URL's query parameters."""


async def lets_strangers_in(url: str) -> bool | None:
    """Knock at the server without a password or a client's certificate.

    Returns:
        None where there was no answer, so that it isn't known.
    """
    async with connect(without_credentials(url)) as redis:
        try:
            await redis.ping()
        except (AuthenticationError, ResponseError):  # NOAUTH, or -DENIED by the protected mode
            return False
        except RedisTimeoutError:
            return None
        except RedisConnectionError:
            # A server that wants a certificate hangs up, and says no more.
            return False if "ssl_certfile=" in url else None
        except (RedisError, OSError, TimeoutError):
            return None
    return True


def without_credentials(url: str) -> str:
    """Take out of a URL all that says who we are."""
    parts = urlsplit(url)
    query = urlencode([one for one in parse_qsl(parts.query) if one[0] not in _OURS])
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))
