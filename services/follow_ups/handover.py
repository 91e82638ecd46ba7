"""Ends a follow-up whose reset is no longer the account's last."""

from dataclasses import replace

from services.clock import Clock
from services.follow_ups.changes import change_of
from services.follow_ups.ending import end
from services.follow_ups.model import Ended
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore

TRIES = 4
"""Re-reads when a person's press changes the same follow-up at the same moment."""


async def hand_over(
    store: FollowUpStore, reset_id: str, why: Ended, clock: Clock, *, shown: bool = True
) -> bool:
    """End it, unless it has ended.

    Args:
        store: where it is kept.
        reset_id: whose follow-up it is.
        why: one of `HANDED_OVER`.
        clock: the time.
        shown: whether its message is brought up to date.

    Returns:
        False where it changed each time that it was to be saved.

    Raises:
        StoreUnavailableError: Redis didn't answer.
    """
    for _ in range(TRIES):
        now = clock()
        before = await store.get(reset_id)
        if before is None or before.ended is not None:
            return True
        change = change_of(before, end(before, why, now), now)
        try:
            await store.save(before, change if shown else replace(change, jobs=()))
        except StaleError:
            continue
        return True
    return False
