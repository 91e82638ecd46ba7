"""Logins put together into integrations, and counted.

An integration is an application, an API type, a client version and a way of logging in. API
versions don't part them: a program that moves to a newer one is still the same program.

Where more logins were there than could be read one by one, Salesforce's own counts fill the gaps.
They tell the type of a login but not its subtype, so they can't always tell the way.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.impact.judge import way_of
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
    logins: int = 0
    failures: int = 0
    at_least: bool = False
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
    seen: defaultdict[_Counted, defaultdict[Way, list[Login]]]
    seen = defaultdict(lambda: defaultdict(list))
    ours: set[_Counted] = set()
    for row in rows:
        if is_made_by_us(row, own_apps):
            ours.add(_counted(row))
        else:
            seen[_counted(row)][way_of_login(row)].append(row)
    counts = _counts(reading.groups or (), own_apps, ours) if reading.logins_cut else {}
    tallies: dict[Kind, Tally] = {}
    for counted, ways in seen.items():
        _add_rows(tallies, counted, ways, counts.pop(counted, None), cut=reading.logins_cut)
    for counted, count in counts.items():
        _add_unread(tallies, counted, count)
    return tallies


class _Counted(NamedTuple):
    # What Salesforce's own counts tell apart; `sort` stands for the type of the login.
    application: str
    api_type: str | None
    client_version: str | None
    sort: str


class _Count(NamedTuple):
    logins: int
    last: datetime


_TELLING_SORTS = frozenset(Way) - {Way.OAUTH_UNNAMED, Way.UNKNOWN}
"""Types that tell the way without a subtype. OAuth doesn't."""


def _counted(one: Login | LoginGroup) -> _Counted:
    way = way_of(one.login_type, None, one.api_type)
    return _Counted(
        name_of(one.application),
        text_of(one.api_type),
        text_of(one.client_version),
        # A type may come as its value here and as its label there, so what it means is taken.
        f"type {(one.login_type or '').strip().casefold()}" if way is Way.UNKNOWN else way.value,
    )


def _counts(
    groups: Iterable[LoginGroup], own_apps: Collection[str], ours: Collection[_Counted]
) -> dict[_Counted, _Count]:
    counts: dict[_Counted, _Count] = {}
    for one in groups:
        counted = _counted(one)
        # A count that may hold this program's own logins tells nothing about the others.
        if is_own(one.application, own_apps) and (
            counted in ours or counted.sort == Way.OAUTH_UNNAMED
        ):
            continue
        before = counts.get(counted, _Count(0, one.last))
        counts[counted] = _Count(before.logins + one.logins, max(before.last, one.last))
    return counts


def _add_rows(
    tallies: dict[Kind, Tally],
    counted: _Counted,
    ways: Mapping[Way, Sequence[Login]],
    count: _Count | None,
    *,
    cut: bool,
) -> None:
    for way, rows in ways.items():
        logins, last, at_least = len(rows), rows[0].time, cut
        if count is not None and len(ways) == 1:
            logins, last, at_least = max(logins, count.logins), max(last, count.last), False
        elif count is not None:
            # Nobody can say in which of the ways the unread ones were made.
            at_least = count.logins > sum(map(len, ways.values()))
        tally = _tally(tallies, counted, way, last)
        tally.logins += logins
        tally.at_least |= at_least
        tally.failures += sum(map(has_failed, rows))
        for row in rows:
            if ip := text_of(row.source_ip):
                tally.addresses[ip] = max(row.time, tally.addresses.get(ip, row.time))


def _add_unread(tallies: dict[Kind, Tally], counted: _Counted, count: _Count) -> None:
    way = Way(counted.sort) if counted.sort in _TELLING_SORTS else Way.UNKNOWN
    _tally(tallies, counted, way, count.last).logins += count.logins


def _tally(tallies: dict[Kind, Tally], counted: _Counted, way: Way, last: datetime) -> Tally:
    kind = Kind(counted.application, counted.api_type, counted.client_version, way)
    tally = tallies.setdefault(kind, Tally(last))
    tally.last = max(tally.last, last)
    return tally
