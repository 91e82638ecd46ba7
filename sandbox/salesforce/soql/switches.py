"""What this one org refuses to answer, because a test has switched it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce.soql.errors import SoqlError, invalid_field, malformed
from sandbox.salesforce.soql.model import (
    Aggregate,
    Both,
    Comparison,
    Either,
    FieldPath,
    Join,
    Not,
    Query,
)
from sandbox.salesforce.soql.objects import TABLES
from sandbox.salesforce.soql.resolve import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.soql.model import Condition
    from sandbox.salesforce.soql.objects import Table


def check_switches(org: Org, query: Query, table: Table) -> None:
    """Raise `SoqlError` for an object, a field or a grouping that the org doesn't have."""
    if table.name in org.hidden_objects:
        raise SoqlError("INVALID_TYPE", f"sObject type '{table.name}' is not supported.")
    if query.group_by and table.name in org.refuses_group_by:
        raise malformed(f"entity type {table.name} does not support grouping")
    if org.missing_fields:
        _check_fields(org, query, table)


def _check_fields(org: Org, query: Query, table: Table) -> None:
    for path in _fields(query):
        found = find(table, path)
        entity = found.parents[-1].table if found.parents else table.name
        if f"{entity}.{found.column.name}" in org.missing_fields:
            raise invalid_field(f"No such column '{found.column.name}' on entity '{entity}'.")
    for item in query.selected:
        relation = table.children.get(item.source.lower()) if isinstance(item, Query) else None
        if isinstance(item, Query) and relation:
            _check_fields(org, item, TABLES[relation.table])


def _fields(query: Query) -> Iterator[FieldPath]:
    """Every field that a query names, but for those of its sub-queries."""
    named = [*query.selected, *query.group_by, *(order.by for order in query.order_by)]
    for item in named:
        if isinstance(item, FieldPath):
            yield item
        elif isinstance(item, Aggregate) and item.field:
            yield item.field
    if query.where:
        yield from _filtered(query.where)


def _filtered(condition: Condition) -> Iterator[FieldPath]:
    match condition:
        case Both(conditions) | Either(conditions):
            for each in conditions:
                yield from _filtered(each)
        case Not(inner):
            yield from _filtered(inner)
        case Comparison(field=field) | Join(field=field):
            yield field
