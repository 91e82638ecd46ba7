"""Processes of the bot's own to be killed, forked from one that has everything imported."""

import asyncio
import functools
import multiprocessing
import os
import signal
import threading
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot import logs, processes
from bot.settings import Role, Settings
from bot.wiring_worker import build_worker
from handlers import breach_card, containment
from services.cases import preparation
from services.store import follow_ups, line
from tests.own_keys import parse_keys_by

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])  # what a process imports takes longer than all else

_ONE_AT_A_TIME = threading.Lock()
"""Starting a process looks at all others that were started: two threads mustn't both read how one
of them ended."""

SOON = timedelta(seconds=1)
"""When the work of a worker that died goes to another one."""


def start_worker(environ: dict[str, str]) -> ForkServerProcess:
    """Start a worker, with its settings in the environment."""
    child = _PROCESSES.Process(target=_work, args=(environ | {"LOG_LEVEL": "CRITICAL"},))
    with _ONE_AT_A_TIME:
        child.start()
    return child


def bury(child: ForkServerProcess) -> None:
    """Kill a process, and wait until it is gone.

    Raises:
        AssertionError: it had ended by itself, which none ever does.
    """
    with _ONE_AT_A_TIME:
        child.kill()
        child.join()
        ended = child.exitcode
        child.close()
    assert ended == -signal.SIGKILL, ended


def start_web(environ: dict[str, str]) -> tuple[ForkServerProcess, int]:
    """Start a web process; returns it and its port, once it listens."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    settings = environ | {"LOG_LEVEL": "CRITICAL", "PORT": "0"}
    child = _PROCESSES.Process(target=_answer, args=(settings, theirs))
    with _ONE_AT_A_TIME:
        child.start()
    theirs.close()
    with ours:
        return child, int(ours.recv())


def _answer(environ: dict[str, str], port: Connection) -> None:
    asyncio.run(_web(environ, port))


async def _web(environ: dict[str, str], port: Connection) -> None:
    settings = Settings.load(environ, role=Role.WEB)
    logs.configure(settings.log_level, "json")
    serving = processes.answering(settings, environ["REDIS_URL"], host="127.0.0.1")
    async with serving as listening:
        port.send(listening)
        await asyncio.Event().wait()


def _work(environ: dict[str, str]) -> None:
    os.environ.update(environ)
    # The process is new each time, so a check would be remembered for nobody.
    parse_keys_by(functools.partial(load_pem_private_key, unsafe_skip_rsa_key_validation=True))
    containment.GAP = timedelta(milliseconds=50)
    breach_card.LEASE = preparation.LEASE = follow_ups.ROUND_HELD_FOR = line.ASKS_FOR = SOON
    asyncio.run(_worker())


async def _worker() -> None:
    settings = Settings.load(dict(os.environ), role=Role.WORKER)
    logs.configure(settings.log_level, "json")
    worker = build_worker(settings, os.environ["REDIS_URL"], redelivery=SOON)
    await worker.run()
