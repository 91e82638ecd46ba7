"""Reads the body of a request, and no further than a limit."""

from starlette.requests import Request


async def read(request: Request, limit: int) -> bytes | None:
    """Read a body of at most `limit` bytes. None: it is larger, and the rest stays unread.

    Raises:
        ClientDisconnect: the sender went away in the middle.
    """
    if _declared(request) > limit:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def _declared(request: Request) -> int:
    """The length that the sender names, in bytes; 0 where none can be read."""
    try:
        return int(request.headers.get("content-length", ""))
    except ValueError:
        return 0
