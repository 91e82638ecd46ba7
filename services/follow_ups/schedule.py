"""When an account is looked at after a reset: soon and often, then once a day."""

import math
from datetime import UTC, datetime, timedelta

FIRST_DAY = (
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)
"""Looks of the first day, counted from the reset. From then on it is one a day."""

STEP = 15
"""Seconds to which looks are rounded, so that people share a round and its requests."""


WHILE_FAILING = timedelta(minutes=15)
"""Between two looks of the first day while something fails: it may lock the user."""


def next_look(
    began_at: datetime, *, after: datetime, days: int, failing: bool = False
) -> datetime | None:
    """Find the first look later than `after`; None once the last one is behind.

    A look that was missed isn't made up for: one look reads everything since the one before.

    Args:
        began_at: when the reset took effect.
        after: when the account was looked at.
        days: for how many days it is followed, at least 1; the last look is at their end.
        failing: an integration fails.
    """
    daily = (timedelta(days=day) for day in range(2, days + 1))
    moments = (bucket(began_at + offset) for offset in (*FIRST_DAY, *daily))
    planned = next((moment for moment in moments if moment > after), None)
    if planned is None or not failing or after >= began_at + FIRST_DAY[-1]:
        return planned
    return min(planned, bucket(after + WHILE_FAILING))


def bucket(at: datetime) -> datetime:
    """Round up to a multiple of `STEP`."""
    return datetime.fromtimestamp(math.ceil(at.timestamp() / STEP) * STEP, UTC)
