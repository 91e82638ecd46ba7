"""200 commands a second for two minutes, two web processes, no worker: `python -m bench acks`."""

import asyncio
import os
from contextlib import AsyncExitStack

from valkey import Valkey

from bench import load
from bench.serve import BASELINES, BOT
from bench.surroundings import a_port, environ, process, valkey
from bench.table import Table

PER_SECOND = 200
SECONDS = float(os.environ.get("ACKS_SECONDS", "120"))
PROCESSES = 2
BASELINE = list(BASELINES)[1]


async def main() -> None:
    """Print how long acks take under a steady stream, and whether one was lost."""
    with valkey() as redis_url:
        figures = await steady(BOT, redis_url, SECONDS)
        with Valkey.from_url(redis_url) as client:
            saved = sum(1 for _ in client.scan_iter("resets_of:*", count=1000))  # one a person
    with valkey() as redis_url:
        baseline = await steady(BASELINE, redis_url, SECONDS / 4)
    acked = figures.statuses[200]
    table = Table(
        f"{PER_SECOND} commands a second for {SECONDS:.0f} s, {PROCESSES} web processes, no worker"
    )
    table.row("acked", f"{acked:,}", f"{figures.refused} refused", f"{figures.lost} cut off")
    table.row("of these not saved", f"{acked - saved:,} (target 0)")
    table.row("median", f"{figures.median * 1000:.1f} ms")
    table.row("p99", f"{figures.p99 * 1000:.1f} ms (target < 100)")
    slow = sum(took > 3 for took in figures.times)
    table.row("slowest", f"{max(figures.times) * 1000:.0f} ms", f"{slow} over 3 s (target 0)")
    table.ratio("median", f"x {BASELINE}", figures.median / baseline.median, "≤ 4")
    table.ratio("p99", f"x {BASELINE}", figures.p99 / baseline.p99, "≤ 4")
    table.print()


async def steady(name: str, redis_url: str, seconds: float) -> load.Figures:
    """Send commands of as many people at an even pace to as many processes of a server."""
    async with AsyncExitStack() as stack:
        env = environ(REDIS_URL=redis_url)
        ports = [a_port() for _ in range(PROCESSES)]
        for port in ports:
            await stack.enter_async_context(
                process("bench.serve", name, str(port), env=env, port=port)
            )
        each = int(PER_SECOND * seconds / PROCESSES)
        people = [f"U{number:09d}" for number in range(each * PROCESSES)]
        requests = [load.signed_request(load.command(one)) for one in people]
        parts = await asyncio.gather(
            *(
                load.run_paced(port, requests[number::PROCESSES], within=seconds)
                for number, port in enumerate(ports)
            )
        )
    return load.together(parts)
