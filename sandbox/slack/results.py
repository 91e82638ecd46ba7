"""What came of a person's action: the bot's ack, and what Slack showed of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.dispatcher import Delivery
    from sandbox.slack.shown import Confirm


@dataclass(frozen=True, slots=True)
class CommandResult:
    """HTTP status (0: none), milliseconds to the ack, and Slack's own error if one was shown."""

    status: int
    ack_ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PressResult:
    """As `CommandResult`; and the dialog that was accepted and the link that was opened."""

    status: int
    ack_ms: float
    error: str | None = None
    confirm: Confirm | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """As `CommandResult`; and what the modal now says is wrong, by block id."""

    status: int
    ack_ms: float
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SayResult:
    """The message's timestamp and each delivery of its event; none without event or scope."""

    ts: str
    deliveries: list[Delivery]
