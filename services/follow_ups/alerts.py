"""What is worth a new message: a failing program, once a day, and a lock, at once."""

from datetime import datetime, timedelta

from services.follow_ups.model import Alert, AlertKind, FollowUp, Item, ItemState
from services.impact.model import Way

PAUSE = timedelta(hours=24) - timedelta(minutes=1)
"""Between two messages about failing programs. What happens meanwhile is in the checklist.

A moment less than a day: the daily looks aren't a day apart to the second, and one that comes a
moment early mustn't keep silent until the next.
"""


def with_failing(follow_up: FollowUp, now: datetime) -> FollowUp:
    """Add an alert where a program failed since the last message, unless `PAUSE` is running.

    While the user is locked out there is none: the message about the lock names what fails. What
    fails after it is told once the lock is gone.
    """
    if follow_up.locked_since is not None:
        return follow_up
    told = [alert.at for alert in follow_up.alerts if alert.kind is AlertKind.FAILING]
    if told and now - max(told) < PAUSE:
        return follow_up
    last = max((alert.at for alert in follow_up.alerts), default=None)
    if any(_failed_since(item, last) for item in follow_up.items):
        return alerted(follow_up, AlertKind.FAILING, now)
    return follow_up


def alerted(follow_up: FollowUp, kind: AlertKind, now: datetime) -> FollowUp:
    """Add an alert."""
    alert = Alert(number=len(follow_up.alerts) + 1, kind=kind, at=now)
    return follow_up.model_copy(update={"alerts": (*follow_up.alerts, alert)})


def _failed_since(item: Item, last: datetime | None) -> bool:
    """People who mistype in the browser see it there; it isn't worth a message."""
    return (
        item.state is ItemState.FAILS
        and item.way is not Way.BROWSER
        and any(last is None or one.last_at > last for one in item.failing)
    )
