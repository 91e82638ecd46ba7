"""The steps of an approval, each a claim of its own: what they are, and how each stands."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class StepKind(StrEnum):
    """What is done. Declared in the order in which it is done (published runbooks)."""

    EVIDENCE = "evidence"
    """Keep what the account looks like now: it is gone once the rest is done."""
    FREEZE = "freeze"
    SESSIONS = "sessions"
    GRANTS = "grants"
    PASSWORD = "password"  # noqa: S105  a step, not a secret
    """Reset the password, which kills the token too."""
    RENEW_PASSWORD = "renew_password"  # noqa: S105  a step, not a secret
    """A fresh reset: a frozen user may not have been able to use the first one's link."""
    UNFREEZE = "unfreeze"
    """Only once the suspected password is dead: whoever has it is let in too."""
    CHECK = "check"
    """Read back all of it."""

    @property
    def is_effect(self) -> bool:
        """Whether it changes something at Salesforce."""
        return self not in {StepKind.EVIDENCE, StepKind.CHECK}

    @property
    def resets_password(self) -> bool:
        """Whether Salesforce mails a link for it."""
        return self in {StepKind.PASSWORD, StepKind.RENEW_PASSWORD}

    @property
    def shuts_out(self) -> bool:
        """Whether no program logs in afterwards with the password and token that it has."""
        return self is StepKind.FREEZE or self.resets_password


class StepState(StrEnum):
    """How a step stands."""

    WAITING = "waiting"
    """For another approver."""
    HELD = "held"
    """Until an approver has confirmed the address to which Salesforce mails."""
    QUEUED = "queued"
    RUNNING = "running"
    """Its intent is written: whoever finds it so looks for evidence and sends nothing again."""
    DONE = "done"
    FAILED = "failed"
    """Nothing, or not all of it, was done; `code` says why."""
    UNKNOWN = "unknown"
    """A request left, and what became of it isn't known."""
    SKIPPED = "skipped"
    """Not chosen, or taken back."""


OVER = frozenset({StepState.DONE, StepState.FAILED, StepState.UNKNOWN, StepState.SKIPPED})
"""How a step ends."""


class Step(BaseModel):
    """One step of one case."""

    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    kind: StepKind
    state: StepState = StepState.QUEUED
    tries: int = 0
    intent_at: datetime | None = None
    """Written before its request leaves."""
    ended_at: datetime | None = None
    code: str | None = None
    """Why it failed or isn't known: a code from a known list."""
    needs: str | None = None
    """The permission that the bot's own Salesforce user lacks, where that is why."""
    count: int | None = None
    """How many were ended: sessions, grants; kept rows of evidence."""
    taken_over: bool = False
    """Whoever began it died in the middle: `count` is of what was left then, or at another try."""
    left: int | None = None
    """How many are still there, read back afterwards; None where that couldn't be read."""
    proof: str | None = None
    """How an unknown outcome was settled, or what speaks against: a code from a known list."""
