"""Plays a part of a conversation while one call fails, and says what became of it."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from valkey import Valkey
from valkey.asyncio import Valkey as AsyncValkey

from bot.embedded import EmbeddedValkey
from bot.wiring_worker import REDELIVERY
from sandbox.salesforce import faults as salesforce_faults
from sandbox.slack import calls as slack_calls
from sandbox.slack import seed
from services.salesforce.http import Timeouts
from tests.faults.extent import AT_ONCE
from tests.faults.fault_flows import ALERTING, NOT_ME, REPORTING, Flow, LateAckError
from tests.faults.fault_kinds import SALESFORCE, SLACK, TIME_OUT, of_slack
from tests.faults.fault_seen import Seen, difference, seen
from tests.faults.fault_truth import effects, is_true
from tests.faults.standstill import TOO_LONG_FOR_MANY, StoodStillError, telling_apart
from tests.scenario.breach_attempts import hurried
from tests.scenario.steps import eventually
from tests.scenario.world import World

PATIENCE = 60
"""Seconds for one play."""

ONE_OF_MANY = {"authsession", "revoke"}
"""Calls of which there are several alike, one for each session or grant: the first one fails."""

AT_THE_SAME_TIME = {(one.name, "composite") for one in (REPORTING, ALERTING, NOT_ME)}
"""Calls of which nobody can say which comes first: all of them fail, as often as they are made."""


@dataclass(frozen=True, order=True)
class Call:
    """A call that a flow makes when all is well."""

    flow: str
    service: str
    name: str
    """An endpoint of Salesforce, or a method of Slack and where it goes."""
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.service} {self.name} {self.nth} of {self.flow!r}"


@dataclass(frozen=True)
class Row:
    """What came of a call that met a fault."""

    call: Call
    fault: str
    saw: str
    effects: str


@dataclass(frozen=True)
class Clean:
    """A flow without a fault: its calls in order, and what is seen in the end."""

    flow: Flow
    calls: tuple[Call, ...]
    seen: Seen

    def pairs(self) -> list[tuple[Call, str]]:
        """Every call with every fault of its service."""
        return [
            (call, fault)
            for call in self.calls
            for fault in (SALESFORCE if call.service == "Salesforce" else of_slack(call.name))
        ]


def made_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait longer than `TIME_OUT`, and let what is put off come soon."""
    hurried(monkeypatch)
    short = Timeouts(connect=TIME_OUT, read=TIME_OUT, effect=TIME_OUT)
    monkeypatch.setattr("services.salesforce.org.Timeouts", lambda: short)
    monkeypatch.setattr("services.salesforce.retrying.FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr("services.slack.client.TIMEOUT", TIME_OUT)
    monkeypatch.setattr("services.slack.messenger.RESPOND_TIMEOUT", TIME_OUT)
    for pause in (
        "services.cases.preparation.SOON",
        "handlers.breach_card.REFUSED_AGAIN",
        "handlers.it_channel.REFUSED_AGAIN",
    ):
        monkeypatch.setattr(pause, timedelta(seconds=1))


class Stages:
    """Servers of Redis to play on, so that plays at the same time share nothing."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._free: asyncio.Queue[str] = asyncio.Queue()
        for url in urls:
            self._free.put_nowait(url)

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        url = await self._free.get()
        try:
            with Valkey.from_url(url) as raw:
                raw.flushall()
            yield url
        finally:
            self._free.put_nowait(url)


@contextlib.asynccontextmanager
async def stages(folder: Path) -> AsyncIterator[Stages]:
    servers = [EmbeddedValkey(folder / str(one), append_fsync="no") for one in range(AT_ONCE)]
    try:
        yield Stages([await asyncio.to_thread(one.start) for one in servers])
    finally:
        for one in servers:
            await asyncio.to_thread(one.stop)


@contextlib.asynccontextmanager
async def _begun(flow: Flow, on: Stages) -> AsyncIterator[World]:
    async with (
        on.one() as url,
        telling_apart(url, TOO_LONG_FOR_MANY),
        flow.world(url) as world,
        asyncio.timeout(PATIENCE),
        # Nobody dies here, and a busy machine mustn't look like a death.
        world.worker(redelivery=REDELIVERY),
    ):
        await flow.before(world)
        yield world


async def clean(flow: Flow, on: Stages) -> Clean:
    """Play a flow without a fault."""
    async with _begun(flow, on) as world:
        at_salesforce, at_slack = len(world.org.calls), len(world.slack.calls)
        await flow.play(world)
        made = [("Salesforce", one.endpoint) for one in world.org.calls[at_salesforce:]]
        made += [("Slack", _name(one)) for one in world.slack.calls[at_slack:]]
        found: Counter[tuple[str, str]] = Counter()
        calls = []
        for one in made:
            found[one] += 1
            calls.append(Call(flow.name, *one, nth=found[one]))
        kept = [one for one in calls if one.nth == 1 or not _is_one_of_many(one)]
        kept.sort(key=lambda one: one.name if one.service == "Slack" else "")  # some are at once
        return Clean(flow, tuple(kept), seen(world, flow))


def _is_one_of_many(call: Call) -> bool:
    many = call.name in ONE_OF_MANY or call.name.startswith("chat.update")
    return many or (call.flow, call.name) in AT_THE_SAME_TIME


def _name(call: slack_calls.Call) -> str:
    place = str(call.args.get("channel") or call.channel or "")
    if place == seed.IT_CHANNEL:
        return f"{call.method} in IT's channel"
    if place.startswith(("U", "D")):
        (who,) = [one for one in ("ada", "eve", "ivan") if f"0{one.upper()}0" in place]
        return f"{call.method} to {who}"
    return call.method


def _arm(world: World, call: Call, fault: str) -> None:
    if call.service == "Salesforce":
        for _ in range(call.nth - 1):
            world.org.faults.add(call.name, salesforce_faults.late(0))
        times = None if (call.flow, call.name) in AT_THE_SAME_TIME else 1
        world.org.faults.add(call.name, SALESFORCE[fault], times)
        return
    made = SLACK[fault]()
    made.times = 1
    met = 0

    def is_it(asked: slack_calls.Call) -> bool:
        nonlocal met
        met += _name(asked) == call.name
        return met == call.nth

    made.when = is_it
    world.slack.faults.add(call.name.partition(" ")[0], made)


async def play(whole: Clean, call: Call, fault: str, on: Stages) -> Row:
    """Play a flow with a fault, and check that it ends well and that all that is said is true."""
    try:
        async with _begun(whole.flow, on) as world:
            _arm(world, call, fault)
            begun = len(world.org.calls)
            await whole.flow.play(world)
            await _all_jobs_have_ended(world)
            await is_true(world, whole.flow, begun)
            saw = difference(whole.seen, seen(world, whole.flow))
            return Row(call, fault, saw, effects(world, whole.flow))
    except Exception as error:
        error.add_note(f"{call}: {fault}")
        raise


async def _all_jobs_have_ended(world: World) -> None:
    """What is left are timers; a job that goes on failing has its entry's number in its key."""

    async def nothing_is_tried_again() -> bool:
        async with AsyncValkey.from_url(world.redis_url) as raw:
            left = [one.decode() for one in await raw.zrange("resets:queue", 0, -1)]
        return not any(re.search(r":\d+-\d+$", one) for one in left)

    await eventually(nothing_is_tried_again)
    assert world.org.violations == []


async def play_all(
    whole: Sequence[Clean], pairs: Iterable[tuple[Call, str]], on: Stages
) -> list[Row]:
    """Play each pair; raises what went wrong, all of it.

    Slack's three seconds may go by because many are played at once on a busy machine, or what a
    listener has of them because it stood still. Such a pair is played again by itself: if it was
    the fault's doing, it goes wrong again.
    """
    of = {one.flow.name: one for one in whole}
    pairs = list(pairs)
    plays = (play(of[call.flow], call, fault, on) for call, fault in pairs)
    done = await asyncio.gather(*plays, return_exceptions=True)
    for number, (call, fault) in enumerate(pairs):
        if isinstance(done[number], LateAckError | StoodStillError):
            again = play(of[call.flow], call, fault, on)
            (done[number],) = await asyncio.gather(again, return_exceptions=True)
    failed = [one for one in done if isinstance(one, Exception)]
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {len(done)} went wrong", failed)
    return [one for one in done if isinstance(one, Row)]
