"""Past resets and decided cases: one of each is made as people do, then copied."""

import asyncio
import json
from dataclasses import dataclass
from itertools import islice

from valkey.asyncio import Valkey

from bench.approve import approve
from bench.whole import Whole
from sandbox.slack.model import Person
from services.resets.model import new_id
from services.store import keys

AT_ONCE = 1_000

KEPT_FOR = 90 * 86_400_000
"""Milliseconds."""

OF_A_RESET = frozenset({"reset", "resets_of", "account", "follow_up", "following"})
OF_A_CASE = frozenset({"case", "account", "evidence", "card", "step", "alert", "notice"})
"""How the keys begin that outlive the hour (docs/data.md)."""


@dataclass(frozen=True)
class Shape:
    """What one left in Redis."""

    kept: list[tuple[str, str, bytes]]
    """Of each key what stands before its id, what stands after it, and what it holds."""
    rows: list[dict[bytes, bytes]]


async def a_reset(whole: Whole, redis: Valkey, person: Person) -> Shape:
    """Make one reset as people do, and return what it left."""
    before, row = await _names(redis), await _last_row(redis)
    actor = whole.slack.actor(person.id)
    await actor.types("/reset-token")
    await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
    await actor.presses("reset.confirm")
    await whole.slack.until(lambda: bool(actor.sees("dm")), 30)
    return await _left(redis, before, row, OF_A_RESET, "tell")


async def a_case(whole: Whole, redis: Valkey, person: Person) -> Shape:
    """Report somebody, approve all steps, and return what that left."""
    before, row = await _names(redis), await _last_row(redis)
    await approve(whole, person)
    return await _left(redis, before, row, OF_A_CASE, "breach_finish")


async def add(redis: Valkey, shape: Shape, count: int) -> int:
    """Add so many of other people; return the bytes that they hold."""
    before = await _held(redis)
    readers = [group["name"] for group in await redis.xinfo_groups(keys.AUDIT)]
    numbers = iter(range(count))
    while batch := list(islice(numbers, AT_ONCE)):
        async with redis.pipeline(transaction=True) as pipe:
            for _ in batch:
                mark = new_id()
                for number, (begin, end, dump) in enumerate(shape.kept):
                    pipe.restore(f"{begin}:{mark}{number}{end}", KEPT_FOR, dump)
                for fields in shape.rows:
                    pipe.xadd(keys.AUDIT, fields)
            for reader in readers:  # the workers logged those rows long ago
                pipe.xgroup_setid(keys.AUDIT, reader, "$")
            await pipe.execute()
    async with asyncio.timeout(600):  # after so much it writes its file anew
        while (await redis.info("persistence"))["aof_rewrite_in_progress"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # Redis tells nobody
    return await _held(redis) - before


async def _left(
    redis: Valkey, before: set[str], row: str, begins: frozenset[str], last: str
) -> Shape:
    rows: list[dict[bytes, bytes]] = []
    async with asyncio.timeout(30):
        while not rows or json.loads(rows[-1][b"row"])["what"] != last:
            await asyncio.sleep(0.05)  # Redis tells nobody
            rows = [fields for _, fields in await redis.xrange(keys.AUDIT, min=f"({row}")]
    kept = []
    for name in sorted(await _names(redis) - before):
        begin, _, rest = name.partition(":")
        if begin in begins:
            end = ":posts" if rest.endswith(":posts") else ""
            kept.append((begin, end, await redis.dump(name)))
    assert {begin for begin, *_ in kept} >= {"account"}
    return Shape(kept, rows)


async def _names(redis: Valkey) -> set[str]:
    return {name.decode() async for name in redis.scan_iter(count=1000)}


async def _last_row(redis: Valkey) -> str:
    newest = await redis.xrevrange(keys.AUDIT, count=1)
    return newest[0][0].decode() if newest else "0-0"


async def _held(redis: Valkey) -> int:
    return int((await redis.info("memory"))["used_memory_dataset"])
