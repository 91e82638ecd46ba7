"""Redis' own password is written down nowhere, however a connection ends in the middle of a reset:
not in the log, in Redis, in the metrics or in what Slack is told, and in no exception.
"""

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from valkey.asyncio import Valkey

from bench.surroundings import a_port
from handlers.message import Message
from sandbox.salesforce import faults
from services.store import keys
from services.store.errors import StoreUnavailableError
from tests.faults.servers import Server, running
from tests.scenario.steps import TOKEN_MAIL, ended, eventually, offered
from tests.scenario.watching import Watch
from tests.scenario.world import a_world

PASSWORD = "Kd9f/Tq2L@mXw7:RbYz4?HsVn"
"""With what an address holds in another form than it is."""
PLACES = {"log", "redis moves", "metrics", "acks", "exceptions"}


class Exceptions(logging.Handler):
    """What exceptions say that come to the log, which leaves it out, and the store's own."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        watch.written["exceptions"] = ""

    def emit(self, record: logging.LogRecord) -> None:
        given = record.exc_info
        if isinstance(record.msg, dict):  # structlog's
            given = record.msg.get("exc_info") or given
        self.note(given[1] if isinstance(given, tuple) else sys.exception())
        if isinstance(given, BaseException):
            self.note(given)

    def note(self, error: BaseException | None) -> None:
        """Write down what it says, and what led to it says, hidden or not."""
        waiting, seen = [error], set[int]()
        while waiting:
            one = waiting.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            self._watch.written["exceptions"] += f"{one!r} {one} {vars(one)}\n"
            waiting += [one.__cause__, one.__context__]
            if isinstance(one, BaseExceptionGroup):
                waiting += one.exceptions


@pytest.fixture(autouse=True)
def _exceptions(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    exceptions = Exceptions(watch)
    made = StoreUnavailableError.__init__

    def noting(error: StoreUnavailableError, code: str) -> None:
        made(error, code)
        exceptions.note(error)

    monkeypatch.setattr(StoreUnavailableError, "__init__", noting)
    root = logging.getLogger()
    root.addHandler(exceptions)
    yield
    root.removeHandler(exceptions)


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that wants the password, and is reached as one elsewhere would be."""
    async with running(tmp_path / "valkey", port=a_port()) as server:
        await server.sets(requirepass=PASSWORD)
        yield server


def url_of(server: Server) -> str:
    return f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/0"


Trouble = Callable[[Server, Watch], Awaitable[None]]


async def cut_off(server: Server, _: Watch) -> None:
    async with Valkey.from_url(url_of(server)) as raw:
        await kill_others(raw)


async def restarted(server: Server, watch: Watch) -> None:
    """It wants no password at first, and the client that sends one is refused for that."""
    server.kill()
    await gone(watch, "ConnectionError")
    await server.start(port=server.port)
    await server.sets(requirepass=PASSWORD)


async def changed(server: Server, watch: Watch) -> None:
    """Another password is wanted for a while, as when it is changed at the provider first."""
    async with Valkey.from_url(url_of(server)) as raw:
        await raw.config_set("requirepass", "another")
        await kill_others(raw)
        await gone(watch, "AuthenticationError")
        await raw.config_set("requirepass", PASSWORD)


async def kill_others(raw: Valkey) -> None:
    assert await raw.client_kill_filter(_type="normal", skipme=True) > 1


async def gone(watch: Watch, code: str) -> None:
    """Wait until the worker has noticed."""

    async def noticed() -> bool:
        return f"StoreUnavailableError('{code}')" in watch.written["exceptions"]

    await eventually(noticed)


@pytest.mark.parametrize("trouble", [cut_off, restarted, changed])
async def test_no_end_of_a_connection_writes_the_password_down(
    locked: Server, watch: Watch, trouble: Trouble
) -> None:
    async with a_world(url_of(locked), LOG_LEVEL="DEBUG") as world:
        ada = world.person("ada")
        warning = await offered(world)
        world.org.faults.add("result", faults.late(0.5))
        await ada.presses("reset.confirm", warning)
        await world.org.until(lambda: world.org.count(0, "result"), 10)
        await trouble(locked, watch)
        assert (await ended(world)).state == "done"
        await ada.sees_soon(TOKEN_MAIL, 30, channel="dm")
        await ada.types("/reset-token status")
    assert any(name.startswith("password of Redis") for name in watch.known)
    assert watch.leaks() == []


async def test_the_password_would_be_found(
    locked: Server, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.may_leak = True
    url = url_of(locked)
    monkeypatch.setattr("handlers.overview_messages.help_text", lambda *_: Message(url, ()))
    async with a_world(url, worker=False) as world:
        async with Valkey.from_url(url) as raw:
            await raw.hincrby(keys.MOVES, PASSWORD, 1)
        await world.person("ada").types("/reset-token help")
        with contextlib.suppress(StoreUnavailableError):
            raise StoreUnavailableError(url)
        structlog.get_logger("services.leaky").debug("oops", value=PASSWORD)
    found = {leak for leak in watch.leaks() if leak.startswith("password of Redis")}
    assert {leak.rpartition(" in ")[2].replace(" of world 1", "") for leak in found} >= PLACES
