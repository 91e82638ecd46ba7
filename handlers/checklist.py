"""The checklist in the DM after a reset: which of the person's programs work again."""

from collections import Counter

from slack_sdk.models.blocks import Block, Option, OverflowMenuElement, PlainTextObject

from handlers.blocks import contexts, section, sections
from handlers.failing_wording import failures, meaning, name_of
from handlers.reset_wording import both
from handlers.token_places import IN_PLACE
from handlers.where_it_goes import ANY_PROGRAM, MOST_SHOWN, NO_HISTORY, NONE_SEEN
from handlers.wording import safe, when
from services.follow_ups.model import FollowUp, Item, ItemState
from services.impact.model import Verdict
from services.resets.model import Reset

_MARKS = {
    ItemState.FAILS: "❌",
    ItemState.OPEN: "▫️",
    ItemState.WORKS: "✅",
    ItemState.NOT_MINE: "\u2013",
    ItemState.DISMISSED: "\u2013",
}
"""In the order in which they are listed. Each goes with its words: a mark alone says too little."""

_COUNTED = {
    ItemState.FAILS: "failing",
    ItemState.OPEN: "not seen yet",
    ItemState.WORKS: "working",
    ItemState.NOT_MINE: "not yours",
    ItemState.DISMISSED: "not followed",
}

_I_WRITE = (
    "I write to you when a program fails, at most once a day, and at once when the user is locked "
    "out."
)

_WATCHED = frozenset({ItemState.FAILS, ItemState.OPEN})


def locked(follow_up: FollowUp) -> str:
    """Say that the user is locked out. Empty while nobody is."""
    if follow_up.locked_since is None or follow_up.ended is not None:
        return ""
    return (
        "*This Salesforce user is locked out*, since about "
        f"{when(follow_up.locked_since, 'date_time')}. Stop the program that fails first, then "
        "ask an admin to unlock the user."
    )


def checklist(reset: Reset, follow_up: FollowUp) -> list[Block]:
    """List the programs that are followed, the failing ones first."""
    order = list(_MARKS)
    items = sorted(follow_up.items, key=lambda item: order.index(item.state))
    shown, folded = items[:MOST_SHOWN], items[MOST_SHOWN:]
    going_on = follow_up.ended is None
    settled = [item for item in shown if item.state not in _WATCHED]
    return [
        section(_heading(follow_up)),
        *(
            _watched(item, password=both(reset), menu=going_on)
            for item in shown
            if item.state in _WATCHED
        ),
        *sections(_line(item) for item in settled),
        *sections(_folded(folded, follow_up.more)),
        *([section(ANY_PROGRAM)] if going_on else []),
        *contexts(_outlook(follow_up)),
    ]


def _heading(follow_up: FollowUp) -> str:
    if not follow_up.items:
        why = NONE_SEEN if follow_up.history_known else NO_HISTORY
        watching = "" if follow_up.ended else " I watch for any that fails."
        return f"*Your programs:* {why}{watching}"
    if follow_up.ended is None:
        return "*Your programs:* I tick off each when I see it log in."
    return "*Your programs*, as I last saw them:"


def _watched(item: Item, *, password: bool, menu: bool) -> Block:
    block = section(
        _line(item),
        meaning(item, password=password) if item.state is ItemState.FAILS else "",
        _doubt(item, password=password),
        f"Where it goes: {IN_PLACE[item.place]}",
    )
    if menu:
        block.accessory = OverflowMenuElement(
            action_id="follow.item",
            options=[_option("Not mine", item.id), _option("Don't follow this", item.dismiss_id)],
        )
    return block


def _option(label: str, value: str) -> Option:
    return Option(text=PlainTextObject(text=label), value=value)


def _line(item: Item) -> str:
    return f"{_MARKS[item.state]} {name_of(item)}: {_standing(item)}"


def _standing(item: Item) -> str:
    match item.state:
        case ItemState.FAILS:
            return f"fails. {failures(item)}"
        case ItemState.WORKS:
            return f"logged in {when(item.worked_at, 'date_time')}" if item.worked_at else "works"
        case state:
            return _COUNTED[state]


def _doubt(item: Item, *, password: bool) -> str:
    """Say where a program may not need the token after all."""
    if item.state is ItemState.FAILS:
        return "It wasn't in the warning." if item.surprise else ""
    match item.verdict:
        case Verdict.BREAKS_UNLESS_TRUSTED if password:
            return "On a trusted network it needs the new password only."
        case Verdict.BREAKS_UNLESS_TRUSTED:
            return "On a trusted network it needs no token."
        case Verdict.CANT_TELL:
            return "I can't tell whether this reset touches it."
        case Verdict.NOT_AFFECTED:
            return "I saw it on trusted networks only. If it sends the old token, it may fail."
        case Verdict.BREAKS:
            return ""


def _folded(items: list[Item], more: int) -> list[str]:
    counts = Counter(item.state for item in items)
    parts = [f"{counts[state]} {_COUNTED[state]}" for state in _MARKS if counts[state]]
    return [
        *([f"And {len(items)} more: {', '.join(parts)}."] if items else []),
        *([f"The list was too long for me: I don't follow {more} more."] if more else []),
    ]


def _outlook(follow_up: FollowUp) -> list[str]:
    if follow_up.ended is not None:
        return []
    lines = []
    if follow_up.unreadable_since is not None:
        lines.append(
            f"Since {when(follow_up.unreadable_since, 'date_time')} I can't read the logins, so I "
            f"tick nothing off. I keep trying.{_needs(follow_up)}"
        )
    again = f"I look again {when(follow_up.next_at, 'date_time')}. " if follow_up.next_at else ""
    return [*lines, f"{again}{_I_WRITE}"]


def _needs(follow_up: FollowUp) -> str:
    if not follow_up.needs:
        return ""
    return f" For IT: my Salesforce user lacks the permission {safe(follow_up.needs, 100)}."
