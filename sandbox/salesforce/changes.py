"""Waiting for something to change in the org, instead of sleeping and looking again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """Wakes whoever waits, at every change. Belongs to the event loop that it is waited on in."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def announce(self) -> None:
        """Wake all who wait, so that they look again."""
        for event in self._waiting:
            event.set()

    async def until(self, holds: Callable[[], object], timeout_seconds: float) -> None:
        """Return once `holds()` is true; raise `TimeoutError` after that many seconds."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout_seconds):
                while not holds():
                    await event.wait()
                    event.clear()
        finally:
            self._waiting.discard(event)
