"""Takes reports. Runs while Slack, or whoever sends an alert, waits for the answer."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cases.alerts import AlertReport, once_keys
from services.cases.model import AlertOrigin, Case, CaseKind, Report, Source, Urgency
from services.cases.policy import REPORTS_AN_HOUR
from services.cases.states import CaseMove
from services.cases.words import kept
from services.clock import Clock
from services.resets.model import Reset, SlackUser, new_id
from services.store import keys
from services.store.case_changes import CaseChange, QueueOp, Quota
from services.store.cases import CaseStore
from services.store.changes import Job, JobName
from services.store.errors import KnownError

EVERY = "all"
"""What the jobs that work through a queue are about."""

NEW_CASE_JOBS = (Job(JobName.PREPARE_CASES, EVERY), Job(JobName.SHOW_SUMMARY, EVERY))


@dataclass(frozen=True)
class Draft:
    """What a person in Slack says."""

    reporter: SlackUser
    source: Source
    reason: str
    kind: CaseKind = CaseKind.BREACH
    suspect: str | None = None
    """Slack user id."""
    username: str | None = None
    """Of a Salesforce user."""
    org: str | None = None
    seen: str | None = None
    urgency: Urgency = Urgency.HIGH
    slack_suspected: bool = False
    link: str | None = None
    owner: str | None = None


class Reporting:
    """Each method saves a case and the jobs that bring it before IT.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        """Read the clock that deadlines are compared with."""
        return self._clock()

    async def report(self, draft: Draft) -> Case:
        """Take a person's report, at most `REPORTS_AN_HOUR` of them.

        Raises:
            QuotaError: they have reported that often.
        """
        now = self._clock()
        case_id = new_id()
        report = Report(
            id=case_id,
            source=draft.source,
            reporter=draft.reporter,
            at=now,
            reason=kept(draft.reason),
            seen=kept(draft.seen) if draft.seen else None,
            urgency=draft.urgency,
            link=draft.link,
        )
        case = Case(
            id=case_id,
            kind=draft.kind,
            created_at=now,
            org=draft.org,
            asked_for=kept(draft.username) if draft.username else None,
            suspect=draft.suspect,
            slack_suspected=draft.slack_suspected,
            owner=draft.owner,
            reports=(report,),
        )
        quota = Quota(keys.reports_of(draft.reporter.user_id), REPORTS_AN_HOUR, timedelta(hours=1))
        return await self._store.move(None, _reported(case, now, quotas=(quota,)))

    async def alert(self, alert: AlertReport) -> tuple[str, bool]:
        """Take an alert that was signed; return the case's id, and whether it is a new one."""
        now = self._clock()
        case_id = new_id()
        report = Report(
            id=case_id,
            source=Source.ALERT,
            at=now,
            reason=kept(alert.reason),
            urgency=alert.severity,
            evidence=tuple(kept(line) for line in alert.evidence),
            alert=AlertOrigin(
                source=kept(alert.source),
                severity=alert.severity,
                secret=alert.secret,
                secrets=alert.secrets,
            ),
        )
        case = Case(
            id=case_id,
            created_at=now,
            org=alert.org,
            asked_for=kept(alert.user),
            reports=(report,),
        )
        try:
            await self._store.move(None, _reported(case, now, once=once_keys(alert)))
        except KnownError as known:
            return known.item_id, False
        return case_id, True

    async def not_me(self, reset: Reset) -> None:
        """Make a report of *This wasn't me*. Again for the same reset changes nothing."""
        account = reset.account
        case_id = hashlib.sha256(f"not_me:{reset.id}".encode()).hexdigest()[:32]
        report = Report(
            id=case_id,
            source=Source.NOT_ME,
            reporter=reset.requester,
            at=reset.not_me_at or self._clock(),
            reason="A reset was asked for from their Slack account, and they say it wasn't them.",
            urgency=Urgency.CRITICAL,
            reset_id=reset.id,
        )
        case = Case(
            id=case_id,
            created_at=report.at,
            org=account.org if account else reset.org,
            asked_for=account.user_id if account else None,
            suspect=reset.requester.user_id,
            slack_suspected=True,
            reports=(report,),
        )
        try:
            await self._store.move(None, _reported(case, self._clock()))
        except KnownError:
            return


def _reported(
    case: Case, now: datetime, *, once: tuple[str, ...] = (), quotas: tuple[Quota, ...] = ()
) -> CaseChange:
    return CaseChange(
        CaseMove.REPORT,
        case,
        now,
        actor=case.origin.reporter,
        why=case.origin.source,
        jobs=NEW_CASE_JOBS,
        once=once,
        quotas=quotas,
        preparing=QueueOp.JOIN,
    )
