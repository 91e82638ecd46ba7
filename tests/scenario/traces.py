"""What is left behind: the log as the program writes it, and all that Redis holds."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import structlog
from valkey.asyncio import Valkey

from bot import logs


@contextlib.contextmanager
def logged(level: str = "DEBUG") -> Iterator[io.StringIO]:
    """Catch the whole log, as the program would write it. What is caught inside another one is in
    both.
    """
    root, hook, config = logging.getLogger(), sys.excepthook, structlog.get_config()
    handlers, was = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure(level, "json", stream)
    # A logger keeps the list of processors that it met first, and `capture_logs` empties the one
    # that is set: there must be one list for all.
    structlog.configure(**config)
    _open.append(stream)
    try:
        yield stream
    finally:
        _open.pop()
        for outer in _open[-1:]:
            outer.write(stream.getvalue())
        root.handlers[:] = handlers
        root.setLevel(was)
        sys.excepthook = hook


_open: list[io.StringIO] = []


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def everything_in(redis_url: str) -> dict[str, str]:
    """All that Redis holds, as text, by key. A dump won't do: it may be compressed."""
    async with Valkey.from_url(redis_url) as client:
        found = {}
        async for key in client.scan_iter("*"):
            kind = _text(await client.type(key))
            if kind == "none":  # it went while we looked
                continue
            command, *rest = _READ[kind]
            found[_text(key)] = _text(await client.execute_command(command, key, *rest))
        return found


_READ = {
    "string": ("GET",),
    "hash": ("HGETALL",),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "-", "+"),
}


def _text(value: object) -> str:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else repr(value)
