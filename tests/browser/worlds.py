"""The worlds that the browser looks at: the sandbox with the bot, or Slack alone."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot import sandbox_command
from sandbox.page.app import create_page
from sandbox.page.world import World
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Place:
    """Where the page is, and what is behind it."""

    address: str
    workspace: Workspace
    org: SeededOrg


@contextlib.asynccontextmanager
async def with_bot(redis_url: str) -> AsyncIterator[Place]:
    """Run what `make sandbox` runs, on free ports."""
    async with (
        sandbox_command.building(redis_url, fixed_ports=False) as sandbox,
        sandbox_command.showing(sandbox, 0, afresh=nothing) as address,
    ):
        yield Place(address, sandbox.workspace, sandbox.orgs["production"])


def nothing() -> None:
    """Where nobody wants to begin afresh."""


class NoWorker:
    """Where no bot is, no worker is either."""

    is_running = False

    async def start(self) -> None:
        """Start nothing."""

    async def kill(self) -> None:
        """Kill nothing."""


@contextlib.asynccontextmanager
async def without_bot(port: int = 0) -> AsyncIterator[Place]:
    """Serve the page of a workspace and an org in which no bot works."""
    workspace, org = seed.acme(), acme()

    async def audit() -> list[dict[str, object]]:
        return []

    world = World(
        workspace, {"production": org}, {"production": ""}, "", audit, NoWorker(), nothing
    )
    async with serving(create_page(world), port) as address:
        yield Place(address, workspace, org)
