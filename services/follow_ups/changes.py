"""What is written together with a change of a follow-up: jobs, the keys of buttons, the audit."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from services.audit import AuditRow
from services.follow_ups.model import AlertKind, FollowUp, ItemState
from services.follow_ups.outcomes import PUT_ASIDE
from services.follow_ups.schedule import bucket
from services.store import keys
from services.store.changes import Job, JobName, Put
from services.store.follow_ups import FollowUpChange

_TOLD = {AlertKind.FAILING: "integration_failing", AlertKind.LOCKED: "account_locked"}


def change_of(
    before: FollowUp | None,
    after: FollowUp,
    now: datetime,
    *,
    life: timedelta | None = None,
    rows: tuple[AuditRow, ...] = (),
) -> FollowUpChange:
    """Describe a change.

    Args:
        before: None for a new follow-up.
        after: what it becomes.
        now: when it is made; a look that is due by then needs no timer.
        life: for how long buttons of items that are new find their follow-up; None where a
            change brings no new ones.
        rows: audit rows of the caller's own, first.
    """
    known = {item.id for item in before.items} if before else set()
    return FollowUpChange(
        after,
        now,
        jobs=tuple(_jobs(before, after, now)),
        puts=tuple(_puts(after, known, life)) if life else (),
        rows=(*rows, *_rows(before, after, now)),
    )


def round_of(org: str, at: datetime) -> Job:
    """Ask for the round of an org's accounts in which `at` falls; one job, however often asked."""
    moment = bucket(at)
    return Job(JobName.FOLLOW_ROUND, f"{org}:{int(moment.timestamp())}", moment)


def audit_row(follow_up: FollowUp, what: str, now: datetime) -> AuditRow:
    """Begin a row about a follow-up: ids only, no name of a program."""
    return AuditRow(
        at=now,
        reset_id=follow_up.id,
        what=what,
        requester=follow_up.requester.user_id,
        org=follow_up.org,
        salesforce_user=follow_up.user_id,
    )


def _jobs(before: FollowUp | None, after: FollowUp, now: datetime) -> Iterator[Job]:
    # A new one is shown by whoever started it.
    if before and _as_shown(before.as_told) != _as_shown(after.as_told):
        yield Job(JobName.FOLLOW_SHOW, after.id)
    if after.next_at and after.next_at > now and (not before or before.next_at != after.next_at):
        yield round_of(after.org, after.next_at)


def _puts(after: FollowUp, known: Collection[str], life: timedelta) -> Iterator[Put]:
    milliseconds = int(life.total_seconds() * 1000)
    for item in after.items:
        if item.id not in known:
            yield Put(keys.follow_item(item.id), after.id, milliseconds)
            yield Put(keys.follow_item(item.dismiss_id), after.id, milliseconds)


def _as_shown(follow_up: FollowUp) -> FollowUp:
    """Leave aside what nobody sees, such as what was put aside, unless the user is locked out."""
    locked = follow_up.locked_since is not None
    items = tuple(
        item.model_copy(update={"failing": (), "more_failing": 0, "worked_at": None})
        if item.state in PUT_ASIDE and not locked
        else item
        for item in follow_up.items
    )
    hidden = {
        "version": 0,
        "round": 0,
        "next_at": None,
        "recent": (),
        "read_to": follow_up.began_at,
        "read_on": None,
        "items": items,
    }
    return follow_up.model_copy(update=hidden)


def _rows(before: FollowUp | None, after: FollowUp, now: datetime) -> Iterator[AuditRow]:
    if before is None:
        yield audit_row(after, "follow_up_started", now)
    for alert in after.alerts[len(before.alerts) if before else 0 :]:
        row = audit_row(after, _TOLD[alert.kind], now)
        if alert.kind is AlertKind.FAILING:
            failing = sum(item.state is ItemState.FAILS for item in after.items)
            row = row.model_copy(update={"detail": str(failing)})
        yield row
    if after.ended and not (before and before.ended):
        row = audit_row(after, "follow_up_ended", now)
        yield row.model_copy(update={"why": after.ended})
