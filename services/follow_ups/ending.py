"""How a follow-up ends."""

from datetime import datetime

from services.follow_ups.model import Ended, FollowUp, ItemState

_SETTLED = frozenset({ItemState.WORKS, ItemState.NOT_MINE, ItemState.DISMISSED})


def all_done(follow_up: FollowUp) -> bool:
    """Whether nothing is left to wait for.

    Only an account whose programs were known beforehand can be done with: otherwise those that
    nobody has named may still fail, and it is watched until its time is up.
    """
    return (
        follow_up.history_known
        and not follow_up.more
        and follow_up.locked_since is None
        and any(not item.surprise for item in follow_up.items)
        and all(item.state in _SETTLED for item in follow_up.items)
    )


def end(follow_up: FollowUp, ended: Ended, now: datetime) -> FollowUp:
    """End it: nothing is looked at any more."""
    return follow_up.model_copy(update={"ended": ended, "ended_at": now, "next_at": None})
