"""How tests end what ran meanwhile."""

import asyncio
import contextlib


async def cancel(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait for its end.

    Raises:
        Exception: what it had ended by before.
    """
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
