"""What is worth a new message: a failing program, once a day, and a lock, at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.follow_ups.model import Alert, AlertKind, FollowUp, Item, ItemState
from services.impact.model import Way
from services.salesforce.records import AccountLock, Login

PAUSE = timedelta(hours=23)
"""Between two messages about failing programs. What happens meanwhile is in the checklist.

Less than a day: the daily looks aren't a day apart to the second, and one that comes a moment
early mustn't keep silent until the next.
"""


def with_lock(
    follow_up: FollowUp, lock: AccountLock | None, now: datetime, *, met: Sequence[Login] = ()
) -> FollowUp:
    """Take over whether the account is locked; a lock that is new is told.

    The age of a lock is Salesforce's own where it gives a time: that is inferred
    (`AccountLock.changed_at`).

    Args:
        follow_up: what is known so far.
        lock: None where it can't be read; then logins that met a lock tell of one.
        now: when it was read.
        met: new logins that failed because the user was locked out.
    """
    if lock is None and met:
        since = min(*(one.time for one in met), now)
        lock = AccountLock(is_frozen=False, is_password_locked=True, changed_at=since)
    if lock is None:
        return follow_up
    if not lock.is_password_locked:
        return follow_up.model_copy(update={"locked_since": None})
    if follow_up.locked_since is not None:
        return follow_up
    since = min(lock.changed_at or now, now)
    return _alerted(follow_up.model_copy(update={"locked_since": since}), AlertKind.LOCKED, now)


def with_failing(follow_up: FollowUp, now: datetime) -> FollowUp:
    """Add an alert where a program failed since the last one, and that is `PAUSE` ago."""
    told = [alert.at for alert in follow_up.alerts if alert.kind is AlertKind.FAILING]
    last = max(told, default=None)
    if last is not None and now - last < PAUSE:
        return follow_up
    if any(_failed_since(item, last) for item in follow_up.items):
        return _alerted(follow_up, AlertKind.FAILING, now)
    return follow_up


def _failed_since(item: Item, last: datetime | None) -> bool:
    """People who mistype in the browser see it there; it isn't worth a message."""
    return (
        item.state is ItemState.FAILS
        and item.way is not Way.BROWSER
        and any(last is None or one.last_at > last for one in item.failing)
    )


def _alerted(follow_up: FollowUp, kind: AlertKind, now: datetime) -> FollowUp:
    alert = Alert(number=len(follow_up.alerts) + 1, kind=kind, at=now)
    return follow_up.model_copy(update={"alerts": (*follow_up.alerts, alert)})
