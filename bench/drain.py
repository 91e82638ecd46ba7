"""200 people, 20 commands a second for two minutes, to the last outcome: `python -m bench drain`.

Two web processes and four workers; Salesforce takes 300 ms for each answer, Slack's limits are in
force. Each person asks twelve times.
"""

import statistics
from dataclasses import dataclass

from bench.limits import Limit, of_method, slots
from bench.people import Seen, ask
from bench.report import Report
from bench.whole import Whole, whole_bot
from sandbox.salesforce.faults import late

ANSWER = 0.3
"""Seconds that Salesforce takes for each answer."""

OWN = frozenset({"query", "composite"})
"""Requests by which a warning is prepared; the rest are resets."""

POINTS = 25
"""Moments at which the plot says how far it was."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    people: int = 200
    times: int = 12
    """That each asks."""
    per_second: float = 20
    webs: int = 2
    workers: int = 4

    @property
    def commands(self) -> int:
        """Of all people."""
        return self.people * self.times

    @property
    def seconds(self) -> float:
        """In which all commands are due."""
        return self.commands / self.per_second


SMALL = Size(people=4, times=2, per_second=8, webs=1, workers=2)


async def measure(*, small: bool = False) -> list[Report]:
    """Find how fast it drains, as a share of the slowest limit."""
    size = SMALL if small else Size()
    async with whole_bot(webs=size.webs, workers=size.workers, limits=True) as whole:
        people = whole.add_people(size.people)
        whole.org.faults.add("*", late(ANSWER), None)
        seen = await ask(whole, people, size.times, size.per_second, resets=True)
        return [_report(whole, size, seen)]


def _report(whole: Whole, size: Size, seen: Seen) -> Report:
    calls = whole.slack.calls
    prepared = sum(call.endpoint in OWN for call in whole.org.calls)
    limits = [
        Limit(f"the people: {size.per_second:.0f} commands a second", size.seconds),
        of_method("users.info", 2 * size.people),  # kept for offers; afresh before an effect
        of_method("chat.postMessage, all channels", size.people),
        slots(size.workers, size.commands, prepared / size.commands, ANSWER),
    ]
    slowest = max(limits, key=lambda limit: limit.seconds)
    drained, done = max(seen.shown), max(seen.told)
    profiles = sum(call.outcome == "ok" for call in calls.to("users.info"))
    table = Report(
        f"{size.commands:,} commands of {size.people} people in {size.seconds:g} s, "
        f"{size.webs} web processes, {size.workers} workers, Salesforce at "
        f"{ANSWER * 1000:.0f} ms, Slack's limits in force"
    )
    table.row("commands and presses not acked", f"{seen.refused}", target="0")
    table.row(
        "acks",
        f"median {statistics.median(seen.ack_ms):.0f} ms",
        f"slowest {max(seen.ack_ms):.0f} ms",
        target="< 3 s",
    )
    table.row("warnings shown", f"{len(seen.shown):,}", target=f"{size.commands:,}")
    table.row("resets told by DM", f"{len(seen.told):,}", target=f"{size.people:,}")
    for limit in limits:
        table.row(limit.name, f"{limit.seconds:.1f} s at the least")
    table.row("all warnings shown", f"after {drained:.1f} s")
    table.row("all resets told", f"after {done:.1f} s")
    table.row("`users.info` asked and answered", f"{profiles:,}", target=f"{2 * size.people:,}")
    table.row(
        "refused by Slack as too many (429)",
        f"{sum(call.outcome == 'ratelimited' for call in calls):,}",
    )
    table.ratio(
        "commands a second, until the last outcome",
        f"the slowest limit ({slowest.name})",
        slowest.seconds / done,
        "≥ 0.95",
    )
    moments = [done * point / POINTS for point in range(POINTS + 1)]
    table.plot(
        "drain",
        "Commands typed, warnings shown, resets told",
        unit="in all",
        labels=[f"{moment:.0f} s" for moment in moments],
        series={
            "commands typed": [min(moment * size.per_second, size.commands) for moment in moments],
            "warnings shown": [_by(moment, seen.shown) for moment in moments],
            "resets told": [_by(moment, seen.told) for moment in moments],
        },
        lines=True,
    )
    return table


def _by(moment: float, times: list[float]) -> int:
    return sum(time <= moment for time in times)
