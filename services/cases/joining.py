"""One case an account: a report joins the one that is open, or is told apart by account."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.cases.model import MOST_VOICES, Case, Report, Target
from services.cases.reporting import EVERY, NEW_CASE_JOBS
from services.cases.states import CaseMove, CaseState
from services.clock import Clock
from services.store import keys
from services.store.case_changes import CaseChange, QueueOp
from services.store.cases import CaseStore
from services.store.changes import Job, JobName, Put
from services.store.errors import KnownError, StaleError

_REMEMBERED = int(timedelta(days=30).total_seconds() * 1000)
"""Milliseconds: longer than any report waits to be marked as joined."""

_JOINABLE = frozenset({CaseState.AWAITING_APPROVAL, CaseState.APPROVED})


async def merge(store: CaseStore, case: Case, target: Target, other_id: str, clock: Clock) -> None:
    """Add this report's voices to the open case of the same account.

    Args:
        store: where they are saved.
        case: the report, with what Slack says of whose account it is.
        target: the account.
        other_id: the open case.
        clock: tells the time.

    Raises:
        StaleError: it has moved meanwhile; what is there now decides.
    """
    other = await store.get(other_id)
    while other is not None and case.id not in {one.id for one in other.reports}:
        if other.state not in _JOINABLE:  # decided meanwhile, so its claim on the account is void
            raise StaleError("decided")
        try:
            await store.move(other, _joined(other, case, target, clock()))
            break
        except StaleError:
            other = await store.get(other_id)
    await _merge(store, case, target, other_id, clock())


async def finish_merge(store: CaseStore, case: Case, clock: Clock) -> bool:
    """Mark a report that has joined another one, where whoever did so died in between.

    Returns:
        Whether it had. The case that it joined may have been decided meanwhile.
    """
    other_id = await store.joined(case.id)
    other = await store.get(other_id) if other_id else None
    if other is None or other.target is None:
        return False
    known = case.model_copy(update={"suspect": case.suspect or other.suspect})
    await _merge(store, known, other.target, other.id, clock())
    return True


async def _merge(
    store: CaseStore, case: Case, target: Target, other_id: str, now: datetime
) -> None:
    after = case.model_copy(update={"merged_into": other_id, "target": target, "org": target.org})
    await store.move(
        case,
        CaseChange(
            CaseMove.MERGE,
            after,
            now,
            detail=other_id,
            jobs=(
                Job(JobName.TELL_REPORTERS, case.id),
                Job(JobName.SHOW_CARD, case.id),
                Job(JobName.SHOW_SUMMARY, EVERY),
            ),
            alerts_taken_over=case.resets,
            preparing=QueueOp.LEAVE,
            card=QueueOp.LEAVE,
        ),
    )


async def report_others(
    store: CaseStore, case: Case, others: Sequence[tuple[str, str | None]], now: datetime
) -> None:
    """Report each further Salesforce user of the same person; again changes nothing.

    Args:
        store: where they are saved.
        case: the one that was found first.
        others: orgs, and the user's id there; as in `case` for an org that couldn't be read yet.
        now: the time.
    """
    for org, asked_for in others:
        name = f"{case.id}:{org}:{asked_for or ''}"
        other_id = hashlib.sha256(name.encode()).hexdigest()[:32]
        report = case.origin.model_copy(update={"id": other_id})
        other = Case(
            id=other_id,
            kind=case.kind,
            created_at=case.created_at,
            org=org,
            asked_for=asked_for,
            suspect=case.suspect,
            slack_suspected=case.slack_suspected,
            owner=case.owner,
            reports=(report,),
            beside=case.beside,
        )
        try:
            await store.move(
                None,
                CaseChange(
                    CaseMove.REPORT,
                    other,
                    now,
                    actor=report.reporter,
                    why=report.source,
                    detail=f"with:{case.id}",
                    jobs=NEW_CASE_JOBS,
                    preparing=QueueOp.JOIN,
                ),
            )
        except KnownError:
            continue


def _joined(other: Case, case: Case, target: Target, now: datetime) -> CaseChange:
    """Let a case's voices join another one."""
    voices: tuple[Report, ...] = (*other.reports, *case.reports)
    kept = (voices[0], *voices[1:][-(MOST_VOICES - 1) :])
    after = other.model_copy(
        update={
            "reports": kept,
            "more_reports": other.more_reports + case.more_reports + len(voices) - len(kept),
            "more_reporters": _beyond(kept, other.reporters | case.reporters),
            "slack_suspected": other.slack_suspected or case.slack_suspected,
            "misnamed": other.misnamed or case.misnamed,
            **_known_better(other, case, target),
        }
    )
    return CaseChange(
        CaseMove.JOIN,
        after,
        now,
        actor=case.origin.reporter,
        detail=case.id,
        jobs=(Job(JobName.SHOW_CARD, other.id),),
        puts=(Put(keys.joined(case.id), other.id, _REMEMBERED),),
    )


def _known_better(other: Case, case: Case, target: Target) -> dict[str, object]:
    """Take over whose account it is, where the open case doesn't know and this report proves it."""
    is_proven = case.suspect is not None and target.address_differs is not None
    if other.suspect is not None or other.target is None or not is_proven:
        return {}
    moved = other.target.address != target.address  # since the card was written
    differs = moved or target.address_differs
    return {
        "suspect": case.suspect,
        "slack_fact": case.slack_fact,
        "target": other.target.model_copy(update={"address_differs": differs}),
    }


def _beyond(kept: tuple[Report, ...], reporters: frozenset[str]) -> tuple[str, ...]:
    """Name whoever reported it and has no voice among those that are kept."""
    return tuple(sorted(reporters - {one.reporter.user_id for one in kept if one.reporter}))
