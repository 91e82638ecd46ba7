"""Accept and ack `/reset-token` against an empty handler of Bolt's: `python -m bench ack`."""

import statistics
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import load
from bench.report import Report
from bench.serve import BASELINES, BOT
from bench.surroundings import a_port, environ, process, valkey


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 7
    """Each server in turn, over and over: what else the machine does hits all of them alike."""
    alone: int = 300
    """Requests of a round over one connection."""
    slow: int = 40
    """The same where each waits for 10 ms."""
    together: int = 2_000
    warm: int = 500


SMALL = Size(rounds=1, alone=20, slow=5, together=50, warm=20)
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


async def one_round(name: str, port: int, seen: Seen, size: Size) -> None:
    """Measure one server for one round."""
    alone = await load.run(
        port, commands(size.slow if name == DEFAULT else size.alone), connections=1
    )
    together = await load.run(port, commands(size.together), connections=CONNECTIONS)
    seen.medians.append(alone.median)
    seen.per_second.append(together.per_second)
    seen.refused += alone.refused + together.refused


async def measure(*, small: bool = False) -> list[Report]:
    """Find medians and throughputs, as figures and as ratios."""
    size = SMALL if small else Size()
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
            await load.run(port, commands(size.warm), connections=4)  # warm
        for _ in range(size.rounds):
            for name, port in ports.items():
                await one_round(name, port, found[name], size)
    table = Report(
        "Accept and ack of `/reset-token`, one uvicorn process, `appendfsync always`, "
        f"{size.rounds} rounds"
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
    table.ratio("median at 1 connection", DEFAULT, bot.median / default.median, "≤ 0.12")
    table.ratio(at, DEFAULT, bot.throughput / default.throughput, "≥ 1.8")
    table.ratio(at, BEFORE, bot.throughput / before.throughput, "≥ 0.55")
    table.plot(
        "ack",
        "An ack of /reset-token",
        unit="ms, median",
        labels=["one connection"],
        series={name: [seen.median * 1000] for name, seen in found.items()},
    )
    return [table]
