"""Finding the fields that a query names, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.soql.errors import SoqlError, invalid_field
from sandbox.salesforce.soql.objects import TABLES, Cell, Column, Relation, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.salesforce.soql.model import FieldPath
    from sandbox.salesforce.users import User

_BY_NAME = {name.lower(): table for name, table in TABLES.items()}


@dataclass(frozen=True)
class Found:
    """A field that exists, with the parents on the way to it."""

    parents: tuple[Relation, ...]
    column: Column

    @property
    def key(self) -> str:
        """The same for two spellings of one field."""
        return ".".join([*(each.name for each in self.parents), self.column.name])

    @property
    def reader(self) -> Callable[[Any], Cell]:
        """A function that reads it from a row; without parents, with nothing in between."""
        return self.of if self.parents else self.column.get

    def of(self, row: object) -> Cell:
        """What stands in it."""
        value: Any = row
        for parent in self.parents:
            value = parent.get(value)
        return self.column.get(value)


def table_for(name: str, viewer: User) -> Table:
    """The object of that name. Raises `SoqlError` when there is none for this user."""
    table = _BY_NAME.get(name.lower())
    if table is None or not is_shown(table, viewer):
        raise SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return table


def is_shown(table: Table, viewer: User) -> bool:
    """Whether this user may know of the object."""
    return not table.needs or viewer.may(*table.needs)


def find(table: Table, path: FieldPath) -> Found:
    """The field of that path. Raises `SoqlError` when there is none."""
    parents: list[Relation] = []
    here = table
    *way, last = path.parts
    if way and way[0].lower() == table.name.lower() and way[0].lower() not in table.parents:
        # A field may be written with its object's own name in front.
        way = way[1:]
    for step in way:
        relation = here.parents.get(step.lower())
        if relation is None:
            raise invalid_field(f"Didn't understand relationship '{step}' in field path.")
        parents.append(relation)
        here = TABLES[relation.table]
    column = here.column(last)
    if column is None:
        raise invalid_field(f"No such column '{last}' on entity '{here.name}'.")
    return Found(tuple(parents), column)
