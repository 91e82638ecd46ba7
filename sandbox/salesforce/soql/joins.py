"""Semi-joins and anti-joins, `IN (SELECT …)`: what Salesforce allows, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.model import Both, Comparison, FieldPath, Join
from sandbox.salesforce.soql.objects import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.salesforce.soql.model import Condition, Query, Value
    from sandbox.salesforce.soql.objects import Column, Table

    Ids = Callable[[Query, FieldPath], tuple[Value, ...]]

MOST_JOINS = 2
"""In one WHERE (documented)."""


def without_joins(where: Condition | None, table: Table, ids: Ids) -> Condition | None:
    """The condition, in which the ids that they find stand for the joins at its top.

    Those elsewhere stay, and are refused when it is compiled. Raises `SoqlError` for one that
    breaks a documented rule.
    """
    parts = where.conditions if isinstance(where, Both) else (where,)
    joins = [part for part in parts if isinstance(part, Join)]
    if len(joins) > MOST_JOINS:
        raise malformed(f"maximum {MOST_JOINS} semi join sub-selects are allowed")
    if where is None or not joins:
        return where
    return Both(
        tuple(
            _listed(part, table, ids) if isinstance(part, Join) else part for part in parts if part
        )
    )


def id_column(table: Table, field: FieldPath) -> Column:
    """The field of ids of that name. Raises `SoqlError` when it is none of the object's own."""
    column = table.column(field.parts[-1])
    if len(field.parts) > 1 or column is None or column.kind is not Kind.ID:
        raise malformed(f"semi join sub-selects can only query id fields, cannot use: '{field}'")
    return column


def _listed(join: Join, table: Table, ids: Ids) -> Comparison:
    id_column(table, join.field)
    inner = join.query
    if inner.source.lower() == table.name.lower():
        raise malformed("The inner and outer selects should not be on the same object type")
    if inner.order_by or inner.group_by or inner.limit is not None:
        raise malformed("semi join sub-selects can not use ORDER BY, GROUP BY or LIMIT")
    if len(inner.selected) != 1 or not isinstance(inner.selected[0], FieldPath):
        raise malformed("semi join sub-selects must select exactly one field")
    if _has_join(inner.where):
        raise malformed("Nesting of semi join sub-selects is not supported")
    return Comparison(join.field, join.operator, ids(inner, inner.selected[0]))


def _has_join(where: Condition | None) -> bool:
    parts = where.conditions if isinstance(where, Both) else (where,)
    return any(isinstance(part, Join) for part in parts)
