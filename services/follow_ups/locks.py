"""Whether the account is locked: read, or learned from logins where it can't be read."""

from collections.abc import Sequence
from datetime import datetime

from services.follow_ups.alerts import alerted
from services.follow_ups.model import AlertKind, FollowUp
from services.impact.logins import WITH_PASSWORD, has_succeeded, met_a_lock, way_of_login
from services.salesforce.records import AccountLock, Login


def with_lock(
    follow_up: FollowUp, lock: AccountLock | None, now: datetime, *, new: Sequence[Login] = ()
) -> FollowUp:
    """Take over whether the account is locked; a lock that is new is told.

    The age of a lock is Salesforce's own where it gives a time: that is inferred
    (`AccountLock.changed_at`).

    Args:
        follow_up: what is known so far.
        lock: None where it can't be read; then logins tell of one, and of its end.
        now: when it was read.
        new: logins that weren't counted before. One of an earlier look tells of a lock that was
            told then, or that had been read as over.
    """
    if lock is None:
        return _learned(follow_up, new, now)
    if not lock.is_password_locked:
        return _unlocked(follow_up)
    return _locked(follow_up, min(lock.changed_at or now, now), now, inferred=False)


def _learned(follow_up: FollowUp, new: Sequence[Login], now: datetime) -> FollowUp:
    opened = [one.time for one in new if has_succeeded(one) and way_of_login(one) in WITH_PASSWORD]
    last = max(opened, default=None)
    met = [one.time for one in new if met_a_lock(one) and (last is None or one.time > last)]
    since = follow_up.locked_since
    if last is not None and since is not None and last > since:
        follow_up, since = _unlocked(follow_up), None
    if met:
        return _locked(follow_up, min(*met, now), now, inferred=True)
    return follow_up if since is None else _locked(follow_up, since, now, inferred=True)


def _unlocked(follow_up: FollowUp) -> FollowUp:
    return follow_up.model_copy(update={"locked_since": None, "lock_inferred": False})


def _locked(follow_up: FollowUp, since: datetime, now: datetime, *, inferred: bool) -> FollowUp:
    if follow_up.locked_since is not None:
        return follow_up.model_copy(update={"lock_inferred": inferred})
    locked = follow_up.model_copy(update={"locked_since": since, "lock_inferred": inferred})
    return alerted(locked, AlertKind.LOCKED, now)
