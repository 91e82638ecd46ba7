"""What docs/authority.md allows: who may do what, while a reset or a case stands where."""

import re
from dataclasses import dataclass
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[2] / "docs/authority.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Action:
    """One thing that somebody can do."""

    kind: str
    """`button`, `form`, `shortcut`, `command` or `event`."""
    name: str
    """What the bot registers it by, with what is typed behind a command."""
    in_it_channel: bool = False

    @property
    def registered(self) -> tuple[str, str]:
        return self.kind, self.name.partition(" ")[0]


@dataclass(frozen=True)
class Row:
    """One row of a table. No people or states: any."""

    action: Action
    people: frozenset[str]
    states: frozenset[str]

    def allows(self, who: str, state: str) -> bool:
        return who in (self.people or {who}) and state in (self.states or {state})


@dataclass(frozen=True)
class Table:
    """What is under one heading."""

    rows: tuple[Row, ...]

    @property
    def actions(self) -> list[Action]:
        return list(dict.fromkeys(row.action for row in self.rows))

    def allows(self, action: Action, who: str, state: str) -> bool:
        return any(row.action == action and row.allows(who, state) for row in self.rows)


def _cells(heading: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in TEXT.partition(f"\n## {heading}\n")[2].splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def _codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _some(cell: str, anything: str) -> frozenset[str]:
    found = frozenset(_codes(cell))
    assert (cell == anything) != bool(found), cell
    return found


def _action(cell: str) -> Action:
    (name,) = _codes(cell)
    return Action(cell.partition(" ")[0], name, in_it_channel=cell.endswith("in IT's channel"))


def _table(heading: str, *, has_states: bool = True) -> Table:
    return Table(
        tuple(
            Row(
                _action(cells[0]),
                _some(cells[1], "anybody"),
                _some(cells[2], "any") if has_states else frozenset(),
            )
            for cells in _cells(heading)
        )
    )


PEOPLE = [_codes(cells[0])[0] for cells in _cells("People")]
ABOUT_A_RESET = _table("About a reset")
ABOUT_A_CASE = _table("About a case")
ABOUT_NEITHER = _table("About neither", has_states=False)
