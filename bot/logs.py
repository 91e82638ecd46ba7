"""One log for the whole program, JSON or console, in which no secret and no foreign text stands."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Literal

import structlog

from bot.log_cleaning import clean, describe_exceptions, escape_controls

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

    from structlog.typing import Processor

# Below WARNING, only these may speak. Bolt, Slack's SDK, aiohttp, urllib3, httpx and zeep log
# tokens, signatures and whole bodies there; and Bolt gives its loggers a level of their own, so
# that no level set from outside holds them.
TRUSTED_LOGGERS = ("__main__", "bot", "handlers", "services", "sandbox", "docket", "uvicorn.error")


class _Handler(logging.StreamHandler["TextIO"]):
    """The program's own, so that setting up again replaces it and no other."""


def configure(
    level: str, log_format: Literal["json", "console"] | None = None, stream: TextIO | None = None
) -> None:
    """Send the logs of structlog and of the standard library to `stream` (standard error).

    Without a format it is the console's on a terminal, else JSON.
    """
    stream = stream or sys.stderr
    console = log_format == "console" or (log_format is None and stream.isatty())
    handler = _Handler(stream)
    handler.addFilter(_is_trusted)
    handler.addFilter(_is_news)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared_processors(),
            processors=[
                describe_exceptions,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                clean,
                *_renderers(console=console, colours=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _Handler)]
    root.addHandler(handler)
    root.setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _log_uncaught


def catch_all() -> None:
    """Log what nobody catches in a thread or a finalizer too, from the program's first moment.

    For a process of its own: whoever else watches these, such as a test runner, no longer does.
    """
    configure("WARNING")
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable


def _shared_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderers(*, console: bool, colours: bool) -> list[Processor]:
    if console:
        return [escape_controls, structlog.dev.ConsoleRenderer(colors=colours)]
    return [structlog.processors.JSONRenderer()]


def _is_trusted(record: logging.LogRecord) -> bool:
    if record.levelno >= logging.WARNING:
        return True
    return any(
        record.name == name or record.name.startswith(f"{name}.") for name in TRUSTED_LOGGERS
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Docket logs it as an error, with a traceback, when a job asks to be run again later."""
    kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
    return kind is None or kind.__name__ != "ForcedRetry"


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log what nobody caught, without its text; a Ctrl-C is left to Python.

    Without what was being handled when it came: Python would print the text of that too.
    """
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, kind(), None)
        return
    structlog.get_logger("bot").critical("stopped by an error", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is not None:
        trouble = (caught.exc_type, caught.exc_value, caught.exc_traceback)
        structlog.get_logger("bot").error("a thread stopped by an error", exc_info=trouble)


def _log_unraisable(caught: sys.UnraisableHookArgs) -> None:
    """Log an error that can't be raised, such as in a destructor; what it was in may hold text."""
    if caught.exc_value is not None:
        trouble = (caught.exc_type, caught.exc_value, caught.exc_traceback)
        structlog.get_logger("bot").error("an error that nobody could catch", exc_info=trouble)
