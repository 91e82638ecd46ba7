"""What 1,000, 10,000 and 100,000 past resets and approvals cost: `python -m bench history`."""

import statistics
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from valkey.asyncio import Valkey

from bench import load, past
from bench.approve import approve
from bench.click import to_first_request
from bench.report import Report
from bench.whole import Whole, whole_bot
from sandbox.slack.model import Person


@dataclass(frozen=True)
class Size:
    """How much is measured: a bot for each `past`, in turns, so that all meet the same machine."""

    past: tuple[int, ...] = (1_000, 10_000, 100_000)
    rounds: int = 6
    tries: int = 50
    """Commands of a round, and as many statuses."""
    presses: int = 5
    """Of a round."""
    approvals: int = 3
    """Of a round."""


SMALL = Size(past=(5, 20), rounds=1, tries=4, presses=1, approvals=1)

TIMES: Final = {
    "command": "a command's ack",
    "status": "a status",
    "press": "a press to Salesforce",
    "approval": "an approval to Salesforce",
}


@dataclass
class Seen:
    """What one bot showed. Times in seconds."""

    reset_bytes: float
    """In Redis for each past reset."""
    case_bytes: float
    """The same for each case that was decided."""
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TIMES})

    def median(self, name: str) -> float:
        """Of all rounds."""
        return statistics.median(self.times[name])


async def measure(*, small: bool = False) -> list[Report]:
    """Find what each costs, against the same with the fewest past ones."""
    size = SMALL if small else Size()
    async with AsyncExitStack() as stack:
        bots = {
            count: await stack.enter_async_context(whole_bot(method="password"))
            for count in size.past
        }
        return [await of(bots, size)]


async def of(bots: Mapping[int, Whole], size: Size) -> Report:
    """Give each bot so many past resets and cases, then measure one after the other, in rounds."""
    found = {count: await _with_a_past(whole, count) for count, whole in bots.items()}
    for whole in bots.values():
        await _one_round(whole, Seen(0, 0), size)  # warm
    for _ in range(size.rounds):
        for count, whole in bots.items():
            await _one_round(whole, found[count], size)
    return _report(found, size)


async def _with_a_past(whole: Whole, count: int) -> Seen:
    one, other = whole.add_people(2)
    async with Valkey.from_url(whole.redis_url) as redis:
        reset = await past.a_reset(whole, redis, one)
        case = await past.a_case(whole, redis, other)
        more = count - 1
        return Seen(
            await past.add(redis, reset, more) / more, await past.add(redis, case, more) / more
        )


async def _one_round(whole: Whole, seen: Seen, size: Size) -> None:
    """Measure one bot, over one connection, and let it come to rest."""
    asking, suspected = whole.add_people(size.presses), whole.add_people(size.approvals)
    for person in asking:
        seen.times["press"].append(await _press(whole, person))
    for person in suspected:
        seen.times["approval"].append((await approve(whole, person)).first)
    asked = [person.id for person in asking] * (size.tries // size.presses)
    statuses = (load.command(one, "status") for one in asked)
    seen.times["status"] += (await load.run(whole.port, statuses, connections=1)).times
    # Of people whom Slack doesn't know: the worker is done with each after one look.
    nobody = (load.command(f"U{asking[0].id}{number}") for number in range(size.tries))
    looks = len(whole.slack.calls.to("users.info")) + size.tries
    seen.times["command"] += (await load.run(whole.port, nobody, connections=1)).times
    await whole.slack.until(lambda: len(whole.slack.calls.to("users.info")) >= looks, 30)


async def _press(whole: Whole, person: Person) -> float:
    """Time from a press on a warning to the first request at Salesforce."""
    actor = whole.slack.actor(person.id)
    await actor.types("/reset-token")
    await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
    seconds = await to_first_request(whole, actor.presses("reset.confirm"))
    await actor.sees_soon("", 30, channel="dm")
    return seconds


def _report(found: Mapping[int, Seen], size: Size) -> Report:
    table = Report(
        f"With so many past resets and as many decided cases: medians of "
        f"{size.rounds * size.tries} commands and statuses, {size.rounds * size.presses} presses "
        f"and {size.rounds * size.approvals} approvals, in {size.rounds} rounds"
    )
    for count, seen in found.items():
        table.row(
            f"{count:,} of each",
            *(f"{name} {seen.median(name) * 1000:.2f} ms" for name in TIMES),
            f"{seen.reset_bytes:,.0f} bytes a reset",
            f"{seen.case_bytes:,.0f} bytes a case",
        )
    (few, least), *_, (many, most) = found.items()
    for name, called in TIMES.items():
        ratio = most.median(name) / least.median(name)
        table.ratio(f"{called}, {many:,} past", f"with {few:,}", ratio, "≤ 1.25")
    for called, ratio in (
        ("a past reset", most.reset_bytes / least.reset_bytes),
        ("a decided case", most.case_bytes / least.case_bytes),
    ):
        table.ratio(f"bytes of {called}, {many:,} past", f"with {few:,}", ratio, "≤ 1.1")
    labels = [f"{count:,}" for count in found]
    table.plot(
        "history-time",
        "What past resets and decided cases add",
        unit="ms, median",
        labels=labels,
        series={
            called: [seen.median(name) * 1000 for seen in found.values()]
            for name, called in TIMES.items()
        },
        lines=True,
    )
    table.plot(
        "history-bytes",
        "What each that is past holds in Redis",
        unit="bytes",
        labels=labels,
        series={
            "a reset": [seen.reset_bytes for seen in found.values()],
            "a decided case": [seen.case_bytes for seen in found.values()],
        },
        lines=True,
    )
    return table
