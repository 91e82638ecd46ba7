"""What 1,000, 10,000 and 100,000 past resets cost, in time and bytes: `python -m bench history`."""

import asyncio
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from valkey.asyncio import Valkey

from bench import load
from bench.click import to_first_request
from bench.table import Table
from bench.whole import Whole, whole_bot
from sandbox.slack.model import Person
from services.resets.model import new_id
from services.store import keys

PAST = [int(one) for one in os.environ.get("HISTORY", "1000,10000,100000").split(",")]
TRIES = 300
PRESSES = 30
AT_ONCE = 1_000


@dataclass
class Cost:
    """What things cost with so many past resets. Seconds, and bytes in Redis."""

    command: float
    status: float
    press: float
    held: int
    """Bytes in Redis, all of it."""


async def main() -> None:
    """Print what each cost, against the same with the fewest past resets."""
    found: dict[int, Cost] = {}
    async with whole_bot(method="password") as whole, Valkey.from_url(whole.redis_url) as redis:
        people = iter(whole.add_people(1 + PRESSES * (1 + len(PAST))))
        shape = await a_past_reset(whole, redis, next(people))
        await measured(whole, redis, list(islice(people, PRESSES)))  # warm
        there = 1
        for past in PAST:
            await add_past(redis, shape, past - there)
            there = past
            found[past] = await measured(whole, redis, list(islice(people, PRESSES)))
    table = Table(f"A command, a status and a press, with so many past resets ({TRIES} of each)")
    for past, cost in found.items():
        table.row(
            f"{past:,} past resets",
            f"command {cost.command * 1000:.2f} ms",
            f"status {cost.status * 1000:.2f} ms",
            f"press {cost.press * 1000:.2f} ms",
            f"{cost.held / 1e6:,.1f} MB in Redis",
        )
    least, most = found[PAST[0]], found[PAST[-1]]
    baseline = f"x with {PAST[0]:,}"
    for name in ("command", "status", "press"):
        ratio = getattr(most, name) / getattr(least, name)
        table.ratio(f"{name}, {PAST[-1]:,} past", baseline, ratio, "≤ 1.25")
    each = (most.held - least.held) / (PAST[-1] - PAST[0])
    table.row("a past reset with its rows in the audit", f"{each:,.0f} bytes")
    table.print()


async def a_past_reset(whole: Whole, redis: Valkey, person: Person) -> dict[str, bytes]:
    """Make one reset as people do, and return what it left, by what each key begins with."""
    actor = whole.slack.actor(person.id)
    await actor.types("/reset-token")
    await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
    await actor.presses("reset.confirm")
    await whole.slack.until(lambda: bool(actor.sees("dm")), 30)
    kept: dict[str, bytes] = {}
    async for name in redis.scan_iter(count=1000):
        begin = name.decode().partition(":")[0]
        if begin in {"reset", "resets_of", "account", "follow_up", "following"}:
            kept[begin] = await redis.dump(name)
    assert "reset" in kept
    return kept


async def add_past(redis: Valkey, shape: dict[str, bytes], count: int) -> None:
    """Add so many of other people, with what each leaves: its keys, and its rows in the audit."""
    rows = [fields for _, fields in await redis.xrange(keys.AUDIT, count=8)]
    numbers = iter(range(count))
    while batch := list(islice(numbers, AT_ONCE)):
        async with redis.pipeline(transaction=False) as pipe:
            for _ in batch:
                mark = new_id()
                for begin, dump in shape.items():
                    pipe.restore(f"{begin}:{mark}", 90 * 86_400_000, dump)
                for fields in rows:
                    pipe.xadd(keys.AUDIT, fields)
            await pipe.execute()


async def measured(whole: Whole, redis: Valkey, people: Sequence[Person]) -> Cost:
    """Measure with what is there now, over one connection."""
    held = int((await redis.info("memory"))["used_memory_dataset"])
    press = await pressed(whole, people)
    asked = [person.id for person in people] * (TRIES // PRESSES)
    status = await load.run(
        whole.port, (load.command(one, "status") for one in asked), connections=1
    )
    # Of people whom Slack doesn't know: the worker is done with each after one look.
    nobody = (f"U{held}{number}" for number in range(TRIES))
    command = await load.run(whole.port, map(load.command, nobody), connections=1)
    return Cost(command.median, status.median, press, held)


async def pressed(whole: Whole, people: Sequence[Person]) -> float:
    """Median time from a press on a warning to the first request at Salesforce."""
    times = []
    for person in people:
        actor = whole.slack.actor(person.id)
        await actor.types("/reset-token")
        await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
        times.append(await to_first_request(whole, actor.presses("reset.confirm")))
        await actor.sees_soon("", 30, channel="dm")
    return statistics.median(times)


if __name__ == "__main__":
    asyncio.run(main())
