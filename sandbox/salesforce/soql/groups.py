"""Queries whose rows are groups: what may be selected and sorted, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.model import Aggregate, FieldPath, Query
from sandbox.salesforce.soql.objects import Kind, to_json
from sandbox.salesforce.soql.resolve import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.salesforce.soql.objects import Cell, Table
    from sandbox.salesforce.soql.resolve import Found

    Rows = list[Any]
    Measure = Callable[[Rows], Cell]


@dataclass(frozen=True)
class GroupPlan:
    """How to answer a grouped query."""

    keys: tuple[Found, ...]
    outputs: tuple[tuple[str, Measure], ...]
    orders: tuple[tuple[Measure, bool, bool], ...]


def plan_groups(query: Query, table: Table) -> GroupPlan:
    """Check a query with aggregates. Raises `SoqlError` when Salesforce would refuse it."""
    keys = tuple(_groupable(table, path) for path in query.group_by)
    if query.limit is not None and not keys:
        raise malformed(
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
        )
    grouped = {found.key for found in keys}
    outputs: list[tuple[str, Measure]] = []
    unnamed = 0
    for item in query.selected:
        if isinstance(item, Query):
            raise malformed("aggregate queries can not have sub-selects")
        measure = _measure(item, table, grouped)
        if isinstance(item, FieldPath):
            outputs.append((find(table, item).column.name, measure))
        elif item.alias:
            outputs.append((item.alias, measure))
        else:
            outputs.append((f"expr{unnamed}", measure))
            unnamed += 1
    orders = tuple(
        (_ordering(each.by, table, grouped), each.descending, each.nulls_last)
        for each in query.order_by
    )
    return GroupPlan(keys, tuple(outputs), orders)


def _groupable(table: Table, path: FieldPath) -> Found:
    found = find(table, path)
    if not found.column.groups:
        raise malformed(f"field '{found.column.name}' can not be grouped in a query call")
    return found


def _ordering(item: FieldPath | Aggregate, table: Table, grouped: set[str]) -> Measure:
    if isinstance(item, FieldPath) and find(table, item).key not in grouped:
        raise malformed(f"Ordered field must be grouped or aggregated: {item}")
    return _measure(item, table, grouped)


def _measure(item: FieldPath | Aggregate, table: Table, grouped: set[str]) -> Measure:
    if isinstance(item, FieldPath):
        found = find(table, item)
        if found.key not in grouped:
            raise malformed(f"Field must be grouped or aggregated: {item}")
        return lambda rows: found.of(rows[0])
    if item.field is None:
        raise malformed("COUNT() must be the only thing selected, without GROUP BY")
    found = find(table, item.field)
    if item.function == "COUNT":
        return lambda rows: sum(found.of(row) is not None for row in rows)
    if found.column.kind is Kind.BOOLEAN or not found.column.sorts:
        raise malformed(f"field {item.field} does not support aggregate operator {item.function}")
    best: Callable[..., Any] = max if item.function == "MAX" else min
    return lambda rows: best(
        (value for row in rows if (value := found.of(row)) is not None), default=None
    )


def group(plan: GroupPlan, rows: Rows) -> list[dict[str, Any]]:
    """The groups' values as records."""
    groups: dict[tuple[Cell, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(key.of(row) for key in plan.keys), []).append(row)
    if not plan.keys:
        groups = {(): rows}
    ordered = list(groups.values())
    for measure, descending, nulls_last in reversed(plan.orders):
        sort_rows(ordered, measure, descending=descending, nulls_last=nulls_last)
    return [
        {"attributes": {"type": "AggregateResult"}}
        | {name: to_json(measure(each)) for name, measure in plan.outputs}
        for each in ordered
    ]


def sort_rows(
    rows: Rows, get: Callable[[Any], Cell], *, descending: bool, nulls_last: bool
) -> None:
    """Sort in place by what `get` finds; empty cells come first unless asked otherwise."""
    filled = [row for row in rows if get(row) is not None]
    empty = [row for row in rows if get(row) is None]
    key: Callable[[Any], Any] = get
    filled.sort(key=key, reverse=descending)
    rows[:] = filled + empty if nulls_last else empty + filled
