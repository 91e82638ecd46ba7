"""200 commands a second for two minutes, two web processes, no worker: `python -m bench acks`."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from valkey import Valkey

from bench import load
from bench.report import Report
from bench.serve import BASELINES, BOT
from bench.surroundings import a_port, environ, process, valkey

PER_SECOND = 200
BASELINE = list(BASELINES)[1]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    seconds: float = 120
    processes: int = 2


SMALL = Size(seconds=0.5, processes=1)


async def measure(*, small: bool = False) -> list[Report]:
    """Find how long acks take under a steady stream, and whether one was lost."""
    size = SMALL if small else Size()
    with valkey() as redis_url:
        figures = await steady(BOT, redis_url, size.seconds, size.processes)
        with Valkey.from_url(redis_url) as client:
            saved = sum(1 for _ in client.scan_iter("resets_of:*", count=1000))  # one a person
    with valkey() as redis_url:
        baseline = await steady(BASELINE, redis_url, size.seconds / 4, size.processes)
    acked = figures.statuses[200]
    table = Report(
        f"{PER_SECOND} commands a second for {size.seconds:g} s, {size.processes} web processes, "
        "no worker"
    )
    table.row("acked", f"{acked:,}", f"{figures.refused} refused", f"{figures.lost} cut off")
    table.row("of these not saved", f"{acked - saved:,}", target="0")
    table.row("median", f"{figures.median * 1000:.1f} ms")
    table.row("p99", f"{figures.p99 * 1000:.1f} ms", target="< 100 ms")
    slow = sum(took > 3 for took in figures.times)
    table.row(
        "slowest", f"{max(figures.times) * 1000:.0f} ms", f"{slow} over 3 s", target="0 over 3 s"
    )
    table.ratio("median", BASELINE, figures.median / baseline.median, "≤ 4")
    table.ratio("p99", BASELINE, figures.p99 / baseline.p99, "≤ 4")
    table.plot(
        "acks",
        f"Acks of {PER_SECOND} commands a second, from when each was due",
        unit="ms",
        labels=["median", "p99"],
        series={
            "the bot": [figures.median * 1000, figures.p99 * 1000],
            BASELINE: [baseline.median * 1000, baseline.p99 * 1000],
        },
    )
    return [table]


async def steady(name: str, redis_url: str, seconds: float, processes: int) -> load.Figures:
    """Send commands of as many people at an even pace to as many processes of a server."""
    async with AsyncExitStack() as stack:
        env = environ(REDIS_URL=redis_url)
        ports = [a_port() for _ in range(processes)]
        for port in ports:
            await stack.enter_async_context(
                process("bench.serve", name, str(port), env=env, port=port)
            )
        each = int(PER_SECOND * seconds / processes)
        people = [f"U{number:09d}" for number in range(each * processes)]
        requests = [load.signed_request(load.command(one)) for one in people]
        parts = await asyncio.gather(
            *(
                load.run_paced(port, requests[number::processes], within=seconds)
                for number, port in enumerate(ports)
            )
        )
    return load.together(parts)
