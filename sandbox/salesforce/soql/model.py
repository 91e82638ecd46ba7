"""A parsed query, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class FieldPath:
    """A field, by way of parents: `Profile.Name`."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Aggregate:
    """`COUNT()`, `COUNT(Id)`, `MAX(LoginTime) latest`, `MIN(…)`."""

    function: str
    field: FieldPath | None
    alias: str | None = None


@dataclass(frozen=True)
class DateLiteral:
    """`TODAY`, `LAST_N_DAYS:90` and their like: a span of days, not a moment."""

    name: str
    days: int = 0


Value = str | bool | int | float | datetime | date | DateLiteral | None


@dataclass(frozen=True)
class Comparison:
    """`field operator value`; for `IN` and `NOT IN` the value is a tuple."""

    field: FieldPath
    operator: str
    value: Value | tuple[Value, ...]


@dataclass(frozen=True)
class Join:
    """`field IN (SELECT …)`, a semi-join, or `field NOT IN (SELECT …)`, an anti-join."""

    field: FieldPath
    operator: str
    query: Query


@dataclass(frozen=True)
class Not:
    """`NOT condition`."""

    condition: Condition


@dataclass(frozen=True)
class Both:
    """`a AND b AND …`."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    """`a OR b OR …`."""

    conditions: tuple[Condition, ...]


Condition = Comparison | Join | Not | Both | Either


@dataclass(frozen=True)
class Order:
    """One part of ORDER BY."""

    by: FieldPath | Aggregate
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A SELECT. As a sub-query, `source` is the name of a child relationship."""

    selected: tuple[FieldPath | Aggregate | Query, ...]
    source: str
    where: Condition | None = None
    group_by: tuple[FieldPath, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None

    @property
    def aggregates(self) -> bool:
        """Whether the answer's rows are groups rather than records."""
        return bool(self.group_by) or any(isinstance(each, Aggregate) for each in self.selected)
