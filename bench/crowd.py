"""2,000 people at once while Salesforce is slow: `python -m bench.crowd`."""

import asyncio
import time

from valkey import Valkey

from bench import load
from bench.table import Table
from bench.whole import whole_bot
from sandbox.salesforce.faults import late
from sandbox.slack import payloads

PEOPLE = 2_000
WITHIN = 4.0
"""Seconds in which all of them type the command."""


async def main() -> None:
    """Print what the crowd saw."""
    async with whole_bot() as whole:
        people = whole.add_people(PEOPLE)
        general = whole.slack.channel("general")
        bodies = (
            load.encoded(payloads.slash_command(whole.slack, one, general, "/reset-token", ""))
            for one in people
        )
        whole.org.faults.add("*", late(10), None)
        requests = [load.signed_request(body) for body in bodies]
        figures = await load.run_paced(whole.port, requests, within=WITHIN)
        with Valkey.from_url(whole.redis_url) as client:
            saved = sum(1 for _ in client.scan_iter("reset:*", count=1000))
        whole.org.faults.clear()
        whole.org.faults.add("*", late(0.05), None)
        start = time.perf_counter()
        await whole.slack.until(
            lambda: len(whole.slack.calls.to("response_url")) >= PEOPLE, timeout=600
        )
        drained = time.perf_counter() - start
    table = Table(f"{PEOPLE:,} commands of {PEOPLE:,} people in {WITHIN:.0f} s, Salesforce at 10 s")
    table.row("acked", f"{len(figures.times):,}", f"{figures.refused} refused")
    table.row("slowest ack", f"{max(figures.times) * 1000:.0f} ms (target < 3,000)")
    table.row("p99", f"{figures.p99 * 1000:.0f} ms (target < 1,000)")
    table.row("saved", f"{saved:,} (target {PEOPLE:,})")
    table.row("all answered, Salesforce at 50 ms", f"after {drained:.0f} s, one worker")
    table.print()


if __name__ == "__main__":
    asyncio.run(main())
