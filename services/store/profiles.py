"""What Slack said about somebody a moment ago, so that asking again costs Slack nothing."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis

from services.resets.policy import Profile
from services.store import keys
from services.store.connection import translated

LIFE = timedelta(minutes=10)


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    profile: Profile
    until: datetime


class ProfileStore:
    """Keeps profiles for ten minutes. What one may be used for is said in `Asker`.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, profile: Profile, read_at: datetime) -> None:
        """Keep a profile that was asked for at that time."""
        kept = _Kept(profile=profile, until=read_at + LIFE)
        with translated():
            await self._redis.set(keys.profile(profile.user_id), kept.model_dump_json(), px=LIFE)

    async def get(self, user_id: str, now: datetime) -> Profile | None:
        """Find a profile that was read less than ten minutes ago.

        What a newer version has kept in another form counts as not kept.
        """
        with translated():
            stored = await self._redis.get(keys.profile(user_id))
        try:
            kept = _Kept.model_validate_json(stored) if stored else None
        except ValidationError:
            return None
        return kept.profile if kept and now < kept.until else None

    async def forget(self, user_id: str) -> None:
        """Let go of a profile that no longer holds."""
        with translated():
            await self._redis.delete(keys.profile(user_id))
