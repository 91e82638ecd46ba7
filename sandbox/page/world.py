"""What the page shows and moves: handed in by the command that starts the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.salesforce.org import Org
    from sandbox.slack.model import Json
    from sandbox.slack.workspace import Workspace


class Worker(Protocol):
    """The process that does the bot's work."""

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        ...

    async def start(self) -> None:
        """Start it, unless it lives."""
        ...

    async def kill(self) -> None:
        """End it at once, without a chance to finish anything (`kill -9`)."""
        ...


@dataclass(frozen=True)
class World:
    """A workspace, orgs and the bot between them."""

    workspace: Workspace
    orgs: dict[str, Org]
    """By the name under which the bot knows them."""
    origins: dict[str, str]
    """Where each of the orgs is, `http://127.0.0.1:PORT`."""
    bot: str
    """Where the bot's web process is."""
    audit: Callable[[], Awaitable[list[Json]]]
    """All rows of the bot's audit, oldest first."""
    worker: Worker
    afresh: Callable[[], None]
    """Call it to have all of this built anew; the page goes away and comes back."""
