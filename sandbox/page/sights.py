"""What can be seen in a place, so that the tour knows when a step has been done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.page.steps import Seen
    from sandbox.page.switches import Switches
    from sandbox.page.world import World

Sight = tuple[str, str]
"""Which thing it is, and what it says now."""

_LEVELS = frozenset({"integrations", "faults"})
"""Where only the present counts: what is as it should be need not change first."""


class Sights:
    """Looks with everybody's eyes."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches

    def matching(self, seen: Seen, who: str) -> frozenset[Sight]:
        """Return all that has the text, in the place and on the screen that are meant."""
        person = seen.who or who
        return frozenset(
            (key, text) for key, text in self._in(seen.where, person) if seen.text in text
        )

    def is_new(self, seen: Seen, who: str, before: frozenset[Sight]) -> bool:
        """Whether it is there, and wasn't before."""
        now = self.matching(seen, who)
        return bool(now if seen.where in _LEVELS else now - before)

    def _in(self, where: str, who: str) -> Iterator[Sight]:
        actor = self._world.workspace.actor(who)
        match where:
            case "modal":
                if actor.modal is not None:
                    yield actor.modal.id, actor.modal.plain
            case "mail":
                yield from self._mails(actor.person.email or "")
            case "integrations":
                yield from self._integrations()
            case "faults":
                for switch in self._switches.shown():
                    yield switch["name"], f"{switch['label']}: {'on' if switch['on'] else 'off'}"
            case _:
                for shown in actor.sees(where):
                    yield shown.ts, shown.plain

    def _mails(self, address: str) -> Iterator[Sight]:
        for org in self._world.orgs.values():
            for number, mail in enumerate(org.mailbox(address)):
                yield f"{org.name} {number}", f"{mail.subject}\n{mail.text}"

    def _integrations(self) -> Iterator[Sight]:
        for org in self._world.orgs.values():
            for name, entry in org.timetable.entries.items():
                if entry.last is not None:
                    yield name, f"{name} {'works' if entry.is_green else 'fails'}"
