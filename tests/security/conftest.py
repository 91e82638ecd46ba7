"""What tests of many thousand inputs share."""

import logging
import sys
from collections.abc import Iterator

import pytest

from services.store import connection


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Write no log: pytest keeps every line, and that would be the memory that is measured."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def deep_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python drop a weak reference at the bottom of a stack that is full, and not say so.

    Whoever reads JSON that is nested too deeply gets a `RecursionError`, and answers for it; what
    the collector does just then has nobody to answer.
    """
    before = sys.unraisablehook

    def hook(raised: "sys.UnraisableHookArgs") -> None:
        if not isinstance(raised.exc_value, RecursionError):
            before(raised)

    monkeypatch.setattr(sys, "unraisablehook", hook)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Redis: a machine that is busy with many presses isn't a store that is down."""
    monkeypatch.setattr("handlers.presses.PATIENCE", 30)
    monkeypatch.setattr("services.store.connection.TIMEOUT", 30)
    defaults = connection.connect.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "timeout", 30)
