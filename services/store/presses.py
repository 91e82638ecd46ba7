"""Presses that a job answers: refused ones, and those whose authority takes a call to Slack."""

from datetime import timedelta
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from services.audit import AuditRow
from services.resets.model import SlackUser
from services.resets.policy import Answer
from services.store import keys
from services.store.changes import JobName
from services.store.connection import translated
from services.store.errors import NewerVersionError
from services.store.resets import RESPONSE_URL_LIFE

log = structlog.get_logger(__name__)

LIFE = timedelta(hours=24)
"""Longer than any job is retried; it only clears rubbish."""


PressKind = Literal[
    "refused",
    "go_ahead",
    "wait",
    # About a case that IT decides on
    "approve",
    "override",
    "deny",
    "review",
    "confirm_address",
    "retry",
    "unfreeze",
    "close",
    "show_evidence",
]


class Press(BaseModel):
    """One press of one button, or one form sent, by one person."""

    model_config = ConfigDict(frozen=True)

    id: str
    reset_id: str | None = None
    """What it is about: a reset, or a case, its card or one of its steps."""
    person: SlackUser
    channel: str | None = None
    """Where it was pressed; None for a form."""
    message_ts: str | None = None
    """Which message there, where that matters."""
    kind: PressKind = "refused"
    text: str | None = None
    """What was typed into the form."""
    steps: tuple[str, ...] = ()
    """What was chosen in it."""
    cards: tuple[str, ...] = ()
    """The cards that it is about, where it is about several."""
    is_approval: bool = True
    """Whether they are approved or denied, or an address confirmed or not."""
    address: str | None = None
    """Digest of the address that the form showed."""
    view_id: str | None = None
    """The form that was opened for it."""
    answer: Answer | None = None
    replaces: bool = False
    """The answer takes the place of the message that was pressed: its buttons are dead."""


class PressStore:
    """Saves presses, each with the job that answers it.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def save(
        self,
        press: Press,
        job: JobName,
        *,
        response_url: str | None,
        audit: AuditRow | None = None,
    ) -> None:
        """Save a press and put its job into the outbox, together."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(keys.press(press.id), press.model_dump_json(exclude_defaults=True), px=LIFE)
            if response_url:
                pipe.set(keys.response_url(press.id), response_url, px=RESPONSE_URL_LIFE)
            if audit:
                pipe.xadd(keys.AUDIT, {"row": audit.model_dump_json(exclude_none=True)})
            pipe.xadd(keys.OUTBOX, {"job": job, "id": press.id, "at": 0})
            await pipe.execute()

    async def get(self, press_id: str) -> Press | None:
        """Read a press; None when it is long gone.

        Raises:
            NewerVersionError: it is there, and this version can't read it.
        """
        with translated():
            stored = await self._redis.get(keys.press(press_id))
        try:
            return Press.model_validate_json(stored) if stored else None
        except ValueError:  # its text may quote what is stored
            log.error("press.unreadable", press_id=press_id)  # noqa: TRY400  as above
        raise NewerVersionError from None
