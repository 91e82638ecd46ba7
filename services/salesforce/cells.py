"""Read one cell of a row, tolerantly: what makes no sense is None, and texts have an end."""

from datetime import UTC, datetime

from services.salesforce.rows import Row

# No count of Salesforce's is larger; Python's own integers have no end.
_MOST = 10**9


def text(row: Row, field: str, longest: int) -> str | None:
    """The text in a field, cut to `longest` characters; None for an empty one."""
    value = row.get(field)
    if not isinstance(value, str):
        return None
    # JSON can hold half a surrogate pair, which nothing can store or send.
    return value.strip()[:longest].encode("utf-8", "replace").decode() or None


def count(value: object) -> int | None:
    """A count, from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        return None
    return value


def moment(value: object) -> datetime | None:
    """A moment, in UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        # Salesforce answers in UTC.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
