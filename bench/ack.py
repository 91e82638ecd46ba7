"""Accept and ack `/reset-token` against an empty handler of Bolt's: `python -m bench.ack`."""

import asyncio
import statistics
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import load
from bench.serve import BASELINES, BOT
from bench.surroundings import a_port, environ, process, valkey
from bench.table import Table

ROUNDS = 7
"""Each server in turn, over and over: what else the machine does hits all of them alike."""

ALONE = {False: 300, True: 40}
"""Requests of a round over one connection; few where each waits for 10 ms."""

TOGETHER = 2_000
CONNECTIONS = 16
DEFAULT, BEFORE = BASELINES


def commands(count: int) -> Iterator[bytes]:
    """Build so many commands, each of another person."""
    return (load.command(f"U{number:09d}") for number in range(count))


@dataclass
class Seen:
    """What one server showed, a figure for each round."""

    medians: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def median(self) -> float:
        """Seconds for an ack over one connection."""
        return statistics.median(self.medians)

    @property
    def throughput(self) -> float:
        """Acks a second over all connections."""
        return statistics.median(self.per_second)


async def measure(name: str, port: int, seen: Seen) -> None:
    """Measure one server for one round."""
    alone = await load.run(port, commands(ALONE[name == DEFAULT]), connections=1)
    together = await load.run(port, commands(TOGETHER), connections=CONNECTIONS)
    seen.medians.append(alone.median)
    seen.per_second.append(together.per_second)
    seen.refused += alone.refused + together.refused


async def main() -> None:
    """Print medians and throughputs, as figures and as ratios."""
    servers = (*BASELINES, BOT)
    found = {name: Seen() for name in servers}
    async with AsyncExitStack() as stack:
        redis_url = stack.enter_context(valkey())
        env = environ(REDIS_URL=redis_url)
        ports = {name: a_port() for name in servers}
        for name, port in ports.items():
            await stack.enter_async_context(
                process("bench.serve", name, str(port), env=env, port=port)
            )
            await load.run(port, commands(500), connections=4)  # warm
        for _ in range(ROUNDS):
            for name, port in ports.items():
                await measure(name, port, found[name])
    table = Table(
        f"Accept and ack of /reset-token, one uvicorn process, appendfsync always, {ROUNDS} rounds"
    )
    for name, seen in found.items():
        table.row(
            name,
            f"{seen.median * 1000:.2f} ms at 1 connection",
            f"{seen.throughput:,.0f}/s at {CONNECTIONS}",
            f"{seen.refused} refused",
        )
    bot, default, before = found[BOT], found[DEFAULT], found[BEFORE]
    at = f"throughput at {CONNECTIONS}"
    table.ratio("median at 1 connection", f"x {DEFAULT}", bot.median / default.median, "≤ 0.12")
    table.ratio(at, f"x {DEFAULT}", bot.throughput / default.throughput, "≥ 1.8")
    table.ratio(at, f"x {BEFORE}", bot.throughput / before.throughput, "≥ 0.55")
    table.print()


if __name__ == "__main__":
    asyncio.run(main())
