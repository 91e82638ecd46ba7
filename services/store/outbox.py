"""The outbox: jobs saved together with the move that asks for them, for the relay to carry on."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.audit import AuditRow
from services.clock import from_milliseconds
from services.store import keys
from services.store.connection import translated

_GROUP = "relay"


log = structlog.get_logger(__name__)

GONE_AFTER = timedelta(hours=1)
"""A relay reads every few seconds; one that was quiet for so long is gone."""


@dataclass(frozen=True)
class Entry:
    """One job in the outbox."""

    entry_id: str
    job: str
    item_id: str
    at: datetime | None


def written_at(entry_id: str) -> datetime:
    """When an entry was put into the outbox, by Redis's clock."""
    return from_milliseconds(int(entry_id.partition("-")[0]))


@dataclass(frozen=True)
class Batch:
    """What a worker took: jobs to hand on and audit rows to log."""

    entries: list[Entry]
    rows: list[tuple[str, AuditRow | None]]
    """With the id of each in the stream; None where it can't be read."""
    unreadable: list[str]
    """Ids of entries of the outbox that can't be read, such as those of a newer version."""


class Outbox:
    """Read by every worker's relay; an entry goes to one of them, and to another if that one dies.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis, *, consumer: str, claim_after: timedelta) -> None:
        """Make a reader.

        Args:
            redis: a connection without a time-out, since a read blocks.
            consumer: this relay's name, unique among the workers.
            claim_after: when an entry that another relay took and never finished is taken over.
        """
        self._redis = redis
        self._consumer = consumer
        self._claim_after = int(claim_after.total_seconds() * 1000)
        self._looked_to = {keys.OUTBOX: "0-0", keys.AUDIT: "0-0"}

    async def open(self) -> None:
        """Make the consumer groups, where they aren't there yet."""
        with translated():
            for stream in (keys.OUTBOX, keys.AUDIT):
                try:
                    await self._redis.xgroup_create(stream, _GROUP, id="0", mkstream=True)
                except ResponseError as error:
                    if not str(error).startswith("BUSYGROUP"):
                        raise
                await self._forget_gone(stream)

    async def _forget_gone(self, stream: str) -> None:
        """Drop the names of relays that are gone and left nothing: each start brings a new one."""
        for consumer in await self._redis.xinfo_consumers(stream, _GROUP):
            quiet = timedelta(milliseconds=int(consumer["idle"]))
            if int(consumer["pending"]) == 0 and quiet > GONE_AFTER:
                await self._redis.xgroup_delconsumer(stream, _GROUP, consumer["name"])

    async def abandoned(self, count: int = 100) -> Batch:
        """Take over what a relay that died left behind.

        Each call goes on where the last one ended, and begins again after the end: entries that
        wait for a newer worker don't stand in the way of those behind them.
        """
        found: dict[str, _Entries] = {}
        with translated():
            for stream in (keys.OUTBOX, keys.AUDIT):
                answer = await self._redis.xautoclaim(
                    stream,
                    _GROUP,
                    self._consumer,
                    self._claim_after,
                    start_id=self._looked_to[stream],
                    count=count,
                )
                self._looked_to[stream] = str(answer[0])
                found[stream] = cast("_Entries", answer[1])
        return _batch(found)

    async def read(self, *, block: timedelta, count: int = 100) -> Batch:
        """Wait for new entries, at most for `block`."""
        with translated():
            answer = await self._redis.xreadgroup(
                _GROUP,
                self._consumer,
                {keys.OUTBOX: ">", keys.AUDIT: ">"},
                count=count,
                block=int(block.total_seconds() * 1000),
            )
        streams = answer.items() if isinstance(answer, dict) else answer or []
        found: dict[str, _Entries] = {}
        for stream, batches in cast("list[tuple[str, list[Any]]]", streams):
            # RESP3 wraps a stream's entries in one more list than RESP2 does.
            found[stream] = batches[0] if batches and isinstance(batches[0], list) else batches
        return _batch(found)

    async def done(self, batch: Batch) -> None:
        """Forget entries that the job queue has. Audit rows that were logged stay as a copy."""
        ids = [entry.entry_id for entry in batch.entries] + batch.unreadable
        rows = [row_id for row_id, _ in batch.rows]
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            if ids:
                pipe.xack(keys.OUTBOX, _GROUP, *ids)
                pipe.xdel(keys.OUTBOX, *ids)
            if rows:
                pipe.xack(keys.AUDIT, _GROUP, *rows)
            await pipe.execute()


_Entries = list[tuple[str, dict[str, str]]]


def _batch(found: dict[str, _Entries]) -> Batch:
    """Read what was taken. What can't be read, as of a newer version, is logged."""
    entries: list[Entry] = []
    unreadable: list[str] = []
    for entry_id, fields in found.get(keys.OUTBOX, []):
        try:
            entries.append(_entry(entry_id, fields))
        except (KeyError, ValueError, TypeError):
            unreadable.append(entry_id)
    if unreadable:
        log.error("outbox.unreadable", ids=unreadable)
    rows = [(row_id, _row(row_id, fields)) for row_id, fields in found.get(keys.AUDIT, [])]
    return Batch(entries, rows, unreadable)


def _row(row_id: str, fields: dict[str, str]) -> AuditRow | None:
    with suppress(KeyError, ValueError, TypeError):
        return AuditRow.model_validate_json(fields["row"])
    log.error("audit.unreadable", id=row_id)
    return None


def _entry(entry_id: str, fields: dict[str, str]) -> Entry:
    at = int(fields["at"])
    return Entry(
        entry_id=entry_id,
        job=fields["job"],
        item_id=fields["id"],
        at=from_milliseconds(at) if at else None,
    )
