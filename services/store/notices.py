"""Messages to a person that belong to no reset, such as the warning about a token in a DM."""

import hashlib
from datetime import timedelta

import structlog
from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from services.resets.model import SlackUser
from services.store import keys
from services.store.changes import JobName
from services.store.connection import translated
from services.store.errors import NewerVersionError

log = structlog.get_logger(__name__)

LIFE = timedelta(days=1)


class Notice(BaseModel):
    """Whom to tell what, and where. What they wrote is never kept."""

    model_config = ConfigDict(frozen=True)

    id: str
    person: SlackUser
    channel: str
    thread_ts: str
    leaked: bool
    """What they wrote looks like a token; otherwise it was just words."""


def notice_id(message: str) -> str:
    """Make the id from the message's place: its event, sent again or edited, is one notice."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]


class NoticeStore:
    """Saves notices, each with the job that posts it.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def save(self, notice: Notice, job: JobName) -> None:
        """Save a notice and its job, together. Again with the same id changes nothing."""
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.hset(keys.notice(notice.id), "d", notice.model_dump_json())
            pipe.pexpire(keys.notice(notice.id), LIFE)
            pipe.xadd(keys.OUTBOX, {"job": job, "id": notice.id, "at": 0})
            await pipe.execute()

    async def get(self, notice_id: str) -> Notice | None:
        """Read a notice; None when it is gone.

        Raises:
            NewerVersionError: it is there, and this version can't read it.
        """
        with translated():
            stored = await self._redis.hget(keys.notice(notice_id), "d")
        try:
            return Notice.model_validate_json(stored) if stored else None
        except ValueError:  # its text may quote what is stored
            log.error("notice.unreadable", notice_id=notice_id)  # noqa: TRY400  as above
        raise NewerVersionError from None
