"""500 alerts about 500 users in 10 seconds, on one worker and on two: `python -m bench flood`."""

import asyncio
import os
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from valkey.asyncio import Valkey

from bench import alerts, load
from bench.report import Report
from bench.surroundings import processor_seconds
from bench.whole import Whole, whole_bot
from sandbox.salesforce.faults import late
from sandbox.slack import seed
from sandbox.slack.calls import Call
from services.store import keys


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    alerts: int = 500
    within: float = 10.0
    """Seconds in which all of them arrive."""
    cards: int = 120
    """Cards that the last run waits for; Slack lets one a second through."""


SMALL = Size(alerts=14, within=0.5, cards=3)

ANSWER = 0.3
"""Seconds that Salesforce takes for each answer."""

SEPARATE = 10
"""As many open reports have no summary yet."""

FEW_CARDS = 30
"""Cards that the first run waits for: enough for a rate."""

READ_WITHIN = 300
"""Seconds after which accounts that haven't been read are a fault."""


@dataclass(frozen=True)
class Seen:
    """What one flood showed. Times in seconds."""

    answers: load.Figures
    kept: int
    """Cases in Redis."""
    read: float
    """From the first alert until every account has been read."""
    summary: float
    """From the eleventh alert until the summary is posted."""
    cards: list[Call]
    """Those that Slack took."""
    limited: Counter[str]
    """Calls that were one too many for Slack, by method; those to IT's channel apart."""
    busy: list[float]
    """Processor seconds a second while accounts were read: of the sandbox, web, each worker."""

    @property
    def twice(self) -> int:
        """Cards of a case that had one."""
        return len(self.cards) - len({_about(card)[0] for card in self.cards})

    @property
    def gaps(self) -> list[float]:
        """Between one card and the next."""
        return [after.at - before.at for before, after in pairwise(self.cards)]


async def flood(workers: int, size: Size, cards: int) -> Seen:
    """Send the alerts, and wait until every account is read and so many cards are posted."""
    async with (
        whole_bot(workers=workers, limits=True) as whole,
        Valkey.from_url(whole.redis_url) as client,
    ):
        requests = [
            alerts.signed_request(person.id, f"{person.email}.prod")
            for person in whole.add_people(size.alerts)
        ]
        whole.org.faults.add("*", late(ANSWER), None)
        processes = [os.getpid(), *whole.webs, *whole.workers]
        used = [processor_seconds(one) for one in processes]
        start = time.time()
        answers = await load.run_paced(whole.port, requests, within=size.within)
        async with asyncio.timeout(READ_WITHIN):
            while await client.zcard(keys.CASES_PREPARING):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # Redis tells nobody
        read = time.time() - start
        busy = [
            (processor_seconds(one) - before) / read
            for one, before in zip(processes, used, strict=True)
        ]
        await whole.slack.until(lambda: len(_posted(whole, "card:")) >= cards, 2 * cards + 60)
        eleventh = start + SEPARATE * size.within / size.alerts
        return Seen(
            answers=answers,
            kept=await _cases(client),
            read=read,
            summary=_posted(whole, "summary:")[0].at - eleventh,
            cards=_posted(whole, "card:"),
            limited=Counter(
                f"{call.method}{' to the channel' if call.channel == seed.IT_CHANNEL else ''}"
                for call in whole.slack.calls
                if call.outcome == "ratelimited"
            ),
            busy=busy,
        )


def _posted(whole: Whole, slot: str) -> list[Call]:
    """Find what Slack took for the channel, by how its slot begins."""
    return [
        call
        for call in whole.slack.calls.to("chat.postMessage")
        if call.channel == seed.IT_CHANNEL
        and call.outcome == "ok"
        and _about(call)[1].startswith(slot)
    ]


def _about(call: Call) -> tuple[str, str]:
    """What a message is about: the key of its owner, and its slot."""
    about = call.args["metadata"]["event_payload"]
    return about["owner"], about["slot"]


async def _cases(client: Valkey) -> int:
    found = [key async for key in client.scan_iter("case:*", count=1000)]
    return sum(not key.endswith(b":posts") for key in found)


async def measure(*, small: bool = False) -> list[Report]:
    """Find what was seen."""
    size = SMALL if small else Size()
    one = await flood(1, size, min(FEW_CARDS, size.cards))
    two = await flood(2, size, size.cards)
    table = Report(
        f"{size.alerts} alerts about as many users in {size.within:g} s, Salesforce at "
        f"{ANSWER * 1000:.0f} ms, Slack's limits in force"
    )
    _add(table, "one worker", one, size)
    _add(table, "two workers", two, size)
    ratio = one.read / two.read
    table.ratio("accounts read a second, two workers", "one worker", ratio, "1.7 to 2.1")
    table.plot(
        "flood",
        f"Until all of {size.alerts} accounts have been read",
        unit="seconds after the first alert",
        labels=["one worker", "two workers"],
        series={"all accounts read": [one.read, two.read]},
    )
    return [table]


def _add(table: Report, workers: str, seen: Seen, size: Size) -> None:
    """Add what one run showed."""
    gaps = seen.gaps
    table.row(
        f"{workers}: accepted (202)", f"{seen.answers.statuses[202]}", target=f"{size.alerts}"
    )
    table.row(f"{workers}: p99 of the answers", f"{seen.answers.p99 * 1000:.0f} ms", target="< 1 s")
    table.row(f"{workers}: cases kept", f"{seen.kept}", target=f"{size.alerts}")
    table.row(
        f"{workers}: the summary, after the eleventh alert",
        f"{seen.summary:.2f} s",
        target="≤ 2 s",
    )
    table.row(f"{workers}: cards waited for, and posted", f"{len(seen.cards)}")
    table.row(f"{workers}: a second card for one case", f"{seen.twice}", target="0")
    table.row(
        f"{workers}: cards a second",
        f"{len(gaps) / sum(gaps):.2f}",
        f"longest gap {max(gaps):.1f} s",
        target="1",
    )
    table.row(
        f"{workers}: refused by Slack as too many (429)",
        f"{seen.limited.total()}",
        f"{seen.limited['chat.postMessage to the channel']} of them posts to the channel",
        target="0",
    )
    table.row(f"{workers}: all accounts read", f"{seen.read:.1f} s after the first alert")
    table.row(
        f"{workers}: processor time meanwhile",
        f"sandbox {seen.busy[0]:.0%}",
        f"web {seen.busy[1]:.0%}",
        *(f"worker {busy:.0%}" for busy in seen.busy[2:]),
    )
