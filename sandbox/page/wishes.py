"""What the page asks for, read from JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.slack.model import Json

MOST_BYTES = 100_000


class WishError(Exception):
    """The page asked for something that makes no sense; the text names the field."""


async def read(request: Request) -> Json:
    """Return the JSON object of a request. Raises `WishError`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise WishError("body")
    try:
        wish = json.loads(body)
    except ValueError:
        raise WishError("body") from None
    if not isinstance(wish, dict):
        raise WishError("body")
    return wish


def text(wish: Json, name: str) -> str:
    """Return a text. Raises `WishError`."""
    value = wish.get(name)
    if not isinstance(value, str):
        raise WishError(name)
    return value


def flag(wish: Json, name: str) -> bool:
    """Return true or false. Raises `WishError`."""
    value = wish.get(name)
    if not isinstance(value, bool):
        raise WishError(name)
    return value


def number(wish: Json, name: str) -> int:
    """Return a whole number. Raises `WishError`."""
    value = wish.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WishError(name)
    return value


def choice(wish: Json, name: str) -> str | list[str]:
    """Return a text, or several. Raises `WishError`."""
    value = wish.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise WishError(name)
