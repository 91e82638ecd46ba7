"""What one login means for the integration that made it."""

from datetime import datetime, timedelta

from services.follow_ups.model import MOST_FAILING, Failing, Item, ItemState

SKEW = timedelta(seconds=30)
"""Salesforce's clock and the bot's differ: a success so soon after the reset may be from before."""

STALE = timedelta(days=1)
"""An address that has been quiet for so long isn't tried any more, where another one works."""

PUT_ASIDE = frozenset({ItemState.NOT_MINE, ItemState.DISMISSED})
"""The person's word stands, whatever logs in."""


def succeeded(item: Item, address: str | None, at: datetime, *, began_at: datetime) -> Item:
    """Count a success: it clears the failures of its own address.

    One within `SKEW` of the reset counts only after a failure, which proves that it came later.
    """
    if item.state in PUT_ASIDE:
        return item
    after_failure = item.worked_at is not None or any(one.last_at <= at for one in item.failing)
    if at < began_at + SKEW and not after_failure:
        return item
    left = tuple(one for one in item.failing if one.address != address)
    worked_at = max(at, item.worked_at or at)
    return _settled(item.model_copy(update={"worked_at": worked_at, "failing": left}))


def failed(item: Item, address: str | None, at: datetime, status: str) -> Item:
    """Count a failure. A row that comes late, from before a success that was seen, is let go."""
    if item.state in PUT_ASIDE or (item.worked_at is not None and at < item.worked_at):
        return item
    before = next((one for one in item.failing if one.address == address), None)
    others = [one for one in item.failing if one.address != address]
    newest = Failing(
        address=address,
        count=(before.count if before else 0) + 1,
        last_at=max(at, before.last_at) if before else at,
        status=status,
    )
    failing = sorted([newest, *others], key=lambda one: one.last_at, reverse=True)
    fallen = len(failing) - MOST_FAILING
    return _settled(
        item.model_copy(
            update={
                "failing": tuple(failing[:MOST_FAILING]),
                "more_failing": item.more_failing + max(0, fallen),
            }
        )
    )


def without_stale(item: Item, now: datetime) -> Item:
    """Let go of addresses that stopped trying a day ago, before the integration worked again."""
    worked_at = item.worked_at
    if item.state in PUT_ASIDE or worked_at is None:
        return item
    left = tuple(
        one for one in item.failing if one.last_at >= worked_at or now - one.last_at <= STALE
    )
    return _settled(item.model_copy(update={"failing": left}))


def _settled(item: Item) -> Item:
    """Derive the state, and forget a count that has lost its list."""
    if item.failing:
        return item.model_copy(update={"state": ItemState.FAILS})
    state = ItemState.WORKS if item.worked_at else ItemState.OPEN
    return item.model_copy(update={"state": state, "more_failing": 0})
