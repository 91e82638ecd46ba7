"""Processes of the bot's own to be killed, forked from one that has everything imported."""

import asyncio
import multiprocessing
import os
from datetime import timedelta
from multiprocessing.context import ForkServerProcess

from bot import logs
from bot.settings import Role, Settings
from bot.wiring_worker import build_worker
from handlers import breach_card, containment
from services.cases import preparation
from services.store import follow_ups

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])  # what a process imports takes longer than all else

SOON = timedelta(seconds=1)
"""When the work of a worker that died goes to another one."""


def start_worker(environ: dict[str, str]) -> ForkServerProcess:
    """Start a worker, with its settings in the environment."""
    child = _PROCESSES.Process(target=_work, args=(environ | {"LOG_LEVEL": "CRITICAL"},))
    child.start()
    return child


def _work(environ: dict[str, str]) -> None:
    os.environ.update(environ)
    containment.GAP = timedelta(milliseconds=50)
    breach_card.LEASE = preparation.LEASE = follow_ups.ROUND_HELD_FOR = SOON
    asyncio.run(_worker())


async def _worker() -> None:
    settings = Settings.load(dict(os.environ), role=Role.WORKER)
    logs.configure(settings.log_level, "json")
    worker = build_worker(settings, os.environ["REDIS_URL"], redelivery=SOON)
    await worker.run()
