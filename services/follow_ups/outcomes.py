"""What one login means for the integration that made it."""

from datetime import datetime, timedelta

from services.follow_ups.model import MOST_FAILING_KEPT, Failing, Item, ItemState

SKEW = timedelta(seconds=30)
"""Salesforce's clock and the bot's differ: a success so soon after the reset may be from before."""

STALE = timedelta(days=1)
"""An address that has been quiet for so long isn't tried any more, where another one works."""

PUT_ASIDE = frozenset({ItemState.NOT_MINE, ItemState.DISMISSED})
"""The person's word stands, whatever logs in. Failures are counted on: they may lock the user."""


def succeeded(item: Item, address: str | None, at: datetime, *, effective_at: datetime) -> Item:
    """Count a success: it clears the failures of its own address.

    Until `SKEW` after the reset's effect it counts only after a failure from the same address,
    which proves that it came later: there the old token was refused. A login from another address
    may be of another copy with another password, and one that was refused for its address tells
    nothing of what it sent.
    """
    in_order = item.worked_at is not None or any(
        one.address == address and one.last_at <= at and not _refused_by_address(one)
        for one in item.failing
        if address is not None
    )
    if at < effective_at + SKEW and not in_order:
        return item
    left = tuple(one for one in item.failing if one.address != address)
    worked_at = max(at, item.worked_at or at)
    return _settled(item.model_copy(update={"worked_at": worked_at, "failing": left}))


def failed(item: Item, address: str | None, at: datetime, status: str) -> Item:
    """Count a failure. A row that comes late, from before a success that was seen, is let go."""
    if item.worked_at is not None and at < item.worked_at:
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
    fallen = max(0, len(failing) - MOST_FAILING_KEPT)
    return _settled(
        item.model_copy(
            update={
                "failing": tuple(failing[:MOST_FAILING_KEPT]),
                # The same address may fall out again and again: so not a sum.
                "more_failing": max(item.more_failing, fallen),
            }
        )
    )


def without_stale(item: Item, now: datetime) -> Item:
    """Let go of addresses that stopped trying a day ago, before the integration worked again."""
    worked_at = item.worked_at
    if worked_at is None:
        return item
    left = tuple(
        one for one in item.failing if one.last_at >= worked_at or now - one.last_at <= STALE
    )
    if len(left) == len(item.failing):
        return item
    # Those that aren't kept were quiet for longer still.
    return _settled(item.model_copy(update={"failing": left, "more_failing": 0}))


def _refused_by_address(failing: Failing) -> bool:
    """Whether the login was refused because of where it came from, such as "Restricted IP"."""
    return failing.status.casefold().startswith("restricted")


def _settled(item: Item) -> Item:
    """Derive the state, unless the person has, and forget a count that has lost its list."""
    changes: dict[str, object] = {} if item.failing else {"more_failing": 0}
    if item.state not in PUT_ASIDE:
        if item.failing:
            changes["state"] = ItemState.FAILS
        else:
            changes["state"] = ItemState.WORKS if item.worked_at else ItemState.OPEN
    return item.model_copy(update=changes)
