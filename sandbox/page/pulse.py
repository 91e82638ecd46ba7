"""Wakes every window whenever there may be something new to see."""

from __future__ import annotations

import asyncio


class Pulse:
    """Beats, which are counted: one that comes while nobody waits isn't missed."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        """Wake all who wait."""
        self._count += 1
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def after(self, seen: int) -> int:
        """Return the number of the newest beat, once it is later than the one seen."""
        while self._count == seen:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            await waiting
        return self._count
