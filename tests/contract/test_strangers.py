"""Whether a real Valkey takes somebody without a password is found out by trying."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from valkey.asyncio import Valkey

from bench.surroundings import a_port
from services.store.strangers import lets_strangers_in, without_credentials
from tests.contract.test_redis_tls import certificate
from tests.faults.servers import running


async def test_a_server_with_no_password_takes_anyone(tmp_path: Path) -> None:
    port = a_port()
    async with running(tmp_path / "open", port=port):
        assert await lets_strangers_in(f"redis://127.0.0.1:{port}/0") is True
        assert await lets_strangers_in(f"redis://:ours@127.0.0.1:{port}/0") is True


async def test_a_password_that_nobody_asks_for_keeps_nobody_out(tmp_path: Path) -> None:
    """A user of ours has one, and the user that everybody is without one is on still."""
    port = a_port()
    async with running(tmp_path / "open", port=port) as server:
        async with Valkey.from_url(server.url) as raw:
            await raw.execute_command("ACL", "SETUSER", "bot", "on", ">ours", "~*", "&*", "+@all")
        url = f"redis://bot:ours@127.0.0.1:{port}/0"
        async with Valkey.from_url(url) as ours:
            assert await ours.ping()
        assert await lets_strangers_in(url) is True
        async with Valkey.from_url(server.url) as raw:
            await raw.execute_command("ACL", "SETUSER", "default", "off")
        assert await lets_strangers_in(url) is False


async def test_a_server_with_a_password_refuses_whoever_gives_none(tmp_path: Path) -> None:
    port = a_port()
    async with running(tmp_path / "closed", port=port) as server:
        await server.sets(requirepass="ours")
        url = f"redis://:ours@127.0.0.1:{port}/0"
        assert await lets_strangers_in(url) is False
        async with Valkey.from_url(url) as ours:
            assert await ours.ping(), "and takes us"


@asynccontextmanager
async def a_server_that_wants_a_certificate(cert: Path, key: Path) -> AsyncIterator[int]:
    async def hears_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(cert)
    context.verify_mode = ssl.CERT_REQUIRED
    server = await asyncio.start_server(hears_nothing, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_that_wants_a_certificate_hangs_up(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with a_server_that_wants_a_certificate(cert, key) as port:
        url = f"rediss://localhost:{port}?ssl_ca_certs={cert}"
        ours = f"{url}&ssl_certfile={cert}&ssl_keyfile={key}"
        assert await lets_strangers_in(ours) is False
        assert await lets_strangers_in(url) is None, "why it hung up isn't known"


async def test_nobody_there_is_no_answer() -> None:
    assert await lets_strangers_in(f"redis://:ours@127.0.0.1:{a_port()}") is None


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("rediss://bot:s3cret@redis.internal:6379/2", "rediss://redis.internal:6379/2"),
        ("redis://:p%40ss@[::1]:6379", "redis://[::1]:6379"),
        (
            "rediss://h?ssl_certfile=/c&ssl_keyfile=/k&ssl_cert_reqs=required&password=s",
            "rediss://h?ssl_cert_reqs=required",
        ),
    ],
)
def test_nothing_that_says_who_we_are_is_left(url: str, left: str) -> None:
    assert without_credentials(url) == left
