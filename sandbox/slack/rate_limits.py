"""How often each Web API method may be called, per workspace.

Tiers are Slack's documented ones; how much of a burst it tolerates isn't documented: inferred.
"""

from __future__ import annotations

import math
from collections import UserDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket of `burst` calls, refilled at `per_minute`; one for each channel if so said."""

    per_minute: float
    burst: int
    per_channel: bool = False


TIER_1 = Limit(1, 1)
TIER_2 = Limit(20, 20)
TIER_3 = Limit(50, 50)
TIER_4 = Limit(100, 100)

DEFAULTS: dict[str, Limit] = {
    "auth.test": Limit(300, 300),
    # About one a second in a channel with bursts tolerated. Slack's cap of a few hundred a minute
    # in all is the entry below.
    "chat.postMessage": Limit(60, 10, per_channel=True),
    "chat.postMessage, all channels": Limit(300, 300),
    "chat.update": TIER_3,
    "chat.delete": TIER_3,
    "chat.postEphemeral": TIER_4,
    "conversations.open": TIER_3,
    "conversations.info": TIER_3,
    "conversations.members": TIER_4,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "users.info": TIER_4,
    "users.lookupByEmail": TIER_3,
    "usergroups.users.list": TIER_2,
    "views.open": TIER_4,
    "views.update": TIER_4,
    "apps.connections.open": Limit(20, 20),
}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits(UserDict[str, Limit | None]):
    """The limits in force by method; set one to `None` to lift it, or `off()` for all."""

    def __init__(self) -> None:
        super().__init__(DEFAULTS)
        self._buckets: dict[tuple[str, str | None], _Bucket] = {}

    def off(self) -> None:
        """Lift every limit."""
        for method in self:
            self[method] = None

    def wait(self, method: str, channel: str | None, now: float) -> int:
        """Take one call at `now` (seconds); return 0, or the whole seconds to wait instead."""
        names = [method, f"{method}, all channels"]
        seconds = max(self._missing(name, channel, now) for name in names)
        if seconds > 0:
            return math.ceil(seconds)
        for name in names:
            self._take(name, channel, now)
        return 0

    def _missing(self, name: str, channel: str | None, now: float) -> float:
        """Return the seconds until this bucket holds a whole call."""
        limit = self.get(name)
        if limit is None:
            return 0
        short = 1 - self._bucket(name, limit, channel, now).tokens
        # A hair below one is rounding of the refill, not a call too many.
        return short * 60 / limit.per_minute if short > 1e-6 else 0

    def _take(self, name: str, channel: str | None, now: float) -> None:
        limit = self.get(name)
        if limit is not None:
            self._bucket(name, limit, channel, now).tokens -= 1

    def _bucket(self, name: str, limit: Limit, channel: str | None, now: float) -> _Bucket:
        key = (name, channel if limit.per_channel else None)
        bucket = self._buckets.setdefault(key, _Bucket(limit.burst, now))
        refill = (now - bucket.at) * limit.per_minute / 60
        bucket.tokens = min(limit.burst, bucket.tokens + refill)
        bucket.at = now
        return bucket
