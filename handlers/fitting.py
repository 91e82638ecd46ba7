"""Keeps a message within what Slack takes in all, by telling less in detail."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from handlers.message import Message

MOST_CHARACTERS = 10_000
"""Of a message's blocks as JSON.

Slack refuses a message as `msg_blocks_too_long` from some 13,200 characters on. That limit isn't
documented (bolt-js issues 2509 and 2867), and one message was refused earlier, so this stays well
below.
"""


Level = TypeVar("Level")


class Detail(NamedTuple):
    """How much a message tells of programs."""

    programs: int
    """Programs that are named; the others are a count."""
    addresses: int
    """Failing addresses that are named of one program; the others are a count."""


def fitted(write: Callable[[Detail], Message], full: Detail) -> Message:
    """Write a message with as much detail as fits: first addresses go, then programs.

    Args:
        write: makes the message. With no program at all it has to fit.
        full: the most that it tells.
    """
    return first_that_fits(write, list(_ever_less(full)))


def first_that_fits(write: Callable[[Level], Message], levels: Sequence[Level]) -> Message:
    """Write a message as fully as fits; at the last of the levels it has to fit."""
    *more, least = levels
    for level in more:
        written = write(level)
        if size(written.blocks) <= MOST_CHARACTERS:
            return written
    return write(least)


def size(blocks: Iterable[Any]) -> int:
    """Count the characters of blocks as JSON, as JavaScript counts: an emoji is two."""
    return len(json.dumps(list(blocks), ensure_ascii=False).encode("utf-16-le")) // 2


def _ever_less(full: Detail) -> Iterable[Detail]:
    fewer = sorted({full.addresses, min(full.addresses, 2), 1}, reverse=True)
    yield from (Detail(full.programs, addresses) for addresses in fewer)
    yield from (Detail(programs, 1) for programs in range(full.programs - 1, -1, -1))
