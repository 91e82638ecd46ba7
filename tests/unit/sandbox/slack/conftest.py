from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import BOT_TOKEN, acme
from sandbox.slack.serve import slack_serving
from tests.unit.sandbox.slack.support import Bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.slack.workspace import Workspace


class Clock:
    """Seconds since 1970 that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return acme(clock=clock)


@pytest.fixture
def bot(workspace: Workspace) -> Bot:
    bot = Bot()
    workspace.dispatcher.transport = bot
    return bot


@pytest.fixture
async def origin(workspace: Workspace) -> AsyncIterator[str]:
    async with slack_serving(workspace) as origin:
        yield origin


@pytest.fixture
def client(origin: str) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{origin}/api/", retry_handlers=[])
