"""WHERE: checking a condition's fields and values, and turning it into a test of a row."""

from __future__ import annotations

import operator
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.identifiers import canonical
from sandbox.salesforce.soql.errors import SoqlError, invalid_field, malformed
from sandbox.salesforce.soql.model import Both, Comparison, DateLiteral, Either, Join, Not
from sandbox.salesforce.soql.objects import Kind
from sandbox.salesforce.soql.resolve import Found, find
from sandbox.salesforce.soql.spans import span

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.salesforce.soql.model import Condition, Value
    from sandbox.salesforce.soql.objects import Table

    Test = Callable[[Any], bool]

_ORDERED = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def compiled(condition: Condition, table: Table, now: datetime) -> Test:
    """A test of a row of `table`. Raises `SoqlError` when Salesforce would refuse the filter."""
    match condition:
        case Both(conditions):
            return _joined([compiled(each, table, now) for each in conditions], until=False)
        case Either(conditions):
            return _joined([compiled(each, table, now) for each in conditions], until=True)
        case Not(inner):
            test = compiled(inner, table, now)
            return lambda row: not test(row)
        case Comparison():
            return _comparison(condition, table, now)
        case Join():
            # Those at the top have become lists of ids by now.
            raise malformed(
                "Semi join sub-selects are only allowed at the top level WHERE expressions, and not"
                " with the 'OR' or 'NOT' operator"
            )


def _joined(tests: list[Test], *, until: bool) -> Test:
    """Tests one after the other, as far as the first whose answer is `until`."""

    # A loop: twice as fast as any() and all(), and an org may have thousands of rows.
    def joined(row: object) -> bool:
        for test in tests:
            if test(row) is until:
                return until
        return not until

    return joined


def _comparison(comparison: Comparison, table: Table, now: datetime) -> Test:
    found = find(table, comparison.field)
    if not found.column.filters:
        raise invalid_field(f"field '{found.column.name}' can not be filtered in a query call")
    value, sign, read = comparison.value, comparison.operator, found.reader
    if isinstance(value, tuple):
        if any(isinstance(each, DateLiteral) for each in value):
            raise invalid_field("a date literal can not be one of a list")
        members = {_folded(_typed(found, each)) for each in value}
        if sign == "IN":
            return lambda row: _folded(read(row)) in members
        return lambda row: _folded(read(row)) not in members
    wanted = _typed(found, value)
    if isinstance(wanted, DateLiteral):
        return _within(found, sign, *span(wanted, now))
    if sign == "LIKE":
        return _like(found, wanted)
    folded = _folded(wanted)
    if sign == "=":
        return lambda row: _folded(read(row)) == folded
    if sign == "!=":
        return lambda row: _folded(read(row)) != folded
    return _ordered(found, sign, folded)


def _folded(value: object) -> object:
    """Texts compare without regard to case; an id's last three letters still tell it apart."""
    return value.casefold() if isinstance(value, str) else value


def _typed(found: Found, value: Value) -> object:
    """The value as the field's type. Raises `SoqlError` when it isn't of that type."""
    kind, name = found.column.kind, found.column.name
    if value is None:
        return None
    if kind is Kind.ID and isinstance(value, str):
        record_id = canonical(value)
        if record_id is None:
            raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}")
        return record_id
    fits = {
        Kind.ID: False,
        Kind.STRING: isinstance(value, str),
        Kind.BOOLEAN: isinstance(value, bool),
        Kind.DATETIME: isinstance(value, datetime | DateLiteral),
        Kind.INT: isinstance(value, int | float) and not isinstance(value, bool),
    }
    if fits[kind]:
        return value
    how = "should be" if kind in (Kind.ID, Kind.STRING) else "should not be"
    raise invalid_field(
        f"value of filter criterion for field '{name}' must be of type {kind} and {how}"
        " enclosed in quotes"
    )


def _within(found: Found, sign: str, start: datetime, end: datetime) -> Test:
    compare: dict[str, Callable[[datetime], bool]] = {
        "=": lambda at: start <= at < end,
        "!=": lambda at: not start <= at < end,
        "<": lambda at: at < start,
        "<=": lambda at: at < end,
        ">": lambda at: at >= end,
        ">=": lambda at: at >= start,
    }
    test = compare.get(sign)
    if test is None:
        raise invalid_field(f"invalid operator on date field '{found.column.name}'")

    def holds(row: object) -> bool:
        at = found.of(row)
        return isinstance(at, datetime) and test(at)

    return holds


def _like(found: Found, wanted: object) -> Test:
    if not isinstance(wanted, str) or found.column.kind is not Kind.STRING:
        raise invalid_field(f"invalid operator on {found.column.kind} field")
    parts = re.split(r"(\\[_%]|[_%])", wanted)
    signs = {"_": ".", "%": ".*", "\\_": "_", "\\%": "%"}
    pattern = re.compile(
        "".join(signs.get(part) or re.escape(part) for part in parts),
        re.IGNORECASE | re.DOTALL,
    )
    return lambda row: pattern.fullmatch(str(found.of(row) or "")) is not None


def _ordered(found: Found, sign: str, wanted: object) -> Test:
    if found.column.kind in (Kind.BOOLEAN, Kind.ID) or isinstance(wanted, bool):
        raise invalid_field(f"invalid operator on {found.column.kind} field")
    compare: Callable[[Any, Any], bool] = _ORDERED[sign]

    def holds(row: object) -> bool:
        value = _folded(found.of(row))
        return value is not None and wanted is not None and compare(value, wanted)

    return holds
