"""The audit's copy in Redis."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import cast

from redis.asyncio import Redis

from services.audit import AuditRow
from services.clock import milliseconds
from services.store import keys
from services.store.connection import translated

_PAGE = 500


class AuditLog:
    """The audit stream, oldest first.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def append(self, row: AuditRow) -> None:
        """Add a row that belongs to no move."""
        with translated():
            await self._redis.xadd(keys.AUDIT, {"row": row.model_dump_json(exclude_none=True)})

    async def since(self, start: datetime | None) -> AsyncIterator[AuditRow]:
        """Yield the rows written at `start` or later."""
        cursor = str(milliseconds(start)) if start else "-"
        while True:
            with translated():
                answer = await self._redis.xrange(keys.AUDIT, min=cursor, count=_PAGE)
            entries = cast("list[tuple[str, dict[str, str]]]", answer)
            for _, fields in entries:
                yield AuditRow.model_validate_json(fields["row"])
            if len(entries) < _PAGE:
                return
            cursor = f"({entries[-1][0]}"
