"""The checklist in the DM after a reset: which of the person's programs work again."""

from collections import Counter
from collections.abc import Iterable

from slack_sdk.models.blocks import Block, Option, OverflowMenuElement, PlainTextObject

from handlers.blocks import contexts, section, sections
from handlers.failing_wording import failures, meaning, name_of
from handlers.fitting import Detail
from handlers.integration_words import name
from handlers.reset_wording import both
from handlers.token_places import IN_PLACE
from handlers.unread_words import cant_read
from handlers.where_it_goes import NO_HISTORY, NONE_SEEN
from handlers.wording import when
from services.follow_ups.model import FollowUp, Item, ItemState
from services.impact.model import Place, Verdict
from services.resets.model import Reset

MOST = Detail(programs=15, addresses=2)
"""What it tells at most."""

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

NONE_LISTED = "I couldn't list any program by name."

_WATCHED = frozenset({ItemState.FAILS, ItemState.OPEN})


def locked(follow_up: FollowUp) -> str:
    """Say that the user is locked out, or was as far as can be seen. Empty while nobody is."""
    if follow_up.locked_since is None or follow_up.ended is not None:
        return ""
    if follow_up.lock_inferred:
        return (
            "*This Salesforce user was locked out* at "
            f"{when(follow_up.locked_since, 'date_time')}; "
            "I can't see whether it still is. Stop the program that fails first. If it still is, "
            "ask an admin to unlock the user."
        )
    return (
        "*This Salesforce user is locked out*, since about "
        f"{when(follow_up.locked_since, 'date_time')}. Stop the program that fails first, then "
        "ask an admin to unlock the user."
    )


def checklist(reset: Reset, follow_up: FollowUp, detail: Detail) -> list[Block]:
    """List the programs that are followed, the failing ones first."""
    order = list(_MARKS)
    items = sorted(follow_up.items, key=lambda item: order.index(item.state))
    shown, folded = items[: detail.programs], items[detail.programs :]
    watched = [item for item in shown if item.state in _WATCHED]
    settled = [item for item in shown if item.state not in _WATCHED]
    return [
        section(_heading(follow_up)),
        *_watched(reset, watched, detail.addresses, menus=follow_up.ended is None),
        *sections(_line(item, detail.addresses) for item in settled),
        *sections(_folded(folded, follow_up.more)),
        *contexts(_outlook(follow_up)),
    ]


def where_each_goes(items: Iterable[Item]) -> list[str]:
    """Say of each program where its token goes, and of the second of a kind that it is the same."""
    first: dict[Place, Item] = {}
    lines = []
    for item in items:
        known = first.setdefault(item.place, item)
        same = f"as with *{name(known.name)}*."
        lines.append(f"Where it goes: {IN_PLACE[item.place] if known is item else same}")
    return lines


def _heading(follow_up: FollowUp) -> str:
    if not follow_up.items:
        none = NONE_LISTED if follow_up.more else NONE_SEEN
        why = none if follow_up.history_known else NO_HISTORY
        watching = "" if follow_up.ended else " I watch for any that fails."
        return f"*Your programs:* {why}{watching}"
    if follow_up.ended is None:
        return "*Your programs:* I tick off each when I see it log in."
    return "*Your programs*, as I last saw them:"


def _watched(reset: Reset, items: list[Item], addresses: int, *, menus: bool) -> list[Block]:
    blocks: list[Block] = []
    for item, where in zip(items, where_each_goes(items), strict=True):
        failing = item.state is ItemState.FAILS
        block = section(
            _line(item, addresses),
            meaning(item, password=both(reset)) if failing else "",
            _doubt(item),
            where,
        )
        if menus:
            block.accessory = OverflowMenuElement(
                action_id="follow.item",
                options=[
                    _option("Not mine", item.id),
                    _option("Don't follow this", item.dismiss_id),
                ],
            )
        blocks.append(block)
    return blocks


def _option(label: str, value: str) -> Option:
    return Option(text=PlainTextObject(text=label), value=value)


def _line(item: Item, addresses: int) -> str:
    return f"{_MARKS[item.state]} {name_of(item)}: {_standing(item, addresses)}"


def _standing(item: Item, addresses: int) -> str:
    match item.state:
        case ItemState.FAILS:
            return f"fails. {failures(item, addresses)}"
        case ItemState.WORKS:
            return f"logged in {when(item.worked_at, 'date_time')}" if item.worked_at else "works"
        case state:
            return _COUNTED[state]


def _doubt(item: Item) -> str:
    """Say where a program may not need the token after all.

    That none is needed on a trusted network, the message says once for all programs.
    """
    if item.state is ItemState.FAILS:
        return "It wasn't in the warning." if item.surprise else ""
    match item.verdict:
        case Verdict.CANT_TELL:
            return "I can't tell whether this reset touches it."
        case Verdict.NOT_AFFECTED:
            return "I saw it on trusted networks only. If it sends the old token, it may fail."
        case Verdict.BREAKS | Verdict.BREAKS_UNLESS_TRUSTED:
            return ""


def _folded(items: list[Item], more: int) -> list[str]:
    counts = Counter(item.state for item in items)
    parts = [f"{counts[state]} {_COUNTED[state]}" for state in _MARKS if counts[state]]
    return [
        *([f"And {len(items)} more: {', '.join(parts)}."] if items else []),
        *([f"Not on this list: at least {more:,} more that may need the token."] if more else []),
    ]


def _outlook(follow_up: FollowUp) -> list[str]:
    """Say how long it looks. Not when next: that would be an edit after each look."""
    if follow_up.ended is not None:
        return []
    until = f", until {when(follow_up.until, 'date')}" if follow_up.until else ""
    unread = cant_read(follow_up)
    return [
        *([unread] if unread else []),
        (
            f"I look within minutes at first, then less often{until}. I write to you when a "
            "program fails, at most once a day, and as soon as I see that the user is locked out."
        ),
    ]
