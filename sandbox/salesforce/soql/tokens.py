"""Cutting a query into words, literals and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.salesforce.soql.errors import malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d{1,18}(?:\.\d{1,18})?)
    | (?P<literal>[A-Za-z_]+:\d{1,5})
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign><=|>=|!=|<>|[()=<>,])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_LIKE_ESCAPES = {"_": "\\_", "%": "\\%"}


@dataclass(frozen=True)
class Token:
    """A piece of the query: its kind (a group name above, or `end`), text and place."""

    kind: str
    text: str
    at: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these words or signs, whatever its case."""
        return self.kind in ("word", "sign") and self.text.upper() in words


def tokens(query: str) -> Iterator[Token]:
    """The query's tokens, then an `end`. Raises `SoqlError` at a character that can't be there."""
    at = 0
    end = len(query.rstrip())
    while at < end:
        found = _TOKEN.match(query, at)
        if found is None or found.lastgroup is None:
            at = len(query) - len(query[at:].lstrip())
            raise malformed(f"line 1:{at} no viable alternative at character '{query[at]}'")
        kind = found.lastgroup
        yield Token(kind, found[kind], found.start(kind))
        at = found.end()
    yield Token("end", "<EOF>", end)


def unquote(literal: str) -> str:
    r"""What a string literal stands for; `\_` and `\%` stay for LIKE to read.

    Raises `SoqlError` at an escape that SOQL doesn't have.
    """

    def replaced(found: re.Match[str]) -> str:
        letter = found[1]
        known = _LIKE_ESCAPES.get(letter) or _ESCAPES.get(letter) or _ESCAPES.get(letter.lower())
        if known is None:
            raise malformed(
                f"Invalid string literal. Illegal character sequence '\\{letter}' in it."
            )
        return known

    return _ESCAPE.sub(replaced, literal[1:-1])
