"""Salesforce record ids: a 3-letter prefix for the kind, 15 case-sensitive characters, or 18."""

from __future__ import annotations

import re
import string
from functools import lru_cache

_CHECK = string.ascii_uppercase + "012345"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


@lru_cache(maxsize=100_000)  # a seeded org has thousands, and the next one the same
def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`th record of a kind."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return with_check(f"{prefix}5g{digits.rjust(15 - len(prefix) - 2, '0')}")


def with_check(short: str) -> str:
    """A 15-character id as 18: each of the last three letters tells which of five are capitals."""
    return short + "".join(_check(short[start : start + 5]) for start in (0, 5, 10))


@lru_cache(maxsize=100_000)  # ids begin alike
def _check(five: str) -> str:
    return _CHECK[sum(1 << i for i, c in enumerate(five) if c.isupper())]


def canonical(record_id: str) -> str | None:
    """The 18-character form, or `None` when this is no id."""
    if not _ID.fullmatch(record_id):
        return None
    full = with_check(record_id[:15])
    # Someone who changed the case of an id changed which record it names.
    return full if record_id in (full, full[:15]) else None
