"""Notices where the machine stood still for so long that a worker which lives passes for dead.

Where workers are killed, a hold is let go, and a job given to another worker, after one second. A
machine that stops for that long in the middle of a story does what no kill did.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from valkey.asyncio import Valkey

LOOKS_EVERY = 0.05
"""Seconds between two looks."""

TOO_LONG = 0.5
"""Seconds that are missing between two looks: a hold of a second is renewed in a third of it."""

TOO_LONG_FOR_MANY = 1.0
"""The same where nobody dies, and many stories are told at once: a listener has little more."""


class StoodStillError(Exception):
    """What went wrong may be the machine's doing."""


@contextlib.asynccontextmanager
async def telling_apart(url: str, too_long: float = TOO_LONG) -> AsyncIterator[None]:
    """Look meanwhile how late this process and its Redis are.

    Raises:
        StoodStillError: it went wrong, and they had been too late.
    """
    late = 0.0
    over = asyncio.Event()

    async def look() -> None:
        nonlocal late
        async with Valkey.from_url(url) as redis:
            # Told rather than cancelled: its client may swallow a cancellation in Python 3.11.
            while not over.is_set():
                before = time.monotonic()
                await asyncio.sleep(LOOKS_EVERY)
                await redis.ping()
                late = max(late, time.monotonic() - before - LOOKS_EVERY)

    looking = asyncio.create_task(look())
    try:
        yield
    except Exception as error:
        if late > too_long:
            raise StoodStillError(f"for {late:.2f} seconds") from error
        raise
    finally:
        over.set()
        await looking
