"""What must be true at the end of any story, whatever died on the way; and what people do again."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

from valkey.asyncio import Valkey

from sandbox.slack.actor import Actor
from sandbox.slack.elements_in_use import NotVisible
from services.audit import AuditRow
from services.cases import states as case_states
from services.cases.model import Case
from services.cases.states import CaseMove
from services.resets.model import Reset
from services.resets.states import FIRST, Move, after
from services.store import keys
from tests.scenario.steps import eventually
from tests.scenario.world import World

LOCKS = ("case_run:*", "follow_round:*", "freezing:*", "posting:*", "turn:show:*")
"""What a worker holds while it works, as patterns of keys."""

PLACES = keys.place("*", "*")
"""Places in a line. One whose worker died after its question was answered is nobody's to give
back: it goes by itself, after `ASKS_FOR`."""

STREAMS = ((keys.OUTBOX, "relay"), (keys.AUDIT, "relay"), ("resets:stream", "docket-workers"))
"""Each with its group of readers."""

NOTHING_PENDING: dict[str, object] = {"pending": 0, "min": None, "max": None, "consumers": []}


class Delivered(Protocol):
    """What somebody sees of what they did."""

    @property
    def error(self) -> str | None:
        """What Slack says in place of the bot, where it got no ack."""


async def insists(deed: Callable[[], Awaitable[Delivered]]) -> None:
    """Do it, and again while Slack says that it didn't work, until its button is gone."""
    done = await deed()
    while done.error is not None:
        try:
            done = await deed()
        except NotVisible:
            return


def is_a_way(rows: list[AuditRow], reset: Reset) -> None:
    """The audit has each move once, in an order that the table allows, up to where it stands."""
    moves = [Move(row.what) for row in rows if row.what in set(Move)]
    assert len(moves) == reset.version
    assert moves[0] is Move.START
    state = FIRST
    for move in moves[1:]:
        state = after(state, move)
    assert state is reset.state
    assert moves.count(Move.INTEND) <= 1
    assert moves.count(Move.TELL) == 1
    others = Counter(row.what for row in rows if row.what not in set(Move))
    assert set(others.values()) <= {1}


def is_a_way_of_a_case(rows: list[AuditRow], case: Case) -> None:
    """The audit has each move once, from state to state as the table has it, to where it stands."""
    moves = [row for row in rows if row.reset_id == case.id and row.what in set(CaseMove)]
    assert len(moves) == case.version
    first, *others = moves
    state = case_states.FIRST
    assert (first.what, first.before, first.after) == (CaseMove.REPORT, None, state)
    for row in others:
        assert row.before == state
        state = case_states.after(state, CaseMove(row.what))
        assert row.after == state
    assert state is case.state


def each_once(person: Actor) -> None:
    """A conversation can be read, so nothing is said twice there."""
    said = Counter(shown.text for shown in person.sees("dm"))
    assert {text: times for text, times in said.items() if times > 1} == {}


async def nothing_is_left(world: World) -> None:
    """No lock, no job that nobody does, no entry that nobody has finished."""
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:

        async def all_finished() -> bool:
            return [await raw.xpending(*one) for one in STREAMS] == [NOTHING_PENDING] * len(STREAMS)

        # The audit's copy in the log is nobody's last word, so it may still be on its way.
        await eventually(all_finished)
        for pattern in LOCKS:
            assert await raw.keys(pattern) == []

        async def no_place_is_kept() -> bool:
            return not await raw.keys(PLACES)

        await eventually(no_place_is_kept)
        timers = await raw.zcard("resets:queue")
        assert len(await raw.keys("resets:runs:*")) == timers, "no record of a job that is done"
    assert world.org.violations == []


async def what_is_left(url: str) -> str:
    """Say what a story that doesn't end waits for, as far as Redis knows."""
    async with Valkey.from_url(url, decode_responses=True) as raw:
        groups = {key: await raw.xinfo_groups(key) for key, _ in STREAMS if await raw.exists(key)}
        held = [key for pattern in (*LOCKS, PLACES) for key in await raw.keys(pattern)]
        timers = await raw.zrange("resets:queue", 0, -1, withscores=True)
    return f"groups {groups}; held {held}; timers {timers}"
