"""One row of the audit: who did what to which reset or case, when and why. Append-only."""

from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import BaseModel, ConfigDict

from services.cases.model import Case
from services.resets.model import Reset, SlackUser
from services.resets.policy import Answer
from services.resets.states import Move

if TYPE_CHECKING:
    from services.store.case_changes import CaseChange

log = structlog.get_logger(__name__)


class AuditRow(BaseModel):
    """Ids and codes only: no display name, no address, nothing secret."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    reset_id: str | None = None
    """Of a reset, or of the case that IT decides on."""
    what: str
    """A move, or `refused:<action>` for a press that had no effect."""
    before: str | None = None
    after: str | None = None
    slack_user: str | None = None
    """Who did it; None when the bot did it by itself."""
    slack_team: str | None = None
    requester: str | None = None
    org: str | None = None
    salesforce_user: str | None = None
    why: str | None = None
    detail: str | None = None

    def log(self) -> None:
        """Write the row as a log line: drained logs are the record, the stream is a copy.

        Workers do this from the stream, so that no row is without its line, whoever was killed.
        """
        log.info("audit", **self.model_dump(mode="json", exclude_none=True))


def row_for_move(
    before: Reset | None,
    move: Move,
    after: Reset,
    *,
    actor: SlackUser | None,
    at: datetime,
) -> AuditRow:
    """Describe a move."""
    account = after.account
    return AuditRow(
        at=at,
        reset_id=after.id,
        what=move,
        before=before.state if before else None,
        after=after.state,
        slack_user=actor.user_id if actor else None,
        slack_team=actor.team_id if actor else None,
        requester=after.requester.user_id,
        org=account.org if account else after.org,
        salesforce_user=account.user_id if account else None,
        why=after.reason,
        detail=after.detail,
    )


def row_for_refusal(
    reset_id: str | None,
    action: str,
    answer: Answer,
    *,
    actor: SlackUser,
    at: datetime,
) -> AuditRow:
    """Describe a press that had no effect."""
    return AuditRow(
        at=at,
        reset_id=reset_id,
        what=f"refused:{action}",
        before=answer.state,
        slack_user=actor.user_id,
        slack_team=actor.team_id,
        why=answer.code,
    )


def row_for_case(before: Case | None, change: "CaseChange", after: Case) -> AuditRow:
    """Describe a move of a case."""
    actor, target, reporter = change.actor, after.target, after.origin.reporter
    return AuditRow(
        at=change.now,
        reset_id=after.id,
        what=change.move,
        before=before.state if before else None,
        after=after.state,
        slack_user=actor.user_id if actor else None,
        slack_team=actor.team_id if actor else None,
        requester=reporter.user_id if reporter else None,
        org=target.org if target else after.org,
        salesforce_user=target.user_id if target else None,
        why=change.why,
        detail=change.detail,
    )
