"""What every window shows, sent to it as server-sent events whenever it changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from sandbox.page.cast import cast, names
from sandbox.page.pulse import Pulse
from sandbox.page.salesforce_view import integrations_of, mails_to, users_of
from sandbox.page.slack_view import slack_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sandbox.page.switches import Switches
    from sandbox.page.tour import Tour
    from sandbox.page.world import World
    from sandbox.slack.actor import Actor
    from sandbox.slack.model import Json

_BEAT = 0.5
"""Seconds between two looks at what tells nobody of its changes: the audit, and integrations."""

_RETRY_MS = 500
"""When a window that lost its line tries again."""

_NEWEST_ROWS = 200
_LONG = 3600.0


class Live:
    """Looks at the world, and tells each window what has changed for it."""

    def __init__(self, world: World, switches: Switches, tour: Tour) -> None:
        self._world = world
        self._switches = switches
        self._tour = tour
        self._pulse = Pulse()
        self._changed = asyncio.Event()
        self._audit: list[Json] = []

    def changed(self) -> None:
        """Look again now."""
        self._changed.set()

    async def run(self) -> None:
        """Look at the world until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(self._world.workspace.until))
            for org in self._world.orgs.values():
                group.create_task(self._follow(org.until))
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), _BEAT)
                self._changed.clear()
                self._audit = (await self._world.audit())[-_NEWEST_ROWS:]
                self._tour.look()
                self._pulse.beat()

    async def events(self, actor: Actor) -> AsyncIterator[str]:
        """Yield the events of a person's window: all there is, and then what changes."""
        yield f"retry: {_RETRY_MS}\n\n"
        told: dict[str, str] = {}
        beat = -1
        while True:
            beat = await self._pulse.after(beat)
            for part, value in self._parts(actor).items():
                text = json.dumps(value, separators=(",", ":"))
                if told.get(part) != text:
                    told[part] = text
                    yield f"event: {part}\ndata: {text}\n\n"

    def _parts(self, actor: Actor) -> dict[str, object]:
        """Return what a window shows, in the order in which it needs to know it."""
        world = self._world
        return {
            "cast": cast(world.workspace),
            "names": names(world.workspace),
            "me": {"name": actor.person.name, "tz": actor.person.tz},
            "slack": slack_of(world.workspace, actor),
            "mail": mails_to(world.orgs, actor.person.email or ""),
            "orgs": {name: users_of(org) for name, org in world.orgs.items()},
            "integrations": {name: integrations_of(org) for name, org in world.orgs.items()},
            "faults": self._switches.shown(),
            "worker": {"running": world.worker.is_running},
            "audit": self._audit,
            "stories": self._tour.stories(),
            "tour": self._tour.shown(),
        }

    async def _follow(
        self, until: Callable[[Callable[[], object], float], Awaitable[object]]
    ) -> None:
        """Look again after each change."""
        while True:
            with contextlib.suppress(TimeoutError):
                await until(_woken(), _LONG)
            self.changed()


def _woken() -> Callable[[], bool]:
    """Return a condition that holds from the second look on: after the first change."""
    looks = iter([False])
    return lambda: next(looks, True)
