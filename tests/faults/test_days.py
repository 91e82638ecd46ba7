"""Days in fast-forward: the same load leaves no more behind after ten days than after five."""

import gc
import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from valkey.asyncio import Valkey

from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.clock import from_milliseconds
from services.store import keys
from tests.counting import Count
from tests.faults.fast_forward import FastForward, in_fast_forward, members
from tests.scenario.breach_steps import (
    approves,
    case_in,
    contained,
    denies,
    reported,
    the_case,
)
from tests.scenario.containment_steps import thread
from tests.scenario.steps import done, offered

WAVES = 1
"""A day."""

DAYS = 5
"""Longer than anything lasts with these settings but the audit, so all of it has come and gone."""

SETTINGS = {"RESET_FOLLOW_DAYS": "1", "RESET_RETENTION_DAYS": "3", "BREACH_EVIDENCE_DAYS": "3"}

FIXED = ("preparation._CARD_LIFE", "plans._CLOSED_STEP_LIFE")
"""What lasts 90 days whatever the settings are."""

TRACED = 2
"""The last days, in which what is taken is looked at: that makes a day four times as long, and to
look at callers too forty times."""

ROOT = Path(__file__).parents[2]
OURS = [str(ROOT / part / "*") for part in ("bot", "handlers", "services")]
LIBRARIES = (
    "cloudpickle docket prometheus_client pydantic redis requests simple_salesforce slack_bolt"
    " slack_sdk structlog tenacity urllib3"
)
"""What works for the program, and not for the sandbox, which keeps all that was ever done."""

PASSED_ON = 120
"""Bytes of a small dict's keys. Python passes these blocks on, and they still name who had them
first: what the sandbox keeps would count as taken where a library calls with keywords."""

MOST_GROWTH = 40_000
"""Bytes in the last day: caches that fill, and what one wave has just left."""


async def a_wave(time: FastForward, people: list[str]) -> None:
    """One resets, one cancels, one leaves the offer; one is denied, one contained and closed."""
    begun = time.now
    resets, cancels, leaves, suspect, robbed = people
    await done(time.world, resets)
    other = await offered(time.world, cancels)
    await time.world.person(cancels).presses("reset.cancel", other)
    await offered(time.world, leaves)
    await a_denied_case(time, suspect)
    seen, case = await a_contained_case(time, robbed)
    await closes(time, seen)
    assert case.target is not None
    # As Salesforce's admins do: who is still frozen the next day isn't frozen again.
    time.world.org.users[case.target.user_id].is_frozen = False
    await time.until(begun + timedelta(hours=24 / WAVES))


async def a_denied_case(time: FastForward, suspect: str) -> Case:
    """Report somebody, and deny it."""
    seen = await reported(time.world, whom=suspect)
    case = await the_case(time.world, seen)
    await denies(time.world, seen)
    denied = await case_in(time.world, case.id, CaseState.DENIED)
    await time.drained()
    return denied


async def a_contained_case(time: FastForward, robbed: str) -> tuple[Shown, Case]:
    """Report somebody, and approve all that contains the account; returns the card too."""
    seen = await reported(time.world, whom=robbed)
    await approves(time.world, seen)
    case = await contained(time.world, seen)
    await time.drained()
    return seen, case


async def closes(time: FastForward, seen: Shown) -> None:
    """Press *Close* below a card whose account is contained."""
    case = await the_case(time.world, seen)
    following = await thread(time.world, seen, "Next steps for IT", "[ Close ]")
    await time.world.person("ivan").presses("breach.close", following)
    await case_in(time.world, case.id, CaseState.CLOSED)
    await time.drained()


@contextmanager
def traced() -> Iterator[None]:
    """Remember who takes memory; and let nobody say anything, as pytest keeps it all."""
    logging.disable()
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)


