"""Ends a follow-up whose advice no longer holds."""

from services.clock import Clock
from services.follow_ups.changes import change_of
from services.follow_ups.ending import end
from services.follow_ups.model import Ended, FollowUp
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore

TRIES = 4
"""Re-reads when a person's press changes the same follow-up at the same moment."""


async def hand_over(
    store: FollowUpStore, reset_id: str, why: Ended, clock: Clock, *, quiet: bool = False
) -> bool:
    """End it, unless it has ended. A newer reset tells of one that ended quietly.

    Args:
        store: where it is kept.
        reset_id: whose follow-up it is.
        why: one of `HANDED_OVER`.
        clock: the time.
        quiet: whoever reads its message mustn't learn of it.

    Returns:
        False where it changed each time that it was to be saved.

    Raises:
        StoreUnavailableError: Redis didn't answer.
    """
    for _ in range(TRIES):
        now = clock()
        before = await store.get(reset_id)
        if before is None or not _is_open(before, why):
            return True
        after = end(before, why, now).model_copy(update={"quiet": quiet})
        try:
            await store.save(before, change_of(before, after, now))
        except StaleError:
            continue
        return True
    return False


def _is_open(follow_up: FollowUp, why: Ended) -> bool:
    return follow_up.ended is None or (follow_up.quiet and why is Ended.TAKEN_OVER)
