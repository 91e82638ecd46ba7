"""What 1,000, 10,000 and 100,000 past resets and approvals cost: `python -m bench history`."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
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
    """How much is measured."""

    past: tuple[int, ...] = (1_000, 10_000, 100_000)
    tries: int = 300
    presses: int = 30
    approvals: int = 15

    @property
    def people(self) -> int:
        """As many as one measuring needs."""
        return self.presses + self.approvals


SMALL = Size(past=(5, 20), tries=4, presses=1, approvals=1)

TIMES: Final = {
    "command": "a command's ack",
    "status": "a status",
    "press": "a press to Salesforce",
    "approval": "an approval to Salesforce",
}


@dataclass(frozen=True)
class Cost:
    """What things cost with so many past resets and cases. Seconds, medians."""

    command: float
    status: float
    press: float
    approval: float
    resets: float
    """Bytes in Redis for each past reset."""
    cases: float
    """The same for each case that was decided."""


async def measure(*, small: bool = False) -> list[Report]:
    """Find what each cost, against the same with the fewest past ones."""
    async with whole_bot(method="password") as whole:
        return [await of(whole, SMALL if small else Size())]


async def of(whole: Whole, size: Size) -> Report:
    """Add more and more of what is past, and measure each time."""
    found: dict[int, Cost] = {}
    async with Valkey.from_url(whole.redis_url) as redis:
        people = iter(whole.add_people(2 + size.people * (1 + len(size.past))))
        reset = await past.a_reset(whole, redis, next(people))
        case = await past.a_case(whole, redis, next(people))
        await _measured(whole, list(islice(people, size.people)), size, (0, 0))  # warm
        there = 1
        for count in size.past:
            held = [
                await past.add(redis, shape, count - there) / (count - there)
                for shape in (reset, case)
            ]
            there = count
            some = list(islice(people, size.people))
            found[count] = await _measured(whole, some, size, (held[0], held[1]))
    return _report(found, size)


async def _measured(
    whole: Whole, people: Sequence[Person], size: Size, held: tuple[float, float]
) -> Cost:
    """Measure with what is there now, over one connection."""
    asking, suspected = people[: size.presses], people[size.presses :]
    press = await _pressed(whole, asking)
    approval = statistics.median([(await approve(whole, one)).first for one in suspected])
    asked = [person.id for person in asking] * (size.tries // size.presses)
    status = await load.run(
        whole.port, (load.command(one, "status") for one in asked), connections=1
    )
    # Of people whom Slack doesn't know: the worker is done with each after one look.
    nobody = (f"U{people[0].id}{number}" for number in range(size.tries))
    command = await load.run(whole.port, map(load.command, nobody), connections=1)
    return Cost(command.median, status.median, press, approval, *held)


async def _pressed(whole: Whole, people: Sequence[Person]) -> float:
    """Median time from a press on a warning to the first request at Salesforce."""
    times = []
    for person in people:
        actor = whole.slack.actor(person.id)
        await actor.types("/reset-token")
        await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
        times.append(await to_first_request(whole, actor.presses("reset.confirm")))
        await actor.sees_soon("", 30, channel="dm")
    return statistics.median(times)


def _report(found: dict[int, Cost], size: Size) -> Report:
    table = Report(
        f"With so many past resets and as many decided cases: medians of {size.tries} commands and "
        f"statuses, {size.presses} presses and {size.approvals} approvals"
    )
    for count, cost in found.items():
        table.row(
            f"{count:,} of each",
            *(f"{name} {getattr(cost, name) * 1000:.2f} ms" for name in TIMES),
            f"{cost.resets:,.0f} bytes a reset",
            f"{cost.cases:,.0f} bytes a case",
        )
    (few, least), *_, (many, most) = found.items()
    for name, called in TIMES.items():
        ratio = getattr(most, name) / getattr(least, name)
        table.ratio(f"{called}, {many:,} past", f"with {few:,}", ratio, "≤ 1.25")
    for name, called in (("resets", "a past reset"), ("cases", "a decided case")):
        ratio = getattr(most, name) / getattr(least, name)
        table.ratio(f"bytes of {called}, {many:,} past", f"with {few:,}", ratio, "≤ 1.1")
    labels = [f"{count:,}" for count in found]
    table.plot(
        "history-time",
        "What past resets and decided cases add",
        unit="ms, median",
        labels=labels,
        series={
            called: [getattr(cost, name) * 1000 for cost in found.values()]
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
            "a reset": [cost.resets for cost in found.values()],
            "a decided case": [cost.cases for cost in found.values()],
        },
        lines=True,
    )
    return table
