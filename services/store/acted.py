"""What IT did last to a Salesforce user, in Redis: a case writes it, reports and resets read it."""

from datetime import timedelta
from typing import cast

from redis.asyncio import Redis

from services.cases.acted import Acted
from services.clock import from_milliseconds, milliseconds
from services.store import keys
from services.store.changes import Put
from services.store.connection import translated

_KEPT_FOR = timedelta(days=30)


def put_acted(org: str, user_id: str, acted: Acted) -> Put:
    """Describe how it is remembered, for the move that ends the step."""
    value = f"{milliseconds(acted.at)}:{acted.case_id}"
    return Put(keys.acted_on(org, user_id), value, int(_KEPT_FOR.total_seconds() * 1000))


async def read_acted(redis: Redis, org: str, user_id: str) -> Acted | None:
    """Read it; None where IT did nothing of late.

    Raises:
        StoreUnavailableError: Redis didn't answer.
    """
    with translated():
        found = await redis.get(keys.acted_on(org, user_id))
    if found is None:
        return None
    at, _, case_id = cast("str", found).partition(":")
    return Acted(case_id=case_id, at=from_milliseconds(int(at)))
