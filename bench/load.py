"""A small load generator: signed requests over kept-open connections, as Slack sends them."""

import asyncio
import hashlib
import hmac
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

SIGNING_SECRET = "sandbox-acme-signing-secret"


@dataclass
class Figures:
    """What a run showed. Times in seconds."""

    elapsed: float = 0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    """Requests whose connection broke before the answer."""

    @property
    def refused(self) -> int:
        """Answers that are no success."""
        return sum(count for status, count in self.statuses.items() if status // 100 != 2)

    @property
    def median(self) -> float:
        """Half of the requests were answered faster."""
        return statistics.median(self.times)

    @property
    def p99(self) -> float:
        """One in a hundred took longer."""
        return statistics.quantiles(self.times, n=100)[98]

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.times) / self.elapsed


def together(parts: Sequence[Figures]) -> Figures:
    """Add up what several runs at the same time showed."""
    whole = Figures(elapsed=max(part.elapsed for part in parts))
    for part in parts:
        whole.times += part.times
        whole.statuses += part.statuses
        whole.lost += part.lost
    return whole


def command(user_id: str, text: str = "") -> bytes:
    """Build the body of `/reset-token`."""
    return encoded(
        {
            "token": "unused",
            "team_id": "T0ACME00001",
            "team_domain": "acme",
            "channel_id": "C0GENERAL01",
            "channel_name": "general",
            "user_id": user_id,
            "user_name": "somebody",
            "command": "/reset-token",
            "text": text,
            "api_app_id": "A0RESETBOT",
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.com/commands/T0ACME00001/1/{user_id}",
            "trigger_id": f"1.2.{user_id}",
        }
    )


def encoded(fields: Mapping[str, str]) -> bytes:
    """Encode the fields of a form."""
    return urlencode(fields).encode()


def signed_request(body: bytes, path: str = "/slack/events") -> bytes:
    """Build the whole HTTP request, signed for now."""
    at = str(int(time.time()))
    digest = hmac.new(
        SIGNING_SECRET.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256
    ).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bot\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {at}\r\nX-Slack-Signature: v0={digest}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run(port: int, bodies: Iterator[bytes], *, connections: int) -> Figures:
    """Send all bodies over so many connections, each sending its next when it has its answer."""
    figures = Figures()
    requests = map(signed_request, bodies)
    start = time.perf_counter()
    await asyncio.gather(*(_connection(port, requests, figures) for _ in range(connections)))
    figures.elapsed = time.perf_counter() - start
    return figures


async def run_paced(
    port: int, requests: Sequence[bytes], *, within: float, connections: int = 64
) -> Figures:
    """Send all requests at an even pace, each over a connection of its own.

    Each is timed from the moment it was due: one that had to wait for its turn isn't flattered.

    Args:
        port: of a web process.
        requests: whole ones, signed already.
        within: seconds from the first to the end of the pace.
        connections: at once; where all of them wait for an answer, the pace is lost.
    """
    figures = Figures()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    senders = [asyncio.create_task(_send_each(port, queue, figures)) for _ in range(connections)]
    start = time.perf_counter()
    for number, request in enumerate(requests):
        due = start + number * within / len(requests)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        queue.put_nowait((due, request))
    await queue.join()
    figures.elapsed = time.perf_counter() - start
    for sender in senders:
        sender.cancel()
    return figures


async def _send_each(
    port: int, queue: asyncio.Queue[tuple[float, bytes]], figures: Figures
) -> None:
    while True:
        due, request = await queue.get()
        try:
            await _connection(port, iter([request]), figures, since=due)
        except (OSError, asyncio.IncompleteReadError):
            figures.lost += 1
        finally:
            queue.task_done()


async def _connection(
    port: int, requests: Iterator[bytes], figures: Figures, *, since: float | None = None
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in requests:
            start = time.perf_counter() if since is None else since
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if length := _length(head):
                await reader.readexactly(length)
            figures.times.append(time.perf_counter() - start)
            figures.statuses[int(head.split(b" ", 2)[1])] += 1
    finally:
        writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
