"""What an account looked like before anything was done to it, kept under keys of its own."""

from datetime import timedelta

from pydantic import ValidationError
from redis.asyncio import Redis

from services.salesforce.records import Evidence
from services.store import keys
from services.store.connection import translated


class EvidenceStore:
    """Keeps evidence for a number of days.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis, *, life: timedelta) -> None:
        self._redis = redis
        self._life = life

    async def keep(self, case_id: str, evidence: Evidence) -> None:
        """Keep it; a later reading of the same case takes its place."""
        with translated():
            await self._redis.set(
                keys.evidence(case_id),
                evidence.model_dump_json(exclude_defaults=True),
                px=self._life,
            )

    async def get(self, case_id: str) -> Evidence | None:
        """Find it; None where its time is over, or where it can't be read."""
        with translated():
            stored = await self._redis.get(keys.evidence(case_id))
        try:
            return Evidence.model_validate_json(stored) if stored else None
        except ValidationError:
            return None
