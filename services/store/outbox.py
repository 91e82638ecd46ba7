"""The outbox: jobs saved together with the move that asks for them, for the relay to carry on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

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
        """Make the consumer group, where it isn't there yet."""
        with translated():
            try:
                await self._redis.xgroup_create(keys.OUTBOX, _GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def abandoned(self, count: int = 100) -> list[Entry]:
        """Take over what a relay that died left behind."""
        with translated():
            answer = await self._redis.xautoclaim(
                keys.OUTBOX, _GROUP, self._consumer, self._claim_after, count=count
            )
        entries = cast("_Entries", answer[1])
        return [_entry(entry_id, fields) for entry_id, fields in entries if fields]

    async def read(self, *, block: timedelta, count: int = 100) -> list[Entry]:
        """Wait for new entries, at most for `block`."""
        with translated():
            answer = await self._redis.xreadgroup(
                _GROUP,
                self._consumer,
                {keys.OUTBOX: ">"},
                count=count,
                block=int(block.total_seconds() * 1000),
            )
        found: list[Entry] = []
        streams = answer.items() if isinstance(answer, dict) else answer or []
        for _, batches in cast("list[tuple[str, list[Any]]]", streams):
            # RESP3 wraps a stream's entries in one more list than RESP2 does.
            entries = batches[0] if batches and isinstance(batches[0], list) else batches
            found += [_entry(entry_id, fields) for entry_id, fields in cast("_Entries", entries)]
        return found

    async def done(self, entries: list[Entry]) -> None:
        """Forget entries that the job queue has."""
        if not entries:
            return
        ids = [entry.entry_id for entry in entries]
        with translated():
            pipe = self._redis.pipeline(transaction=True)
            pipe.xack(keys.OUTBOX, _GROUP, *ids)
            pipe.xdel(keys.OUTBOX, *ids)
            await pipe.execute()


_Entries = list[tuple[str, dict[str, str]]]


def _entry(entry_id: str, fields: dict[str, str]) -> Entry:
    at = int(fields["at"])
    return Entry(
        entry_id=entry_id,
        job=fields["job"],
        item_id=fields["id"],
        at=from_milliseconds(at) if at else None,
    )
