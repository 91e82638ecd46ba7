"""What a look at an account tells: which integrations work again, which fail, what is locked.

Pure. The same logins seen twice count once, and their order doesn't matter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.follow_ups.alerts import with_failing
from services.follow_ups.ending import all_done, end
from services.follow_ups.identity import MAY_SEND_TOKEN, Kind, find, item_ids, kind_of_login
from services.follow_ups.locks import with_lock
from services.follow_ups.memory import read_from, remembering, row_id
from services.follow_ups.model import MOST_ITEMS, Ended, FollowUp, Item, ItemState
from services.follow_ups.outcomes import failed, succeeded, without_stale
from services.follow_ups.schedule import next_look
from services.impact.logins import (
    has_failed,
    has_succeeded,
    is_made_by_us,
    met_a_lock,
    text_of,
)
from services.impact.model import Verdict
from services.impact.places import place_of
from services.salesforce.records import AccountLock, Login


@dataclass(frozen=True)
class Look:
    """One reading of an account."""

    logins: Sequence[Login] | None
    """Its new logins, in any order; None where they couldn't be read."""
    lock: AccountLock | None
    """None where it couldn't be read."""
    read_to: datetime
    """Everything up to then is among `logins`."""
    whole: bool = True
    """Nothing newer is left to read: otherwise the account stays due."""
    needs: str | None = None
    """The permission without which the logins couldn't be read."""


def observe(
    follow_up: FollowUp,
    look: Look,
    *,
    now: datetime,
    days: int,
    own_apps: Collection[str] = (),
) -> FollowUp:
    """Count what a look has shown, and say when the next one is, or that it was the last.

    Args:
        follow_up: one that hasn't ended.
        look: what was read.
        now: times of Salesforce's that lie after it are taken for it.
        days: for how many days an account is followed.
        own_apps: names of the apps with which the bot itself logs in as people.
    """
    seen = _counted(follow_up, look, now, own_apps)
    next_at = next_look(
        follow_up.began_at,
        after=now,
        days=days,
        failing=any(one.state is ItemState.FAILS for one in seen.items),
    )
    if look.logins is not None:
        seen = remembering(seen, look.logins, look.read_to, next_at if look.whole else None)
    new = _new(follow_up, look.logins or ())
    seen = with_failing(with_lock(seen, look.lock, now, new=new), now)
    if all_done(seen):
        return end(seen.model_copy(update={"round": seen.round + 1}), Ended.ALL_DONE, now)
    if not look.whole:
        return seen
    seen = seen.model_copy(update={"round": seen.round + 1})
    if next_at is None:
        return end(seen, Ended.TIME_IS_UP, now)
    return seen.model_copy(update={"next_at": next_at})


def _counted(follow_up: FollowUp, look: Look, now: datetime, own_apps: Collection[str]) -> FollowUp:
    if look.logins is None:
        since = follow_up.unreadable_since or now
        return follow_up.model_copy(update={"unreadable_since": since, "needs": look.needs})
    counted = follow_up.model_copy(update={"unreadable_since": None, "needs": None})
    new = [one for one in _new(follow_up, look.logins) if not is_made_by_us(one, own_apps)]
    for login in new:
        counted = _with_login(counted, login, min(login.time, now))
    items = tuple(without_stale(item, now) for item in counted.items)
    # The same program may fail in every look, and its name isn't kept: so not a sum.
    more = max(
        counted.more, len({kind_of_login(login) for login in new if _is_beyond(counted, login)})
    )
    return counted.model_copy(update={"items": items, "more": more})


def _new(follow_up: FollowUp, logins: Sequence[Login]) -> list[Login]:
    """Pick those that were made since the reset and aren't counted yet, oldest first."""
    known = set(follow_up.recent)
    return [
        login
        for login in sorted({row_id(one): one for one in logins}.values(), key=_order)
        if row_id(login) not in known
        and login.time >= read_from(follow_up)
        and login.time > follow_up.began_at
    ]


def _with_login(follow_up: FollowUp, login: Login, at: datetime) -> FollowUp:
    kind = kind_of_login(login)
    item = find(follow_up.items, kind)
    if has_succeeded(login):
        if item is None:
            return follow_up
        effective_at = follow_up.effective_at or follow_up.began_at
        after = succeeded(item, _address(login), at, effective_at=effective_at)
        return _replacing(follow_up, item, after)
    if not has_failed(login) or met_a_lock(login):
        return follow_up
    if item is None:
        # A person who mistypes in the browser isn't a program that nobody has named.
        if kind[1] not in MAY_SEND_TOKEN or len(follow_up.items) >= MOST_ITEMS:
            return follow_up
        item = _surprise(follow_up.id, kind)
    status = (login.status or "").strip()[:80]
    return _replacing(follow_up, item, failed(item, _address(login), at, status))


def _replacing(follow_up: FollowUp, before: Item, after: Item) -> FollowUp:
    items = [after if one.id == before.id else one for one in follow_up.items]
    if before not in follow_up.items:
        items.append(after)
    return follow_up.model_copy(update={"items": tuple(items)})


def _is_beyond(follow_up: FollowUp, login: Login) -> bool:
    """Whether a failure is of a program for which there was no room."""
    if not has_failed(login) or met_a_lock(login):
        return False
    kind = kind_of_login(login)
    return kind[1] in MAY_SEND_TOKEN and find(follow_up.items, kind) is None


def _surprise(reset_id: str, kind: Kind) -> Item:
    name, way, api_type, version = kind
    item_id, dismiss_id = item_ids(reset_id, kind)
    return Item(
        id=item_id,
        dismiss_id=dismiss_id,
        name=name,
        way=way,
        client_version=version,
        api_type=api_type,
        place=place_of(name, way),
        verdict=Verdict.CANT_TELL,
        surprise=True,
    )


def _address(login: Login) -> str | None:
    return (text_of(login.source_ip) or "")[:64] or None


def _order(login: Login) -> tuple[datetime, str]:
    return login.time, row_id(login)
