"""Answering a query for a user: check it against the objects, then find and shape the rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.identifiers import canonical
from sandbox.salesforce.soql.conditions import compiled
from sandbox.salesforce.soql.errors import SoqlError, invalid_field, malformed
from sandbox.salesforce.soql.groups import group, plan_groups, sort_rows
from sandbox.salesforce.soql.joins import id_column, without_joins
from sandbox.salesforce.soql.model import Aggregate, Both, Comparison, FieldPath, Query
from sandbox.salesforce.soql.objects import TABLES, to_json
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.resolve import Found, find, is_shown, table_for
from sandbox.salesforce.soql.result import Result
from sandbox.salesforce.soql.secrecy import note_secrets
from sandbox.salesforce.soql.switches import check_switches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.soql.model import Condition, Value
    from sandbox.salesforce.soql.objects import Table
    from sandbox.salesforce.users import User

    Record = dict[str, Any]
    Shape = Callable[[Any], Record]

MOST_GROUPS = 2000
"""Rows of a grouped answer: it has one page only."""
_TOO_MANY_GROUPS = (
    "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single"
    " batch"
)


def execute(org: Org, viewer: User, text: str, base: str) -> Result:
    """Answer a query as `viewer` may see it. Raises `SoqlError`.

    `base` is the path of the API's version, for the records' addresses.
    """
    query = parse(text)
    table = table_for(query.source, viewer)
    check_switches(org, query, table)
    if query.selected == (Aggregate("COUNT", None),) and not query.group_by:
        return Result([], len(_matching(org, viewer, query, table)))
    if query.aggregates:
        plan = plan_groups(query, table)
        rows = _matching(org, viewer, query, table)
        note_secrets(org, query, rows)
        groups = group(plan, rows)[: query.limit]
        if len(groups) > MOST_GROUPS:
            raise SoqlError("EXCEEDED_ID_LIMIT", _TOO_MANY_GROUPS)
        return Result(groups)
    shape = _shape(org, viewer, query, table, base)
    rows = _matching(org, viewer, query, table)
    _sort(query, table, rows)
    rows = rows[: query.limit][: table.most]
    # What further pages tell isn't watched.
    note_secrets(org, query, rows[: table.page])
    return Result([shape(row) for row in rows], page=table.page)


def _matching(org: Org, viewer: User, query: Query, table: Table) -> list[Any]:
    where = without_joins(query.where, table, partial(_ids, org, viewer))
    rows = _candidates(org, where, table)
    if table.owner and not viewer.may(*table.all_rows_need):
        owner = table.owner
        rows = (row for row in rows if owner(row) == viewer.id)
    if where is None:
        return list(rows)
    test = compiled(where, table, org.clock())
    return [row for row in rows if test(row)]


def _ids(org: Org, viewer: User, query: Query, field: FieldPath) -> tuple[Value, ...]:
    """The ids that a sub-select finds in its field."""
    table = table_for(query.source, viewer)
    check_switches(org, query, table)
    column = id_column(table, field)
    ids = (column.get(row) for row in _matching(org, viewer, query, table))
    return tuple(each for each in ids if each is not None)


def _candidates(org: Org, where: Condition | None, table: Table) -> Iterable[Any]:
    """The rows worth looking at: with an id given, those of that id alone."""
    parts = where.conditions if isinstance(where, Both) else (where,)
    for part in parts:
        if isinstance(part, Comparison) and part.operator == "=" and isinstance(part.value, str):
            lookup = table.lookups.get(str(part.field).lower())
            record_id = canonical(part.value)
            if lookup and record_id:
                return lookup(org, record_id)
    return table.rows(org)


def _sort(query: Query, table: Table, rows: list[Any]) -> None:
    for each in reversed(query.order_by):
        if isinstance(each.by, Aggregate):
            raise malformed("an aggregate can only be ordered by in a grouped query")
        found = find(table, each.by)
        if not found.column.sorts:
            raise malformed(f"field '{found.column.name}' can not be sorted in a query call")
        sort_rows(rows, found.of, descending=each.descending, nulls_last=each.nulls_last)


def _shape(org: Org, viewer: User, query: Query, table: Table, base: str) -> Shape:
    """How a row of `table` becomes a record with the selected fields."""
    fields: dict[str, Found] = {}
    nested: dict[str, Callable[[Any], Any]] = {}
    for item in query.selected:
        if isinstance(item, Query):
            name, inner = _children(org, viewer, item, table, base)
            nested[name] = inner
        elif isinstance(item, FieldPath):
            found = find(table, item)
            if found.key in fields:
                raise invalid_field(f"duplicate field selected: {item}")
            fields[found.key] = found
    return lambda row: (
        _record(row, table, base, list(fields.values()))
        | {name: inner(row) for name, inner in nested.items()}
    )


def _record(row: Any, table: Table, base: str, fields: list[Found]) -> Record:  # noqa: ANN401  a row of any object
    url = f"{base}/sobjects/{table.name}/{table.columns['id'].get(row)}"
    record: Record = {"attributes": {"type": table.name, "url": url}}
    for found in fields:
        here, value, at = record, row, table
        for parent in found.parents:
            value, at = parent.get(value), TABLES[parent.table]
            link = f"{base}/sobjects/{at.name}/{at.columns['id'].get(value)}"
            here = here.setdefault(parent.name, {"attributes": {"type": at.name, "url": link}})
        here[found.column.name] = to_json(found.column.get(value))
    return record


def _children(
    org: Org, viewer: User, query: Query, table: Table, base: str
) -> tuple[str, Callable[[Any], Record | None]]:
    relation = table.children.get(query.source.lower())
    if relation is None or not is_shown(TABLES[relation.table], viewer):
        raise malformed(f"Didn't understand relationship '{query.source}' in FROM part of query")
    if query.aggregates:
        raise malformed("only root queries support aggregate expressions")
    child = TABLES[relation.table]
    shape = _shape(org, viewer, query, child, base)
    test = compiled(query.where, child, org.clock()) if query.where else None

    def of(row: object) -> Record | None:
        rows = [each for each in relation.get(row) if test is None or test(each)]
        _sort(query, child, rows)
        records = [shape(each) for each in rows[: query.limit]]
        if not records:
            return None
        return {"totalSize": len(records), "done": True, "records": records}

    return relation.name, of
