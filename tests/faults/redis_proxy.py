"""Stands between a process and its Redis: sees each command, and strikes at one of them."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import hiredis

Command = list[bytes]

AS_TIME_GOES = frozenset(
    {
        "CLIENT",
        "EVAL resets:queue",
        "EVALSHA resets:queue",
        "EXEC XACK audit",
        "EXEC XLEN resets:stream",
        "EXEC ZREMRANGEBYSCORE resets:workers",
        "HELLO",
        "PING",
        "SCRIPT",
        "SET resets:leases:redelivery-sweep",
        "SET worker:seen",
        "XAUTOCLAIM",
        "XCLAIM resets:stream",
        "XREADGROUP",
    }
)
"""Commands that a process sends again and again: how many there are depends on its speed, and one
is like the other, so that the first stands for all."""


def name_of(command: Command) -> str:
    """Name a command by what it does and to what kind of key, with no ids in it."""
    verb = command[0].decode().upper()
    words = [part.decode(errors="replace") for part in command[1:]]
    if verb in {"EVAL", "EVALSHA"}:
        count = int(words[1])
        made, arguments = words[2 : 2 + count], words[2 + count :]
        return f"{_move(arguments) or verb} {_shape(made[0])}"
    if verb == "XGROUP":
        words = words[1:]
    if verb in {"CLIENT", "HELLO", "SCRIPT", "XAUTOCLAIM", "XREAD", "XREADGROUP"} or not words:
        return verb
    return f"{verb} {_shape(words[0])}"


def _move(arguments: list[str]) -> str | None:
    """The move that one of the project's own scripts makes."""
    with contextlib.suppress(ValueError, LookupError, TypeError):
        return f"MOVE {json.loads(arguments[0])['move']}"
    return None


def _shape(key: str) -> str:
    """A key without the ids in it, such as `reset:*` and `resets:runs:*:prepare:*`."""
    return ":".join("*" if _is_id(part) else part for part in key.split(":"))


def _is_id(part: str) -> bool:
    return any(sign.isdigit() for sign in part) or len(part) > _LONGEST_WORD


_LONGEST_WORD = 20


class Commands:
    """What one connection sends, cut into what happens together: a command, or a transaction."""

    def __init__(self) -> None:
        self._parser = hiredis.Reader()
        self._transaction: list[Command] = []

    def feed(self, data: bytes) -> Iterator[tuple[str, list[Command]]]:
        """Take what has come, and give out what is whole: its name, and its commands."""
        self._parser.feed(data)
        while (command := self._parser.gets()) is not False:
            name = name_of(command)
            if name != "MULTI" and not self._transaction:
                yield name, [command]
                continue
            self._transaction.append(command)
            if name == "EXEC":
                whole, self._transaction = self._transaction, []
                yield f"EXEC {name_of(whole[1])}", whole


@dataclass
class Strike:
    """When something happens: at the nth command of a name, before or after it is carried out."""

    name: str
    nth: int
    after: bool
    happens: Callable[[], None]
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> None:
        """Let it happen."""
        self.happens()
        self.struck.set()


class RedisProxy:
    """Passes everything on, until it strikes; then nothing passes on that connection any more."""

    def __init__(self, url: str) -> None:
        self._server = ""
        self.leads_to(url)
        self.delay = 0.0
        """Seconds by which each command is late."""
        self.refuses = False
        """Whether whoever connects is turned away."""
        self.seen: list[tuple[str, int]] = []
        """Each command in the order of its arrival: its name, and the how manieth of that name."""
        self._counts: Counter[str] = Counter()
        self.strike: Strike | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, strike: Strike | None = None) -> None:
        """Count from here on, and strike there."""
        self.seen.clear()
        self._counts.clear()
        self.strike = strike

    def leads_to(self, url: str) -> None:
        """Pass new connections on to this server."""
        self._server = unquote(urlsplit(url).path)

    def cut_off(self) -> None:
        """Drop every connection that there is."""
        for task in self._tasks:
            task.cancel()

    @contextlib.asynccontextmanager
    async def serving(self, path: Path) -> AsyncIterator[str]:
        """Listen on a socket; yields its URL."""
        server = await asyncio.start_unix_server(self._connected, path)
        try:
            yield f"unix://{path}"
        finally:
            server.close()
            self.cut_off()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.close()
            return
        link = _Link(self, reader, writer)
        task = asyncio.ensure_future(link.run(self._server))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def arrives(self, name: str) -> Strike | None:
        """Note a command, and say whether it is the one to strike at."""
        self._counts[name] += 1
        nth = self._counts[name]
        if name not in AS_TIME_GOES or nth == 1:
            self.seen.append((name, nth))
        strike = self.strike
        if strike and not strike.struck.is_set() and (strike.name, strike.nth) == (name, nth):
            return strike
        return None


class _Link:
    """One connection of the process, and its own to the server."""

    def __init__(
        self, proxy: RedisProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self._sent = 0
        self._answered = 0
        self._after: tuple[int, Strike] | None = None
        """Strike once so many commands have been answered."""

    async def run(self, path: str) -> None:
        try:
            answers, commands = await asyncio.open_unix_connection(path)
        except OSError:  # no server there
            self._writer.close()
            return
        both = [
            asyncio.ensure_future(self._onwards(commands)),
            asyncio.ensure_future(self._back(answers)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            self._writer.close()
            commands.close()

    async def _onwards(self, server: asyncio.StreamWriter) -> None:
        sent = Commands()
        while data := await self._reader.read(65536):
            for name, commands in sent.feed(data):
                strike = self._proxy.arrives(name)
                if strike and not strike.after:
                    strike.now()
                    return
                await asyncio.sleep(self._proxy.delay)
                self._sent += len(commands)
                if strike:
                    self._after = (self._sent, strike)
                for one in commands:
                    # Its stub knows tuples of one only.
                    server.write(hiredis.pack_command(tuple(one)))  # type: ignore[arg-type]
                if strike:
                    await asyncio.Event().wait()  # for its answer
            await server.drain()

    async def _back(self, server: asyncio.StreamReader) -> None:
        parser = hiredis.Reader()
        while data := await server.read(65536):
            parser.feed(data)
            while parser.gets() is not False:
                self._answered += 1
            if self._after and self._answered >= self._after[0]:
                self._after[1].now()
                return
            self._writer.write(data)
            await self._writer.drain()
