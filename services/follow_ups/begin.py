"""Begins to follow an account: what its warning named is what is watched."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.follow_ups.identity import item_ids
from services.follow_ups.model import MOST_ITEMS, FollowUp, Item
from services.follow_ups.schedule import bucket, next_look
from services.impact.model import Integration, Why
from services.resets.model import Reset
from services.resets.states import State

UNKNOWN_FOR = timedelta(seconds=35)
"""How long after its intent a reset without an answer may still take effect."""


def begin(reset: Reset, now: datetime, *, days: int) -> FollowUp:
    """Make the follow-up of a reset that had its effect, or may have had it.

    Args:
        reset: with its account, and with the impact where that was read.
        now: a reset whose own times are missing counts as one of now.
        days: for how many days it is followed.

    Raises:
        ValueError: the reset has no Salesforce user.
    """
    if reset.account is None:
        raise ValueError("only a reset of a known Salesforce user is followed")
    began_at = _began_at(reset, now)
    seen = reset.impact.integrations if reset.impact else ()
    read = _programs_read(seen)
    may_fail = [one for one in seen if one.may_fail]
    watched = [
        one for one in may_fail if one.why is not Why.FLOW_NOT_READ or _program(one) not in read
    ]
    listed = watched[:MOST_ITEMS]
    return FollowUp(
        id=reset.id,
        requester=reset.requester,
        org=reset.account.org,
        user_id=reset.account.user_id,
        began_at=began_at,
        effective_at=_effective_at(reset, began_at),
        until=bucket(began_at + timedelta(days=days)),
        next_at=next_look(began_at, after=now, days=days),
        read_to=began_at,
        items=tuple(_item(reset.id, one) for one in listed),
        more=len(may_fail) - len(listed) + (reset.impact.more if reset.impact else 0),
        history_known=reset.impact is not None and reset.impact.readable,
    )


def _began_at(reset: Reset, now: datetime) -> datetime:
    """A guided reset happened before it was reported; how long before isn't known."""
    if reset.state in {State.DONE, State.UNKNOWN} and reset.intent_at:
        return reset.intent_at
    return reset.finished_at or now


def _effective_at(reset: Reset, began_at: datetime) -> datetime:
    if reset.state is State.UNKNOWN:
        return began_at + UNKNOWN_FOR
    return max(began_at, reset.finished_at or began_at)


def _programs_read(seen: Iterable[Integration]) -> set[tuple[str | None, ...]]:
    """Name the programs of which some logins were read one by one.

    The rest of a program's logins, which was only counted, is no item beside those: mostly it is
    more of the same, and would never be ticked off. Should one of them send the token, it is named
    when it fails.
    """
    return {_program(one) for one in seen if one.read and one.why is not Why.FLOW_NOT_READ}


def _program(one: Integration) -> tuple[str | None, ...]:
    return one.name, one.api_type, one.client_version


def _item(reset_id: str, one: Integration) -> Item:
    kind = (one.name, one.way, one.api_type, one.client_version)
    item_id, dismiss_id = item_ids(reset_id, kind)
    return Item(
        id=item_id,
        dismiss_id=dismiss_id,
        name=one.name,
        way=one.way,
        client_version=one.client_version,
        api_type=one.api_type,
        place=one.place,
        verdict=one.verdict,
        flow_read=one.why is not Why.FLOW_NOT_READ,
    )
