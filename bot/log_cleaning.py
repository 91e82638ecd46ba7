"""What happens to a log entry before it is written: exceptions without their text, no secrets."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from bot.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict, WrappedLogger

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = frozenset({"bot", "handlers", "services", "sandbox"})
LONGEST_CHAIN = 5


def describe_exceptions(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the exceptions' types, our own codes and our own frames.

    An exception's text may hold a URL, a body or a token, so it is left out; what a foreign
    logger has put of it into its message is taken out again.
    """
    if not event.get("_from_structlog", True):
        # The lines after the first are dumps: of a task, a request, a traceback.
        event["event"] = str(event["event"]).partition("\n")[0]
    error = _exception(event.pop("exc_info", None))
    if error is None:
        return event
    chain = list(_chain(error))
    for one in chain:
        if text := str(one):
            event["event"] = str(event["event"]).replace(text.partition("\n")[0], _name(one))
    event["error"] = [_described(one) for one in chain]
    event["where"] = list(_own_frames(error))
    return event


def clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact what has the shape of a secret, in every value at any depth."""
    return {name: _cleaned(value) for name, value in event.items()}


def escape_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Escape what could forge or hide a line on a terminal."""
    return {name: _escaped(value) for name, value in event.items()}


def _exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exception() if exc_info else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what led to it, a group's members included."""
    waiting = [error]
    for _ in range(LONGEST_CHAIN):
        if not waiting:
            return
        one = waiting.pop(0)
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        led_by = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        waiting += [led_by] if led_by else []


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _described(error: BaseException) -> str:
    """Return the type's name; with its code, if the exception is one of ours."""
    code = getattr(error, "code", None)
    ours = type(error).__module__.partition(".")[0] in PACKAGES
    return f"{_name(error)}({code})" if ours and isinstance(code, str) else _name(error)


def _own_frames(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(PROJECT) and path.relative_to(PROJECT).parts[0] in PACKAGES:
            yield f"{path.relative_to(PROJECT)}:{frame.lineno} in {frame.name}"


def _cleaned(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value)
        case dict():
            return {redact(str(key)): _cleaned(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(inner) for inner in value]
        case BaseException():
            return _name(value)
        case _:
            return redact(str(value))


def _escaped(value: object) -> object:
    match value:
        case str():
            return "".join(
                letter if letter.isprintable() else letter.encode("unicode_escape").decode()
                for letter in value
            )
        case dict():
            return {str(_escaped(str(key))): _escaped(inner) for key, inner in value.items()}
        case list():
            return [_escaped(inner) for inner in value]
        case _:
            return value
