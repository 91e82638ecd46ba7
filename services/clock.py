"""The one source of the time. Deadlines are stored data compared with it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, in UTC, with its zone."""
    return datetime.now(UTC)


def milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(at.timestamp() * 1000)


def from_milliseconds(value: int) -> datetime:
    """Read what `milliseconds` wrote."""
    return datetime.fromtimestamp(value / 1000, UTC)
