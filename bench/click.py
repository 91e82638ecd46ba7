"""From a press to the first request at Salesforce, and the cost: `python -m bench click`."""

import asyncio
import statistics
import time
from collections.abc import Awaitable

from valkey import Valkey

from bench import load
from bench.report import Report
from bench.whole import Whole, whole_bot
from sandbox.slack.model import Person

RESETS = 30

REQUESTS = {"token": 8, "password": 2}
"""The most that each method may send after the press."""

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


async def measure(*, small: bool = False) -> list[Report]:
    """Find the figures for both methods that change something."""
    found = []
    for method in ("password",) if small else tuple(REQUESTS):
        async with whole_bot(method=method) as whole:
            found.append(await of(whole, method, 2 if small else RESETS))
    return found


async def of(whole: Whole, method: str, resets: int) -> Report:
    """Reset so many people, one after the other."""
    people = whole.add_people(resets + 1)
    asked = (load.command(person.id, "status") for person in people)
    ack = await load.run(whole.port, asked, connections=1)
    await reset(whole, people.pop())  # warm: the integration user has logged in
    found = [await reset(whole, person) for person in people]
    seconds, before, after, slack = zip(*found, strict=True)
    press = statistics.median(seconds)
    table = Report(f"A reset, method `{method}`, warm, {resets} of them")
    table.row(
        "press to the first request at Salesforce, median",
        f"{press * 1000:.1f} ms",
        target="≤ 50 ms",
    )
    table.row("requests to Salesforce before the press", f"{max(before)}", target="≤ 3")
    most = REQUESTS[method]
    table.row("requests to Salesforce after the press", f"{max(after)}", target=f"≤ {most}")
    table.row("calls of Slack's", f"{max(slack)}", target="≤ 5")
    held = max(finished_bytes(whole.redis_url))
    table.row("a finished reset in Redis, its audit apart", f"{held:,} bytes", target="< 2,048")
    ratio = press / ack.median
    table.ratio("press to the first request", "the ack of a `/reset-token status`", ratio, "≤ 30")
    return table


def finished_bytes(redis_url: str) -> list[int]:
    """Measure what each reset takes in Redis once its person has been told."""
    with Valkey.from_url(redis_url) as client:
        return [
            int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter("reset:*")
        ]
