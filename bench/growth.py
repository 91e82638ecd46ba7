"""How throughput grows from one worker to four: `python -m bench growth`.

More commands than workers can keep up with, each of another person, once while Salesforce takes
300 ms for each answer and once while it takes a second; Slack's limits are lifted, as that on
`users.info` would be the slowest.
"""

import asyncio
import os
import time
from dataclasses import dataclass

from bench import crowd
from bench.limits import slots
from bench.report import Report
from bench.surroundings import processor_seconds
from bench.whole import Whole, whole_bot
from sandbox.salesforce.faults import late


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    loads: tuple[tuple[float, int], ...] = ((0.3, 800), (1.0, 400))
    """Seconds that Salesforce takes for each answer, and how many commands are typed meanwhile."""
    within: float = 1.0
    """Seconds in which all of them are typed."""
    workers: int = 4


SMALL = Size(loads=((0.3, 60),), within=0.1, workers=2)


@dataclass(frozen=True)
class Seen:
    """What so many workers did."""

    per_second: float
    """Warnings shown, from a tenth to nine tenths of them: all workers have work by then."""
    most: float
    """The same, if nothing but Salesforce's slots took time."""
    busy: float
    """Cores in use meanwhile, by all processes of the bench."""


async def measure(*, small: bool = False) -> list[Report]:
    """Find the throughput of each number of workers."""
    size = SMALL if small else Size()
    found: dict[float, list[Seen]] = {answer: [] for answer, _ in size.loads}
    async with whole_bot(workers=0) as whole:
        for _ in range(size.workers):
            await whole.start_worker()
            await _work(whole, 4 * len(whole.workers), 0.1, 0.1)  # warm: each has a session
            for answer, commands in size.loads:
                found[answer].append(await _work(whole, commands, size.within, answer))
    return [_report(found[answer], answer, commands) for answer, commands in size.loads]


async def _work(whole: Whole, commands: int, within: float, answer: float) -> Seen:
    whole.org.faults.clear()
    whole.org.faults.add("*", late(answer), None)
    people = whole.add_people(commands)
    calls, requests = len(whole.slack.calls), whole.org.count()
    processes = [os.getpid(), *whole.webs, *whole.workers]
    used, start = sum(map(processor_seconds, processes)), time.perf_counter()
    sending = asyncio.create_task(crowd.send(whole, people, within))

    def shown() -> list[float]:
        new = whole.slack.calls[calls:]
        return [call.at for call in new if call.method == "response_url" and call.outcome == "ok"]

    await whole.slack.until(lambda: len(whole.slack.calls) >= calls + 2 * commands, 300)
    await whole.slack.until(lambda: len(shown()) >= commands, 300)
    taken = time.perf_counter() - start
    busy = (sum(map(processor_seconds, processes)) - used) / taken
    await sending
    times = sorted(shown())
    tenth = len(times) // 10
    middle = times[tenth : len(times) - tenth]
    limit = slots(len(whole.workers), commands, (whole.org.count() - requests) / commands, answer)
    return Seen((len(middle) - 1) / (middle[-1] - middle[0]), commands / limit.seconds, busy)


def _report(found: list[Seen], answer: float, commands: int) -> Report:
    table = Report(
        f"{commands:,} commands of as many people at once, Salesforce at "
        f"{answer * 1000:.0f} ms, on {os.cpu_count()} cores, which web process, workers, Valkey, "
        "sandbox and people share"
    )
    for number, seen in enumerate(found, 1):
        table.row(
            f"{number} worker{'s' if number > 1 else ''}",
            f"{seen.per_second:.1f} warnings a second",
            f"{seen.per_second / seen.most:.2f} of what its slots allow ({seen.most:.1f})",
            f"{seen.busy:.2f} cores in use, Valkey apart",
            target="≥ 0.95 of the slots while cores are free" if number == 1 else "",
        )
    one = found[0].per_second
    for number, seen in enumerate(found[1:], 2):
        table.ratio(f"warnings a second, {number} workers", "one worker", seen.per_second / one)
    table.plot(
        f"growth-{answer * 1000:.0f}",
        f"Warnings a second by the number of workers, Salesforce at {answer * 1000:.0f} ms",
        unit="a second",
        labels=[str(number) for number, _ in enumerate(found, 1)],
        series={
            "seen": [seen.per_second for seen in found],
            "what the slots allow": [seen.most for seen in found],
        },
    )
    return table