def held() -> int:
    """Bytes that the program and its libraries hold, of what they took since it was looked at."""
    gc.collect()
    places = [*OURS, *(folder for one in LIBRARIES.split() for folder in _folders(one))]
    filters = [tracemalloc.Filter(inclusive=True, filename_pattern=one) for one in places]
    found = tracemalloc.take_snapshot().filter_traces(filters)
    return sum(one.size for one in found.traces if one.size != PASSED_ON)


def _folders(library: str) -> Iterator[str]:
    spec = find_spec(library)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return (f"{one}/*" for one in spec.submodule_search_locations)


async def test_keys_timers_and_memory_are_flat(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    for life in FIXED:
        monkeypatch.setattr(f"services.cases.{life}", timedelta(days=3))
    async with in_fast_forward(redis_url, monkeypatch, **SETTINGS) as time:
        people = list(members(time.world, 5))
        for _ in range(DAYS * WAVES):
            await a_wave(time, people)
        sizes = await time.size()
        for _ in range((DAYS - TRACED) * WAVES):
            await a_wave(time, people)
        with traced():
            for _ in range(WAVES):
                await a_wave(time, people)
            memory = held()
            for _ in range((TRACED - 1) * WAVES):
                await a_wave(time, people)
            grown = held() - memory
        after = await time.size()
        assert after.keys() <= sizes.keys()
        # A wave's own timers may just have been due.
        assert all(after.get(kind, 0) <= size + 2 for kind, size in sizes.items()), (sizes, after)
        assert grown < MOST_GROWTH
    count("days of the same load in fast-forward, after which nothing had grown", 2 * DAYS)
    count("bytes by which memory grew in the last day of it", max(grown, 0))


async def test_the_audit_is_trimmed_when_its_year_is_over(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis names its rows by its own clock, in pages of a hundred, and drops whole pages."""
    async with in_fast_forward(redis_url, monkeypatch) as time:
        (name,) = members(time.world, 1)
        async with Valkey.from_url(redis_url, decode_responses=True) as raw:
            await offered(time.world, name)
            ((first, row),) = await raw.xrange(keys.AUDIT, count=1)
            for _ in range(300):
                await raw.xadd(keys.AUDIT, row)
            over = from_milliseconds(int(first.partition("-")[0])) + timedelta(days=365)
            await time.until(over - timedelta(hours=1))
            await offered(time.world, name)
            assert (await raw.xrange(keys.AUDIT, count=1))[0][0] == first, "too early"
            await time.until(over + timedelta(hours=1))
            await offered(time.world, name)
            assert await raw.xlen(keys.AUDIT) <= 100


async def test_what_is_over_is_kept_for_its_days_and_no_longer(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    """Counted from its last change. What only a decision ends has no end before that."""
    async with (
        in_fast_forward(redis_url, monkeypatch, **SETTINGS | {"BREACH_EVIDENCE_DAYS": "5"}) as time,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        resets, suspect, robbed = members(time.world, 3)
        await done(time.world, resets)
        denied = await a_denied_case(time, suspect)
        seen, case = await a_contained_case(time, robbed)
        begun, reset = time.now, keys.reset((await time.world.newest(resets)).id)
        evidence = keys.evidence(case.id)
        denied_one, open_one = (
            (keys.case(one.id), keys.case_posts(one.id)) for one in (denied, case)
        )

        async def goes_at(at: datetime, *names: str) -> None:
            await time.until(at - timedelta(hours=1))
            assert await raw.exists(*names) == len(names), "too early"
            await time.until(at + timedelta(hours=1))
            assert await raw.exists(*names) == 0, "too late"

        await goes_at(begun + timedelta(days=3), reset, *denied_one)
        await goes_at(begun + timedelta(days=5), evidence)
        assert await raw.pttl(open_one[0]) == -1, "nobody has closed it"
        await closes(time, seen)
        await goes_at(time.now + timedelta(days=3), *open_one)
    count("kinds of what is over, there an hour before its end and gone an hour after", 4)
