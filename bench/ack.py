"""Accept and ack `/reset-token` against an empty handler of Bolt's: `python -m bench.ack`."""

import asyncio
from collections.abc import Iterator

from bench import load
from bench.serve import BASELINES, BOT
from bench.surroundings import a_port, environ, process, valkey
from bench.table import Table
from sandbox.slack import seed
from sandbox.slack.serve import slack_serving

ALONE = 2_000
TOGETHER = 10_000
CONNECTIONS = 16
DEFAULT, BEFORE = BASELINES


def commands(count: int) -> Iterator[bytes]:
    """Build so many commands, each of another person."""
    return (load.command(f"U{number:09d}") for number in range(count))


async def measure(name: str, env: dict[str, str]) -> tuple[load.Figures, load.Figures]:
    """Measure one server: one connection, then sixteen."""
    port = a_port()
    async with process("bench.serve", name, str(port), env=env, port=port):
        await load.run(port, commands(300), connections=4)  # warm
        slow = name == DEFAULT
        alone = await load.run(port, commands(ALONE // (8 if slow else 1)), connections=1)
        together = await load.run(port, commands(TOGETHER), connections=CONNECTIONS)
    return alone, together


async def main() -> None:
    """Print medians and throughputs, as figures and as ratios."""
    found: dict[str, tuple[load.Figures, load.Figures]] = {}
    async with slack_serving(seed.acme()) as origin:
        for name in (*BASELINES, BOT):
            with valkey() as redis_url:
                env = environ(SLACK_API_URL=f"{origin}/api/", REDIS_URL=redis_url)
                found[name] = await measure(name, env)
    bot_alone, bot_together = found[BOT]
    table = Table("Accept and ack of /reset-token, one uvicorn process, appendfsync always")
    for name, (alone, together) in found.items():
        table.row(
            name,
            f"{alone.median * 1000:.2f} ms at 1 connection",
            f"{together.per_second:,.0f}/s at {CONNECTIONS}",
            f"{alone.refused + together.refused} refused",
        )
    default_alone, default_together = found[DEFAULT]
    table.ratio(
        "median at 1 connection", f"x {DEFAULT}", bot_alone.median / default_alone.median, "≤ 0.12"
    )
    table.ratio(
        f"throughput at {CONNECTIONS}",
        f"x {DEFAULT}",
        bot_together.per_second / default_together.per_second,
        "≥ 1.8",
    )
    table.ratio(
        f"throughput at {CONNECTIONS}",
        f"x {BEFORE}",
        bot_together.per_second / found[BEFORE][1].per_second,
        "≥ 0.55",
    )
    table.print()


if __name__ == "__main__":
    asyncio.run(main())
