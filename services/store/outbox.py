"""The outbox: jobs saved together with the move that asks for them, for the relay to carry on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.audit import AuditRow
from services.clock import from_milliseconds
from services.store import keys
from services.store.connection import translated

_GROUP = "relay"


@dataclass(frozen=True)
class Entry:
    """One job in the outbox."""

    entry_id: str
    job: str
    item_id: str
    at: datetime | None


@dataclass(frozen=True)
class Batch:
    """What a worker took: jobs to hand on and audit rows to log."""

    entries: list[Entry]
    rows: list[tuple[str, AuditRow]]
    """With the id of each in the stream."""


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

    async def open(self) -> None:
        """Make the consumer groups, where they aren't there yet."""
        with translated():
            for stream in (keys.OUTBOX, keys.AUDIT):
                try:
                    await self._redis.xgroup_create(stream, _GROUP, id="0", mkstream=True)
                except ResponseError as error:
                    if not str(error).startswith("BUSYGROUP"):
                        raise

    async def abandoned(self, count: int = 100) -> Batch:
        """Take over what a relay that died left behind."""
        found: dict[str, _Entries] = {}
        with translated():
            for stream in (keys.OUTBOX, keys.AUDIT):
                answer = await self._redis.xautoclaim(
                    stream, _GROUP, self._consumer, self._claim_after, count=count
                )
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
        ids = [entry.entry_id for entry in batch.entries]
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
    return Batch(
        entries=[_entry(at, fields) for at, fields in found.get(keys.OUTBOX, []) if fields],
        rows=[
            (at, AuditRow.model_validate_json(fields["row"]))
            for at, fields in found.get(keys.AUDIT, [])
            if fields
        ],
    )


def _entry(entry_id: str, fields: dict[str, str]) -> Entry:
    at = int(fields["at"])
    return Entry(
        entry_id=entry_id,
        job=fields["job"],
        item_id=fields["id"],
        at=from_milliseconds(at) if at else None,
    )
