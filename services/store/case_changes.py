"""What a move of a case writes beside the case itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.cases.model import Case
from services.cases.states import CaseMove
from services.resets.model import SlackUser
from services.store.changes import Job, Put


class AlertOp(StrEnum):
    """What a move does to self-service for the Salesforce user."""

    NONE = ""
    OPEN = "open"
    """Stop it: IT is looking at the account."""
    CLOSE = "close"


class QueueOp(StrEnum):
    """What a move does to the case's place in a queue."""

    NONE = ""
    JOIN = "join"
    LEAVE = "leave"


@dataclass(frozen=True)
class Quota:
    """How often something may be done."""

    key: str
    most: int
    within: timedelta


@dataclass(frozen=True)
class CaseChange:
    """One move with everything that must be written together with it."""

    move: CaseMove
    after: Case
    now: datetime
    actor: SlackUser | None = None
    why: str | None = None
    """A code for the audit."""
    detail: str | None = None
    """A short text for the audit, such as a step's kind and how it ended."""
    jobs: tuple[Job, ...] = ()
    puts: tuple[Put, ...] = ()
    once: tuple[str, ...] = ()
    """Keys that must be free: they name the case from then on."""
    quotas: tuple[Quota, ...] = ()
    claims_account: bool = False
    """Be the one open case of its kind about the Salesforce user."""
    needs_alone: bool = False
    """Be the only case for which self-service is stopped, or not while there is another: nothing
    gets in the way of what it does."""
    leaves_account: bool = False
    alert: AlertOp = AlertOp.NONE
    alerts_taken_over: tuple[str, ...] = ()
    """Resets whose *This wasn't me* this case looks into from now on."""
    spends: bool = False
    """Start the account's cool-down: its token has changed, or may have."""
    preparing: QueueOp = QueueOp.NONE
    card: QueueOp = QueueOp.NONE
