"""Follow-ups in Redis: one script makes a change, everything else only reads."""

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, cast

import structlog
from pydantic_core import to_json
from redis.asyncio import Redis

from services.audit import AuditRow
from services.cases.acted import Acted
from services.clock import from_milliseconds, milliseconds
from services.follow_ups.model import FollowUp
from services.store import keys
from services.store.acted import read_acted
from services.store.asking import ask_for
from services.store.batches import Batches, Script
from services.store.changes import Job, Put
from services.store.connection import translated
from services.store.errors import StaleError
from services.store.holds import Holds

log = structlog.get_logger(__name__)

Stored = Sequence[str | None]
"""A follow-up's fields `v` and `d`, each None where the hash is gone."""


ROUND_HELD_FOR = timedelta(seconds=60)
"""When the round of a worker that died is let go. Longer than a request to Salesforce takes."""


class Watched(NamedTuple):
    """What was found of many follow-ups."""

    found: list[FollowUp]
    gone: list[str]
    """Ids of those whose data is no longer there."""
    unreadable: list[str]
    """Ids of those that a newer version has written, or that are damaged."""


@dataclass(frozen=True)
class FollowUpChange:
    """A follow-up as it is to be, with everything that must be written together with it."""

    after: FollowUp
    now: datetime
    jobs: tuple[Job, ...] = ()
    puts: tuple[Put, ...] = ()
    rows: tuple[AuditRow, ...] = ()


class FollowUpStore:
    """Reads follow-ups and makes their changes.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(
        self, redis: Redis, batches: Batches, *, retention: timedelta, audit_retention: timedelta
    ) -> None:
        self._redis = redis
        self._batches = batches
        self._retention = int(retention.total_seconds() * 1000)
        self._audit_retention = audit_retention
        self._script = Script(Path(__file__).with_name("follow_up.lua").read_text())
        self._process = secrets.token_hex(8)
        self._claims = itertools.count()
        self.rounds = Holds(redis, keys.follow_round, life=ROUND_HELD_FOR)

    async def start(self, change: FollowUpChange) -> str | None:
        """Save a new follow-up; the account is watched for it from now on.

        Returns:
            The id of the follow-up that watched the account before.

        Raises:
            StaleError: it is there already, or a newer reset of the account is watched.
        """
        return await self._change(0, change) or None

    async def save(self, before: FollowUp, change: FollowUpChange) -> FollowUp:
        """Make a change and return the follow-up as it now stands.

        Raises:
            StaleError: it has changed since `before` was read, or is gone.
        """
        await self._change(before.version, change)
        return change.after.model_copy(update={"version": before.version + 1})

    async def get(self, reset_id: str) -> FollowUp | None:
        """Read one; None when there is none, its data is gone, or it can't be read."""
        found = (await self.watched([reset_id])).found
        return found[0] if found else None

    async def due(self, org: str, now: datetime, count: int) -> list[str]:
        """Ids of an org's follow-ups that are to be looked at, the longest due first."""
        with translated():
            due = await self._redis.zrange(
                keys.follow_ups_due(org),
                "-inf",
                str(milliseconds(now)),
                byscore=True,
                offset=0,
                num=count,
            )
        return cast("list[str]", due)

    async def first_due(self, org: str) -> datetime | None:
        """When the next of an org's follow-ups is to be looked at; None where none is."""
        with translated():
            first = await self._redis.zrange(keys.follow_ups_due(org), 0, 0, withscores=True)
        return from_milliseconds(int(first[0][1])) if first else None

    async def put_off(self, org: str, reset_ids: Sequence[str], until: datetime) -> None:
        """Let follow-ups that are due be so later. One that has ended stays away."""
        if reset_ids:
            scores: dict[str, int] = dict.fromkeys(reset_ids, milliseconds(until))
            with translated():
                await self._redis.zadd(keys.follow_ups_due(org), scores, xx=True, gt=True)

    async def watched(self, reset_ids: Sequence[str]) -> Watched:
        """Read many, each by itself, in the order asked for."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for reset_id in reset_ids:
                pipe.hmget(keys.follow_up(reset_id), ["v", "d"])
            stored = await pipe.execute()
        watched = Watched([], [], [])
        for reset_id, (version, document) in zip(
            reset_ids, cast("list[Stored]", stored), strict=True
        ):
            if version is None or document is None:
                watched.gone.append(reset_id)
            elif follow_up := _read(version, document):
                watched.found.append(follow_up)
            else:
                watched.unreadable.append(reset_id)
                log.warning("follow_up.unreadable", reset_id=reset_id)
        return watched

    async def watchers(self, follow_ups: Sequence[FollowUp]) -> list[str | None]:
        """For which reset the account of each is watched."""
        if not follow_ups:
            return []
        names = [keys.following(one.org, one.user_id) for one in follow_ups]
        with translated():
            found = cast("list[str | None]", await self._redis.mget(names))
        return [one and one.rpartition(":")[2] for one in found]

    async def watcher(self, org: str, user_id: str) -> str | None:
        """For which reset one account is watched, or was."""
        with translated():
            found = cast("str | None", await self._redis.get(keys.following(org, user_id)))
        return found and found.rpartition(":")[2]

    async def acted_on(self, org: str, user_id: str) -> Acted | None:
        """Read what IT did last to an account; None where it did nothing of late."""
        return await read_acted(self._redis, org, user_id)

    async def forget(self, org: str, reset_ids: Sequence[str]) -> None:
        """Take follow-ups whose data is gone off the list of what is due."""
        if reset_ids:
            with translated():
                await self._redis.zrem(keys.follow_ups_due(org), *reset_ids)

    async def owner_of(self, pressed_id: str) -> str | None:
        """Find the follow-up that an item's button belongs to."""
        with translated():
            return cast("str | None", await self._redis.get(keys.follow_item(pressed_id)))

    async def ask_for(self, job: Job) -> None:
        """Put a job that goes with no change into the outbox."""
        await ask_for(self._redis, job)

    async def _change(self, seen: int, change: FollowUpChange) -> str:
        after = change.after
        ask = {
            "id": after.id,
            "began": milliseconds(after.began_at),
            "watcher": f"{milliseconds(after.began_at)}:{after.id}",
            "seen": seen,
            "claim": f"{self._process}.{next(self._claims)}",
            "doc": after.model_dump_json(exclude={"version"}, exclude_defaults=True),
            "next": milliseconds(after.next_at) if after.next_at else 0,
            "retention": self._retention,
            "rows": [row.model_dump_json(exclude_none=True) for row in change.rows],
            "audit_from": str(milliseconds(change.now - self._audit_retention)),
            "jobs": [
                (job.name, job.item_id, milliseconds(job.at) if job.at else 0)
                for job in change.jobs
            ],
            "puts": [(put.key, put.value, put.milliseconds) for put in change.puts],
        }
        names = [
            keys.follow_up(after.id),
            keys.AUDIT,
            keys.OUTBOX,
            keys.follow_ups_due(after.org),
            keys.following(after.org, after.user_id),
        ]
        with translated():
            answer = await self._batches.run(self._script, names, to_json(ask))
        if answer[0] != "ok":
            raise StaleError(str(answer[0]))
        return str(answer[1])


def _read(version: str, document: str) -> FollowUp | None:
    try:
        follow_up = FollowUp.model_validate_json(document)
        return follow_up.model_copy(update={"version": int(version)})
    except ValueError:  # its text may quote the document
        return None
