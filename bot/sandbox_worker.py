"""The sandbox's worker: a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_PROJECT = Path(__file__).parents[1]


class WorkerProcess:
    """`python -m bot worker`, with its settings in the environment."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._environ = {**os.environ, **settings}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, unless it lives."""
        if self.is_running:
            return
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "worker", cwd=_PROJECT, env=self._environ
        )

    async def kill(self) -> None:
        """End it at once, without a chance to finish anything (`kill -9`)."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


@contextlib.asynccontextmanager
async def working_apart(settings: Mapping[str, str]) -> AsyncIterator[WorkerProcess]:
    """Run a worker in a process of its own meanwhile. What it hasn't finished then is lost."""
    worker = WorkerProcess(settings)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.kill()
