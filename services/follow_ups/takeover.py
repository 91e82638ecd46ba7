"""Ends the follow-up of an account that is watched for a newer reset."""

from services.clock import Clock
from services.follow_ups.changes import change_of
from services.follow_ups.ending import end
from services.follow_ups.model import Ended
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore

TRIES = 4
"""Re-reads when a person's press changes the same follow-up at the same moment."""


async def take_over(store: FollowUpStore, reset_id: str, clock: Clock) -> None:
    """End it. Raises `StoreUnavailableError` when Redis doesn't answer."""
    for _ in range(TRIES):
        now = clock()
        before = await store.get(reset_id)
        if before is None or before.ended is not None:
            return
        after = end(before, Ended.TAKEN_OVER, now)
        try:
            await store.save(before, change_of(before, after, now))
        except StaleError:
            continue
        return
