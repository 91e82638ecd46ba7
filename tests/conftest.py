"""What all tests share: a real Valkey for each test process, emptied for each test."""

import functools
import gc
import os
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import HealthCheck, settings
from valkey import Valkey

from bot import logs
from bot.embedded import EmbeddedValkey
from tests.own_keys import parse_keys_by

pytest_plugins = ["tests.counting"]

# No test depends on a time: a busy machine isn't a fault.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_xdist_auto_num_workers() -> int:
    """Run one more than there are cores: most of a story is waiting."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Let the collector pass over what thousands of tests are made of, which stays to the end."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _keys_parsed_once() -> None:
    """Check the numbers of each key once in a process: in each test it was half the set-up."""
    parse_keys_by(functools.cache(load_pem_private_key))


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Log as the program does, at its most talkative."""
    logs.configure("DEBUG", "json")


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("valkey")
    # What is on disk is tested where it matters; here it would only cost time.
    server = EmbeddedValkey(directory, append_fsync="no")
    yield server.start()
    server.stop()


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    with Valkey.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server
