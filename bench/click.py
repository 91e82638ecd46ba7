"""From a press to the first request at Salesforce, and the cost: `python -m bench.click`."""

import asyncio
import statistics
import time
from collections.abc import Awaitable

from valkey import Valkey

from bench.table import Table
from bench.whole import Whole, whole_bot
from sandbox.slack.model import Person

RESETS = 30
MAIL = "Your new Salesforce security token"


async def reset(whole: Whole, person: Person) -> tuple[float, int, int, int]:
    """Reset one person's token: seconds to the first request, and the requests it took."""
    actor = whole.slack.actor(person.id)
    calls, requests = len(whole.slack.calls), len(whole.org.calls)
    await actor.types("/reset-token")
    await actor.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), 30)
    before, pressed = whole.org.count(requests), len(whole.org.calls)
    seconds = await to_first_request(whole, actor.presses("reset.confirm"))
    await actor.sees_soon(MAIL, 30, channel="dm")
    await actor.sees_soon(lambda shown: shown.plain.startswith("Done"), 30, channel="general")
    return seconds, before, whole.org.count(pressed), len(list(whole.slack.calls)[calls:])


async def to_first_request(whole: Whole, act: Awaitable[object]) -> float:
    """Do something, and return after how many seconds Salesforce gets its first request."""
    before = len(whole.org.calls)
    start = time.perf_counter()
    first = asyncio.ensure_future(whole.org.until(lambda: whole.org.count(before) > 0, 30))
    times: list[float] = []
    first.add_done_callback(lambda _: times.append(time.perf_counter() - start))
    await act
    await first
    return times[0]


async def main() -> None:
    """Print the figures for both methods that change something."""
    for method, most in (("token", 8), ("password", 2)):
        async with whole_bot(method=method) as whole:
            people = whole.add_people(RESETS + 1)
            await reset(whole, people.pop())  # warm: the integration user has logged in
            found = [await reset(whole, person) for person in people]
            sizes = finished_bytes(whole.redis_url)
        seconds, before, after, slack = zip(*found, strict=True)
        table = Table(f"A reset, method {method}, warm, {RESETS} of them")
        table.row(
            "press to the first request at Salesforce",
            f"median {statistics.median(seconds) * 1000:.1f} ms (target ≤ 50 ms)",
        )
        table.row("requests to Salesforce before the press", f"{max(before)} (target ≤ 3)")
        table.row("requests to Salesforce after the press", f"{max(after)} (target ≤ {most})")
        table.row("calls of Slack's", f"{max(slack)} (target ≤ 5)")
        table.row("a finished reset in Redis", f"{max(sizes)} bytes (target < 2048)")
        table.print()


def finished_bytes(redis_url: str) -> list[int]:
    """Measure what each reset takes in Redis once its person has been told."""
    with Valkey.from_url(redis_url) as client:
        return [
            int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter("reset:*")
        ]


if __name__ == "__main__":
    asyncio.run(main())
