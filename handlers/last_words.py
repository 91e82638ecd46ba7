"""The last word of a follow-up: how it ended, and what was never seen."""

from collections.abc import Iterable

from handlers.failing_wording import failing_items
from handlers.integration_words import name
from handlers.where_it_goes import MOST_SHOWN
from handlers.wording import when
from services.follow_ups.model import Ended, FollowUp, Item, ItemState


def last_word(follow_up: FollowUp) -> str:
    """Say that the follow-up is over, and how. Empty while it goes on."""
    match follow_up.ended:
        case Ended.ALL_DONE:
            return _all_done(follow_up.items)
        case Ended.TIME_IS_UP:
            return _time_is_up(follow_up)
        case Ended.TAKEN_OVER:
            return (
                "A newer reset of this Salesforce user took over. Follow the newer message; the "
                "token of this one has probably been replaced."
            )
        case None:
            return ""


def _all_done(items: Iterable[Item]) -> str:
    states = {item.state for item in items}
    if ItemState.WORKS not in states:
        return "You took every program off the list, so I've stopped looking."
    if states == {ItemState.WORKS}:
        return "Every program on the list works again. I've stopped looking."
    return "Every program that I followed works again. I've stopped looking."


def _time_is_up(follow_up: FollowUp) -> str:
    at = f" on {when(follow_up.ended_at, 'date')}" if follow_up.ended_at else ""
    unseen = [item for item in follow_up.items if item.state is ItemState.OPEN]
    failing = failing_items(follow_up)
    return " ".join(
        [
            f"I stopped looking{at}: the time for it was up.",
            *(["The user was locked out then."] if follow_up.locked_since else []),
            *([f"Still failing then: {_names(failing)}."] if failing else []),
            *([f"Not seen since the reset: {_names(unseen)}. Try out each."] if unseen else []),
        ]
    )


def _names(items: list[Item]) -> str:
    names = [name(item.name) for item in items[:MOST_SHOWN]]
    left_out = len(items) - len(names)
    return ", ".join(names) + (f" and {left_out} more" if left_out else "")
