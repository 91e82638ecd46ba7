"""What was read about an account a moment ago, so that asking again costs Salesforce nothing."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis

from services.impact.model import Impact
from services.orgs import ResetMethod
from services.salesforce.records import AccountLock
from services.store import keys
from services.store.connection import translated

LIFE = timedelta(minutes=5)


class Seen(BaseModel):
    """An account's impact and its lock, of one reading."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    impact: Impact
    lock: AccountLock | None = None


class ImpactStore:
    """Keeps what was seen for five minutes.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, org: str, user_id: str, method: ResetMethod, seen: Seen) -> None:
        """Keep what was seen; the verdicts hold for this method only."""
        with translated():
            await self._redis.set(
                keys.impact(org, user_id, method),
                seen.model_dump_json(exclude_defaults=True),
                px=LIFE,
            )

    async def get(self, org: str, user_id: str, method: ResetMethod, now: datetime) -> Seen | None:
        """Find what was seen less than five minutes ago.

        What a newer version has kept in words that this one doesn't know counts as not seen.
        """
        with translated():
            stored = await self._redis.get(keys.impact(org, user_id, method))
        try:
            seen = Seen.model_validate_json(stored) if stored else None
        except ValidationError:
            return None
        return seen if seen and now - seen.impact.read_at < LIFE else None
