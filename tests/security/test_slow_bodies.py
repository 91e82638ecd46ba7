"""Requests that never end, at the real web process: each is cut off, and holds up nobody else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot import bodies, http_protocol
from bot.intake import LIMIT
from bot.processes import answering
from bot.settings import Settings
from sandbox.salesforce.seed import acme
from sandbox.slack import seed
from sandbox.slack.signing import signature_headers
from tests.counting import Count
from tests.scenario.breach_steps import SECRET
from tests.scenario.world import salesforce_settings, slack_settings

DOORS = ["/slack/events", "/alerts"]
PATIENCE = 30
SHORT = 0.3


class Line:
    """One connection, spoken by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def status(self) -> int:
        """The status of the next answer, which is read whole."""
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().casefold()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
            await self._reader.readexactly(length)
        return int(head.split()[1])

    async def is_cut_off(self) -> bool:
        """Whether the other side hangs up without another word."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read() == b""
            except ConnectionResetError:
                return True


Call = Callable[[], Awaitable[Line]]


@pytest.fixture
async def call(redis_url: str) -> AsyncIterator[Call]:
    org = acme()
    environ = slack_settings("http://127.0.0.1:9", redis_url)
    environ |= salesforce_settings({"production": org}, {"production": "http://127.0.0.1:9"})
    settings = Settings.load(environ | {"PORT": "0", "ALERT_SECRET": SECRET})
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(answering(settings, redis_url, host="127.0.0.1"))

        async def called() -> Line:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            return Line(reader, writer)

        yield called


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", SHORT)
    monkeypatch.setattr(http_protocol, "HEAD_PATIENCE", SHORT)
    monkeypatch.setattr(http_protocol, "BODY_PATIENCE", 3 * SHORT)


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: bot.test", *lines, "", "")).encode()


async def lives(call: Call) -> None:
    """Somebody else is answered meanwhile."""
    line = await call()
    await line.say(b"GET /healthz HTTP/1.1\r\nHost: bot.test\r\n\r\n")
    assert await line.status() == 200


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("path", DOORS)
async def test_a_body_that_never_ends_is_answered_and_cut_off(call: Call, path: str) -> None:
    line = await call()
    await line.say(head(path, "Content-Length: 1000") + b"a")
    await lives(call)
    assert await line.status() == 408
    assert await line.is_cut_off()


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("path", DOORS)
async def test_a_body_that_comes_byte_by_byte_gets_no_more_time(call: Call, path: str) -> None:
    line = await call()
    await line.say(head(path, "Content-Length: 1000"))
    answer = asyncio.ensure_future(line.status())
    while not answer.done():
        await line.say(b"a")
        await asyncio.wait({answer}, timeout=0.01)
    assert answer.result() == 408


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "begun", [b"", b"POST /slack/ev", head("/slack/events")[:-2], b"POST /alerts HTTP/1.1\r\nX: "]
)
async def test_a_head_that_never_ends_is_cut_off(call: Call, begun: bytes) -> None:
    line = await call()
    await line.say(begun)
    await lives(call)
    assert await line.is_cut_off()


async def test_a_head_without_end_is_cut_off_by_its_size(call: Call) -> None:
    line = await call()
    with contextlib.suppress(ConnectionError):  # hung up while it is being said
        await line.say(head("/slack/events")[:-2])
        for number in range(200):
            await line.say(b"X-%d: %s\r\n" % (number, b"a" * 1000))
    with contextlib.suppress(ConnectionError):
        assert await line.is_cut_off()
    await lives(call)


async def test_two_hundred_slow_ones_at_once_hold_up_nobody(call: Call, count: Count) -> None:
    slow = [await call() for _ in range(200)]
    for number, line in enumerate(slow):
        await line.say(head(DOORS[number % 2], "Content-Length: 1000") + b"a")
    await lives(call)
    count("slow requests held open at once", len(slow))


@pytest.mark.parametrize("path", DOORS)
async def test_chunks_without_end_are_refused_at_the_limit(call: Call, path: str) -> None:
    line = await call()
    await line.say(head(path, "Transfer-Encoding: chunked"))
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    for _ in range(LIMIT // 0x10000 + 1):
        await line.say(chunk)
    assert await line.status() == 413
    await lives(call)


@pytest.mark.parametrize("path", DOORS)
async def test_a_length_that_is_too_large_is_refused_before_the_body(call: Call, path: str) -> None:
    line = await call()
    await line.say(head(path, f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"))
    assert await line.status() == 413, "and it isn't asked for with 100 Continue"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -1",),
        ("Content-Length: 1", "Content-Length: 2"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: one",),
    ],
)
@pytest.mark.parametrize("path", DOORS)
async def test_a_length_that_lies_is_no_way_in(
    call: Call, path: str, lines: tuple[str, ...]
) -> None:
    line = await call()
    await line.say(head(path, *lines) + b"0\r\n\r\n")
    assert await line.status() == 400
    await lives(call)


async def test_what_is_waited_for_by_expect_is_asked_for_and_taken(call: Call) -> None:
    line, body = await call(), b"type=url_verification&challenge=abc"
    signed = signature_headers(seed.SIGNING_SECRET, int(time.time()), body)
    lines = [f"{name}: {value}" for name, value in signed.items()]
    await line.say(
        head("/slack/events", *lines, f"Content-Length: {len(body)}", "Expect: 100-continue")
    )
    assert await line.status() == 100
    await line.say(body)
    assert await line.status() == 200


async def test_each_of_those_that_come_in_one_breath_is_checked_by_itself(call: Call) -> None:
    """A signature holds for its own body, not for what is sent behind it."""
    line, body = await call(), b"type=url_verification&challenge=abc"
    signed = signature_headers(seed.SIGNING_SECRET, int(time.time()), body)
    lines = (
        *(f"{name}: {value}" for name, value in signed.items()),
        f"Content-Length: {len(body)}",
    )
    right = head("/slack/events", *lines) + body
    wrong = head("/slack/events", *lines) + body.replace(b"abc", b"abd")
    await line.say(right + wrong + right)
    assert [await line.status() for _ in range(3)] == [200, 401, 200]
