"""Integrations that log in again and again by themselves, and how their last login went."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from lxml import etree

from sandbox.salesforce.clients import LoginResult, TokenClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from sandbox.salesforce.clients import Integration

_NO_ANSWER = (aiohttp.ClientError, TimeoutError, etree.XMLSyntaxError, ValueError)
"""What a client meets when the org doesn't answer, or with something else than an answer."""


class NoTokenError(Exception):
    """This integration keeps no security token, so none can be pasted into it."""


@dataclass
class Entry:
    """An integration, how often it logs in, and how that went."""

    client: Integration
    every: timedelta
    last: LoginResult | None = None
    last_at: datetime | None = None
    succeeded: int = 0
    failed: int = 0

    @property
    def is_green(self) -> bool:
        """Whether it got in the last time."""
        return self.last is not None and self.last.ok


class Timetable:
    """Integrations by name. They log in in real time, whatever the org's clock says."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.entries: dict[str, Entry] = {}

    def add(self, name: str, client: Integration, every: timedelta) -> None:
        """Take an integration in."""
        self.entries[name] = Entry(client, every)

    async def log_in(self, name: str) -> LoginResult:
        """Let one log in now. Raises `KeyError` when there is none of that name."""
        entry = self.entries[name]
        try:
            result = await entry.client.login()
        except _NO_ANSWER as error:
            result = LoginResult(ok=False, error=f"no answer: {type(error).__name__}")
        entry.last, entry.last_at = result, self._clock()
        entry.succeeded += result.ok
        entry.failed += not result.ok
        return result

    async def all_log_in(self) -> dict[str, LoginResult]:
        """Let all log in now, one after the other."""
        return {name: await self.log_in(name) for name in self.entries}

    def paste_token(self, name: str, token: str) -> None:
        """Put a new security token into one. Raises `KeyError`, or `NoTokenError`."""
        client = self.entries[name].client
        if not isinstance(client, TokenClient):
            raise NoTokenError(name)
        client.paste_token(token)

    async def run(self) -> None:
        """Let each log in now and then on its schedule, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, entry in self.entries.items():
                group.create_task(self._repeat(name, entry.every.total_seconds()))

    async def _repeat(self, name: str, seconds: float) -> None:
        while True:
            await self.log_in(name)
            await asyncio.sleep(seconds)
