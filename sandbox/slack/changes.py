"""Wait for something to become true in the workspace, woken by every change and never polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Changes:
    """Wakes those who wait whenever anything in the workspace changes."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def happened(self) -> None:
        """Wake everyone who waits."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def until(self, predicate: Callable[[], T | None], timeout: float) -> T:  # noqa: ASYNC109
        """Return the predicate's first true value; raise `TimeoutError` after `timeout` seconds.

        The time-out is an argument because callers want the message it leads to, not a scope.
        """
        async with asyncio.timeout(timeout):
            while not (value := predicate()):
                waiting = asyncio.get_running_loop().create_future()
                self._waiting.add(waiting)
                await waiting
            return value
