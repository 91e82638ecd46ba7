"""How Slack's requests reach the bot."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Takes a body and headers; returns the status, headers (lower case) and body of the answer.
Transport = Callable[[bytes, dict[str, str]], Awaitable[tuple[int, dict[str, str], bytes]]]


@contextlib.asynccontextmanager
async def http_transport(url: str) -> AsyncIterator[Transport]:
    """Yield a transport that posts to `url` over kept-open connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                received = {name.lower(): value for name, value in answer.headers.items()}
                return answer.status, received, await answer.read()

        yield send
