"""The last word of a follow-up: how it ended, and what was never seen."""

from handlers.failing_wording import failing_items
from handlers.integration_words import name
from handlers.unread_words import couldnt_read
from handlers.wording import when
from services.follow_ups.model import Ended, FollowUp, Item, ItemState

MOST_NAMED = 5
"""Programs that it names of a kind; the checklist below has the others."""


def last_word(follow_up: FollowUp) -> str:
    """Say that the follow-up is over, and how. Empty while it goes on."""
    match follow_up.ended:
        case Ended.ALL_DONE:
            return _joined(_all_done(follow_up), couldnt_read(follow_up))
        case Ended.TIME_IS_UP:
            return _time_is_up(follow_up)
        case Ended.TAKEN_OVER:
            return (
                "A newer reset of this Salesforce user took over. Follow the newer message; the "
                "token of this one has probably been replaced."
            )
        case Ended.IT_ACTED:
            return (
                "IT has acted on this Salesforce user since, so the token of this message may no "
                "longer hold. I've stopped looking; ask IT how to go on."
            )
        case None:
            return ""


def _all_done(follow_up: FollowUp) -> str:
    states = {item.state for item in follow_up.items}
    if ItemState.WORKS not in states:
        return "You took every program off the list, so I've stopped looking."
    those = "on the list" if states == {ItemState.WORKS} else "that I followed"
    if follow_up.unreadable_since is not None:
        return f"Every program {those} worked when I could last read. I've stopped looking."
    return f"Every program {those} works again. I've stopped looking."


def _time_is_up(follow_up: FollowUp) -> str:
    at = f" on {when(follow_up.ended_at, 'date')}" if follow_up.ended_at else ""
    unread = follow_up.unreadable_since is not None
    then = "when I could last read" if unread else "then"
    unseen = [item for item in follow_up.items if item.state is ItemState.OPEN]
    failing = failing_items(follow_up)
    never = "Not seen by then" if unread else "Not seen since the reset"
    return _joined(
        f"I stopped looking{at}: the time for it was up.",
        couldnt_read(follow_up),
        _locked(follow_up),
        f"Still failing {then}: {_names(failing)}." if failing else "",
        f"{never}: {_names(unseen)}. Try out each." if unseen else "",
    )


def _locked(follow_up: FollowUp) -> str:
    if follow_up.locked_since is None:
        return ""
    if follow_up.lock_inferred:
        at = when(follow_up.locked_since, "date_time")
        return f"The user was locked out at {at}; I can't see whether it still is."
    unread = follow_up.unreadable_since is not None
    return f"The user was locked out {'when I last could see it' if unread else 'then'}."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _names(items: list[Item]) -> str:
    names = [name(item.name) for item in items[:MOST_NAMED]]
    left_out = len(items) - len(names)
    return ", ".join(names) + (f" and {left_out} more" if left_out else "")
