"""What a benchmark runs in: a Valkey that writes through, servers in processes, a port for each."""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.load import SIGNING_SECRET
from bot.embedded import EmbeddedValkey


def a_port() -> int:
    """Find a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """Run a Valkey of our own, every write on disk before its answer."""
    with tempfile.TemporaryDirectory() as directory:
        server = EmbeddedValkey(Path(directory), append_fsync="always")
        try:
            yield server.start()
        finally:
            server.stop()


def a_key() -> str:
    """Make a private key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def environ(**changes: str) -> dict[str, str]:
    """Build settings that need no service to be there."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-sandbox-acme-bot",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SALESFORCE_CONSUMER_KEY": "bench",
        "SALESFORCE_PRIVATE_KEY": a_key(),
        "SALESFORCE_USERNAME": "bot@acme.example",
        "IT_CHANNEL": "C0ITAPPROVAL",
        "IT_APPROVERS": "S0ITAPPROVERS",
    } | changes


def processor_seconds(pid: int) -> float:
    """Processor time that a process has had, from Linux's own account."""
    # What follows the program's name, which may hold anything, starts with the third field.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def process(
    *words: str, env: Mapping[str, str], port: int | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m …` and wait until its port answers."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, env={**os.environ, **env}
    )
    try:
        if port is not None:
            await _answers(child, port)
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def _answers(child: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            if child.returncode is not None:
                raise RuntimeError("the server stopped before it answered")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
