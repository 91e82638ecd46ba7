"""Date literals: which days `LAST_N_DAYS:90` and its like stand for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.salesforce.soql.model import DateLiteral

SPANS = {
    "TODAY": False,
    "YESTERDAY": False,
    "LAST_90_DAYS": False,
    "LAST_N_DAYS": True,
    "N_DAYS_AGO": True,
}
"""The literals known here, and whether each takes a number of days."""

_DAY = timedelta(days=1)


def span(literal: DateLiteral, now: datetime) -> tuple[datetime, datetime]:
    """From when (inclusive) until when (exclusive) it lasts, in UTC."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match literal.name:
        case "TODAY":
            return today, today + _DAY
        case "YESTERDAY":
            return today - _DAY, today
        case "N_DAYS_AGO":
            start = today - _DAY * literal.days
            return start, start + _DAY
    days = 90 if literal.name == "LAST_90_DAYS" else literal.days
    return today - _DAY * days, today + _DAY
