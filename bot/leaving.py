"""Ends the process in time, whatever hangs: whoever asked it to stop kills it after a while."""

import os
import sys
import threading
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

AT_THE_LATEST = 23.0
"""Seconds from the signal. Heroku kills after 30."""


def at_the_latest() -> None:
    """Let the process end then, should something wait that nobody thought of."""
    timer = threading.Timer(AT_THE_LATEST, _give_up)
    timer.daemon = True
    timer.start()


def at_once() -> None:
    """End a process in which all is closed, unless Python itself does so without waiting.

    Python waits for threads. One that waits for an answer of Salesforce's does so for up to half a
    minute, and nobody is left to take the answer: the next worker finds the intent, and says that
    the outcome isn't known.
    """
    if any(one is not threading.main_thread() and not one.daemon for one in threading.enumerate()):
        _leave(0)


def _give_up() -> None:
    log.error("process.stopped_hard")
    _leave(1)


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
