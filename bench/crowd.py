"""2,000 people at once while Salesforce is slow: `python -m bench crowd`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from valkey import Valkey

from bench import load
from bench.report import Report
from bench.whole import Whole, whole_bot
from sandbox.salesforce.faults import late
from sandbox.slack import payloads
from sandbox.slack.model import Person


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    people: int = 2_000
    within: float = 4.0
    """Seconds in which all of them type the command."""
    slow: float = 10
    """Seconds that Salesforce takes for each answer meanwhile."""


SMALL = Size(people=20, within=0.2, slow=1)


async def measure(*, small: bool = False) -> list[Report]:
    """Find what the crowd saw."""
    async with whole_bot() as whole:
        return [await of(whole, SMALL if small else Size())]


async def of(whole: Whole, size: Size) -> Report:
    """Send a tenth of a crowd while Salesforce answers at once, then the whole one."""
    few = max(size.people // 10, 2)
    calm = await send(whole, whole.add_people(few), size.within / 10)
    await _answered(whole, few)
    people = whole.add_people(size.people)
    whole.org.faults.add("*", late(size.slow), None)
    before = _kept(whole)
    figures = await send(whole, people, size.within)
    saved = _kept(whole) - before
    whole.org.faults.clear()
    whole.org.faults.add("*", late(0.05), None)
    start = time.perf_counter()
    await _answered(whole, few + size.people)
    drained = time.perf_counter() - start
    whole.org.faults.clear()
    table = Report(
        f"{size.people:,} commands of as many people in {size.within:g} s, "
        f"Salesforce at {size.slow:g} s"
    )
    table.row("acked", f"{figures.statuses[200]:,}", target=f"{size.people:,}")
    table.row("refused, cut off", f"{figures.refused}, {figures.lost}", target="0, 0")
    table.row("slowest ack", f"{max(figures.times) * 1000:.0f} ms", target="< 3 s")
    table.row("p99", f"{figures.p99 * 1000:.0f} ms", target="< 1 s")
    table.row("saved", f"{saved:,}", target=f"{size.people:,}")
    table.row("all answered, Salesforce at 50 ms", f"after {drained:.0f} s", "one worker")
    ratio = figures.median / calm.median
    table.ratio("median", "the median of a tenth, Salesforce at once", ratio, "≤ 2")
    return table


async def send(whole: Whole, people: Sequence[Person], within: float) -> load.Figures:
    """Let each of them type the command once."""
    general = whole.slack.channel("general")
    bodies = (
        load.encoded(payloads.slash_command(whole.slack, one, general, "/reset-token", ""))
        for one in people
    )
    requests = [load.signed_request(body) for body in bodies]
    return await load.run_paced(whole.port, requests, within=within)


async def _answered(whole: Whole, count: int) -> None:
    await whole.slack.until(lambda: len(whole.slack.calls.to("response_url")) >= count, timeout=600)


def _kept(whole: Whole) -> int:
    with Valkey.from_url(whole.redis_url) as client:
        return sum(1 for _ in client.scan_iter("reset:*", count=1000))
