"""`python -m bot …` as it is, or with shorter times: `python -m tests.faults.process all`.

Redelivery comes soon, and running jobs get a part of that as in the real one, so that a test of
what goes on elsewhere needn't wait for 15 seconds.
"""

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

from bot import cli, wiring_worker
from services.jobs import queue
from tests.scenario.world import World

REDELIVERY = timedelta(seconds=3)
DRAIN = timedelta(seconds=2)
STARTED_WITHIN = 60


@contextlib.asynccontextmanager
async def process(
    world: World, role: str, *, port: int = 0, module: str = __name__
) -> AsyncIterator[Process]:
    """Run `web`, `worker` or `all`, killed at the end if it hasn't ended by itself."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        role,
        env={**os.environ, **world.environ, "LOG_LEVEL": "ERROR", "PORT": str(port)},
    )
    try:
        if port:
            await _answers(child, port)
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def stopped(child: Process) -> float:
    """Ask it to stop as a platform does; return after how many seconds it had ended, by itself."""
    start = time.monotonic()
    child.terminate()
    assert await child.wait() == 0
    return time.monotonic() - start


async def _answers(child: Process, port: int) -> None:
    async with asyncio.timeout(STARTED_WITHIN):
        while True:
            assert child.returncode is None
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)  # it tells nobody


if __name__ == "__main__":
    queue.DRAIN = DRAIN  # type: ignore[misc]  # final for everybody else
    wiring_worker.build_worker = partial(wiring_worker.build_worker, redelivery=REDELIVERY)
    cli.cli()
