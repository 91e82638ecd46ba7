"""Logins put together into integrations, and counted.

An integration is an application, an API type, a client version and a way of logging in. API
versions don't part them: a program that moves to a newer one is still the same program.

Where more logins were there than could be read one by one, Salesforce's own counts fill the gaps.
They tell the type of a login but not its subtype, address or outcome. So the rest of a count is
put with its rows only where the type alone tells how those logged in; otherwise it stays apart.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.impact.judge import WITH_SUBTYPE, Family, family_of, way_without_subtype
from services.impact.logins import (
    has_failed,
    is_made_by_us,
    is_own,
    name_of,
    text_of,
    way_of_login,
)
from services.impact.model import Way
from services.salesforce.records import AccountReading, Login, LoginGroup


class Kind(NamedTuple):
    """What makes an integration one: logins that share all four."""

    application: str
    api_type: str | None
    client_version: str | None
    way: Way


@dataclass
class Tally:
    """What was counted of one integration."""

    last: datetime
    """The newest attempt, or a moment before which it lies."""
    logins: int = 0
    read: int = 0
    """Those of the logins that were read one by one."""
    failures: int = 0
    at_least: bool = False
    is_flow_unread: bool = False
    """Some were only counted, and a subtype may have said how they logged in."""
    addresses: dict[str, datetime] = field(default_factory=dict)
    """Each with its newest login."""


def group(
    reading: AccountReading, rows: Sequence[Login], own_apps: Collection[str] = ()
) -> dict[Kind, Tally]:
    """Put an account's logins together, without those that this program made itself.

    Args:
        reading: What was read; its counts are looked at only where its rows were cut.
        rows: The rows of the reading, newest first.
        own_apps: The applications with which this program itself logs in.
    """
    seen: defaultdict[_Counted, list[Login]] = defaultdict(list)
    ours: set[_Counted] = set()
    for row in rows:
        if is_made_by_us(row, own_apps):
            ours.add(_counted(row))
        else:
            seen[_counted(row)].append(row)
    counts = _counts(reading.groups or (), own_apps, ours) if reading.logins_cut else {}
    oldest = rows[-1].time if rows else reading.read_at
    tallies: dict[Kind, Tally] = {}
    for counted, its_rows in seen.items():
        is_uncounted = reading.logins_cut and counted not in counts
        for row in its_rows:
            _add_row(tallies, counted, row, at_least=is_uncounted)
    for counted, count in counts.items():
        _add_rest(tallies, counted, count, seen.get(counted, ()), oldest)
    return tallies


class _Counted(NamedTuple):
    # What Salesforce's own counts tell apart. A type may come as its value here and as its label
    # there, so `family` has what it means, and `login_type` only a type that isn't known.
    application: str
    api_type: str | None
    client_version: str | None
    family: Family | None
    login_type: str | None

    @property
    def way(self) -> Way:
        """How these log in, where the type tells that without a subtype. OAuth's doesn't."""
        if self.family in _OAUTH:
            return Way.UNKNOWN
        return way_without_subtype(self.family, self.api_type)


class _Count(NamedTuple):
    logins: int
    last: datetime


_OAUTH = frozenset({Family.OAUTH_1, Family.OAUTH_2})


def _counted(one: Login | LoginGroup) -> _Counted:
    family = family_of(one.login_type)
    return _Counted(
        name_of(one.application),
        text_of(one.api_type),
        text_of(one.client_version),
        family,
        None if family else (text_of(one.login_type) or "").casefold(),
    )


def _counts(
    groups: Iterable[LoginGroup], own_apps: Collection[str], ours: Collection[_Counted]
) -> dict[_Counted, _Count]:
    counts: dict[_Counted, _Count] = {}
    for one in groups:
        counted = _counted(one)
        # A count that may hold this program's own logins tells nothing about the others.
        if is_own(one.application, own_apps) and (counted in ours or counted.family in _OAUTH):
            continue
        before = counts.get(counted, _Count(0, one.last))
        counts[counted] = _Count(before.logins + one.logins, max(before.last, one.last))
    return counts


def _add_row(tallies: dict[Kind, Tally], counted: _Counted, row: Login, *, at_least: bool) -> None:
    tally = _tally(tallies, counted, way_of_login(row), row.time)
    tally.logins += 1
    tally.read += 1
    tally.failures += has_failed(row)
    tally.at_least |= at_least
    if ip := text_of(row.source_ip):
        tally.addresses[ip] = max(row.time, tally.addresses.get(ip, row.time))


def _add_rest(
    tallies: dict[Kind, Tally],
    counted: _Counted,
    count: _Count,
    rows: Sequence[Login],
    oldest: datetime,
) -> None:
    """Add those of a count that weren't read one by one."""
    rest = count.logins - len(rows)
    if rest <= 0:
        return
    told = {way_of_login(row) for row in rows} <= {counted.way}
    last = count.last
    if rows and last <= rows[0].time:
        # The newest was read, and of the rest only that it is older than what was read is known.
        last = min(last, oldest)
    tally = _tally(tallies, counted, counted.way if told else Way.UNKNOWN, last)
    tally.logins += rest
    tally.is_flow_unread |= not told or (
        counted.way is Way.UNKNOWN and counted.family in WITH_SUBTYPE
    )


def _tally(tallies: dict[Kind, Tally], counted: _Counted, way: Way, last: datetime) -> Tally:
    kind = Kind(counted.application, counted.api_type, counted.client_version, way)
    tally = tallies.setdefault(kind, Tally(last))
    tally.last = max(tally.last, last)
    return tally
