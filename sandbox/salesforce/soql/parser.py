"""From the text of a query to a `Query`, by recursive descent."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.model import (
    Aggregate,
    Both,
    Comparison,
    Condition,
    DateLiteral,
    Either,
    FieldPath,
    Join,
    Not,
    Order,
    Query,
)
from sandbox.salesforce.soql.spans import SPANS
from sandbox.salesforce.soql.tokens import Token, tokens, unquote

if TYPE_CHECKING:
    from sandbox.salesforce.soql.model import Value

_FUNCTIONS = ("COUNT", "MAX", "MIN")
_OPERATORS = ("=", "!=", "<>", "<", ">", "<=", ">=", "LIKE")
_CLAUSES = ("FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "ASC", "DESC", "NULLS", "AND", "OR")
_DEEPEST = 40


def parse(text: str) -> Query:
    """The query that `text` spells. Raises `SoqlError` with MALFORMED_QUERY otherwise."""
    parser = _Parser(list(tokens(text)))
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0

    # Steps

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _accept(self, *words: str) -> bool:
        if not self._token.says(*words):
            return False
        self._take()
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _unexpected(self) -> Exception:
        return malformed(f"unexpected token: '{self._token.text}' at column {self._token.at + 1}")

    def _word(self) -> str:
        if self._token.kind != "word" or self._token.says(*_CLAUSES):
            raise self._unexpected()
        return self._take().text

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._unexpected()

    # The query

    def query(self, *, nested: bool = False) -> Query:
        self._expect("SELECT")
        selected = [self._selected(nested=nested)]
        while self._accept(","):
            selected.append(self._selected(nested=nested))
        self._expect("FROM")
        source = self._word()
        where = self._condition() if self._accept("WHERE") else None
        group_by: list[FieldPath] = []
        if self._accept("GROUP"):
            self._expect("BY")
            group_by.append(self._field())
            while self._accept(","):
                group_by.append(self._field())
        order_by = self._order_by()
        limit = self._limit()
        return Query(tuple(selected), source, where, tuple(group_by), order_by, limit)

    def _selected(self, *, nested: bool) -> FieldPath | Aggregate | Query:
        if self._token.says("("):
            if nested:
                raise malformed("Nesting of semi join sub-selects is not supported")
            self._take()
            inner = self.query(nested=True)
            self._expect(")")
            return inner
        chosen = self._field_or_aggregate()
        if isinstance(chosen, Aggregate) and self._token.kind == "word":
            alias = None if self._token.says("FROM") else self._word()
            return Aggregate(chosen.function, chosen.field, alias)
        return chosen

    def _field(self) -> FieldPath:
        return FieldPath(tuple(self._word().split(".")))

    def _field_or_aggregate(self) -> FieldPath | Aggregate:
        path = self._field()
        if not self._token.says("("):
            return path
        function = str(path).upper()
        if function not in _FUNCTIONS:
            raise self._unexpected()
        self._take()
        field = None if function == "COUNT" and self._token.says(")") else self._field()
        self._expect(")")
        return Aggregate(function, field)

    def _order_by(self) -> tuple[Order, ...]:
        if not self._accept("ORDER"):
            return ()
        self._expect("BY")
        orders = [self._order()]
        while self._accept(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        by = self._field_or_aggregate()
        descending = self._accept("DESC")
        if not descending:
            self._accept("ASC")
        nulls_last = False
        if self._accept("NULLS"):
            nulls_last = self._accept("LAST")
            if not nulls_last:
                self._expect("FIRST")
        return Order(by, descending, nulls_last)

    def _limit(self) -> int | None:
        if not self._accept("LIMIT"):
            return None
        if self._token.kind != "number" or not self._token.text.isdigit():
            raise self._unexpected()
        return int(self._take().text)

    # Conditions

    def _condition(self) -> Condition:
        """One NOT, or conditions joined by AND or by OR: mixing them takes parentheses."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise malformed("too many nested conditions")
        if self._accept("NOT"):
            condition: Condition = Not(self._simple())
        else:
            first = self._simple()
            joined = [first]
            joiner = self._token.text.upper()
            if self._token.says("AND", "OR"):
                while self._accept(joiner):
                    joined.append(self._simple())
            if len(joined) == 1:
                condition = first
            else:
                condition = (Both if joiner == "AND" else Either)(tuple(joined))
        self._depth -= 1
        return condition

    def _simple(self) -> Condition:
        if self._accept("("):
            condition = self._condition()
            self._expect(")")
            return condition
        field = self._field()
        if self._accept("NOT"):
            self._expect("IN")
            return self._members(field, "NOT IN")
        if self._accept("IN"):
            return self._members(field, "IN")
        if not self._token.says(*_OPERATORS):
            raise self._unexpected()
        operator = self._take().text.upper()
        return Comparison(field, "!=" if operator == "<>" else operator, self._value())

    def _members(self, field: FieldPath, operator: str) -> Condition:
        self._expect("(")
        if self._token.says("SELECT"):
            inner = self.query(nested=True)
            self._expect(")")
            return Join(field, operator, inner)
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return Comparison(field, operator, tuple(values))

    def _value(self) -> Value:
        token = self._take()
        match token.kind:
            case "string":
                return unquote(token.text)
            case "number":
                return float(token.text) if "." in token.text else int(token.text)
            case "datetime" | "date":
                return _moment(token)
            case "literal":
                name, _, days = token.text.upper().partition(":")
                if SPANS.get(name):
                    return DateLiteral(name, int(days))
            case "word":
                return self._named(token)
        self._next -= token.kind != "end"
        raise self._unexpected()

    def _named(self, token: Token) -> Value:
        match token.text.upper():
            case "NULL":
                return None
            case "TRUE" | "FALSE" as truth:
                return truth == "TRUE"
            case name if SPANS.get(name) is False:
                return DateLiteral(name)
        self._next -= 1
        raise self._unexpected()


def _moment(token: Token) -> datetime | date:
    try:
        if token.kind == "date":
            return date.fromisoformat(token.text)
        return datetime.fromisoformat(token.text)
    except ValueError:
        raise malformed(f"Invalid date: {token.text}") from None
