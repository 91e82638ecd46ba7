"""An org that is served by a stub."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from sandbox.serving import serving
from services.orgs import OrgConfig, ResetMethod
from services.salesforce import retrying
from services.salesforce.http import Timeouts
from services.salesforce.org import Org
from tests.unit.salesforce.stub import Stub

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    async with serving(stub.app()) as origin:
        stub.origin = origin
        yield stub


@pytest.fixture
def config(stub: Stub, pem: str) -> OrgConfig:
    return OrgConfig(
        name="production",
        login_url=stub.origin,
        consumer_key="integration-app",
        private_key=SecretStr(pem),
        username="bot@acme.example",
        user_consumer_key="user-app",
        user_private_key=SecretStr(pem),
        reset_method=ResetMethod.TOKEN,
    )


@pytest.fixture
async def org(
    config: OrgConfig, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Org]:
    monkeypatch.setattr(retrying, "FIRST_WAIT_SECONDS", 0.01)
    timeouts = Timeouts(connect=1.0, read=0.5, effect=0.5)
    org = Org(config, lambda: NOW, executor, timeouts)
    yield org
    await org.close()
