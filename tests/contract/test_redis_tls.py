"""REDIS_TLS_VERIFY against a real Valkey behind TLS with a chain that no machine trusts."""

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import redis.asyncio as aioredis
import redis.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.settings import Settings
from tests.unit.bot.test_settings import GOOD


def certificate(directory: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for the name localhost, and its key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "cert.pem", directory / "key.pem"
    certificate_file.write_bytes(signed.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file


@contextlib.asynccontextmanager
async def tls_in_front_of(
    redis_url: str, certificate_file: Path, key_file: Path
) -> AsyncIterator[int]:
    async def pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(65536):
                target.write(chunk)
                await target.drain()
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = unquote(redis_url.removeprefix("unix://"))
        from_valkey, to_valkey = await asyncio.open_unix_connection(path)
        await asyncio.gather(pipe(reader, to_valkey), pipe(from_valkey, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ping(port: int, verify: str, host: str = "localhost") -> bool:
    url = Settings.load(
        GOOD | {"REDIS_URL": f"rediss://{host}:{port}/0", "REDIS_TLS_VERIFY": verify}
    ).redis_connection_url()
    assert url is not None
    client = aioredis.Redis.from_url(url, retry=None)
    try:
        return bool(await client.ping())
    finally:
        await client.aclose()


async def test_the_certificate_is_checked_as_the_setting_says(
    redis_url: str, tmp_path: Path
) -> None:
    certificate_file, key_file = certificate(tmp_path)
    async with tls_in_front_of(redis_url, certificate_file, key_file) as port:
        assert await ping(port, "false")
        assert await ping(port, str(certificate_file))
        with pytest.raises(redis.exceptions.ConnectionError, match="certificate verify failed"):
            await ping(port, "true")
        with pytest.raises(redis.exceptions.ConnectionError, match="IP address mismatch"):
            await ping(port, str(certificate_file), host="127.0.0.1")
