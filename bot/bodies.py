"""Reads the body of a request, no further than a limit and no longer than it may take."""

import asyncio

from starlette.requests import Request

PATIENCE = 10.0
"""Seconds for a body. Slack gives up after three, and an alert is small."""


class TooSlowError(Exception):
    """The body didn't end in time."""


async def read(request: Request, limit: int) -> bytes | None:
    """Read a body of at most `limit` bytes. None: it is larger, and the rest stays unread.

    Raises:
        ClientDisconnect: the sender went away in the middle.
        TooSlowError: the sender takes longer than `PATIENCE`.
    """
    if _declared(request) > limit:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    return None
    except TimeoutError:
        raise TooSlowError from None
    return bytes(body)


def _declared(request: Request) -> int:
    """The length that the sender names, in bytes; 0 where none can be read."""
    try:
        return int(request.headers.get("content-length", ""))
    except ValueError:
        return 0
