"""How far an account's logins have been counted, and which of them may come again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.follow_ups.model import FollowUp
from services.salesforce.records import Login

LAG = timedelta(minutes=10)
"""How late a login may show up in `LoginHistory`; so much is read again each time (a guess).

It also makes up for a clock of the bot's that is ahead of Salesforce's.
"""

LAG_AT_FIRST = timedelta(minutes=2)
"""The same for the looks of the first hour: what they miss, the later ones read."""

AT_FIRST = timedelta(hours=1)

MOST_RECENT = 300
"""Ids kept of logins that are read again."""


def read_from(follow_up: FollowUp) -> datetime:
    """From when on its logins are to be read."""
    return follow_up.read_on or follow_up.read_to


def remembering(
    follow_up: FollowUp, logins: Sequence[Login], read_to: datetime, next_at: datetime | None
) -> FollowUp:
    """Move on to `read_to`, and keep the ids of what the next reading may bring again.

    Where those are more than can be kept, the next reading begins later instead, so that none is
    counted twice.

    Args:
        follow_up: in which `logins` are counted.
        logins: what was read, beginning with `read_from` or earlier.
        read_to: up to when.
        next_at: when the next reading is. None where this one goes on: then without a lag, or it
            would read the same again and again wherever that is all that a round can read.
    """
    lag = timedelta(0)
    if next_at is not None:
        lag = LAG if next_at - follow_up.began_at >= AT_FIRST else LAG_AT_FIRST
    # Of what lies before the reading that was just made, no ids are known any more.
    read_on = max(read_to - lag, read_from(follow_up))
    times = {row_id(one): one.time for one in logins}
    # Ids that this reading didn't bring may come again, unless the next one begins after them.
    passed = next_at is not None and read_on > follow_up.read_to
    kept = [] if passed else [key for key in follow_up.recent if key not in times]
    again = {key: at for key, at in times.items() if at >= read_on}
    newest, room = sorted(again.values(), reverse=True), MOST_RECENT - len(kept)
    if len(newest) > room:
        read_on = newest[room] + timedelta(milliseconds=1)
        again = {key: at for key, at in again.items() if at >= read_on}
    recent = (*sorted(again, key=lambda key: (again[key], key)), *kept)
    read_to = max(read_to, follow_up.read_to)
    return follow_up.model_copy(update={"read_to": read_to, "read_on": read_on, "recent": recent})


def row_id(login: Login) -> str:
    """Tell rows apart, those without an id too."""
    fields = (login.time, login.application, login.source_ip, login.status)
    return login.id or repr(tuple(map(str, fields)))[:200]
