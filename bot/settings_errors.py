"""What is said when a setting is missing or malformed: its name, what is wrong, an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

LONGEST_SHOWN_VALUE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that can't be used."""

    name: str
    wrong: str
    """What is wrong, as the end of a sentence that starts with the name."""
    example: str

    def __str__(self) -> str:
        return f"  {self.name} {self.wrong}\n      Example: {self.example}"


class SettingsError(Exception):
    """Settings are missing or malformed; the text names every one, and no secret's value."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = "1 setting needs" if count == 1 else f"{count} settings need"
        super().__init__("\n".join([f"{heading} attention:", *map(str, self.problems)]))


def problems_of(
    error: ValidationError, fields: Mapping[str, FieldInfo], *, shown: frozenset[str]
) -> list[Problem]:
    """Translate pydantic's complaints, at most one for each field, named as `fields` names it.

    Only the values of the fields in `shown` are repeated, and only when short: any other may be
    a secret.
    """
    first = {str(detail["loc"][0]): detail for detail in reversed(error.errors(include_url=False))}
    return [
        Problem(
            name=name,
            wrong=_complaint(detail) + (_quoted(detail["input"]) if name in shown else ""),
            example=example_of(fields.get(name)),
        )
        for name, detail in sorted(first.items())
    ]


def example_of(field: FieldInfo | None) -> str:
    """Return a field's example, or nothing when there is no such field."""
    if field is None or not field.examples:
        return ""
    return str(field.examples[0])


def _complaint(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "missing":
            return "is missing."
        case "extra_forbidden":
            return "isn't a setting of an org."
        case "value_error":
            return str(detail["ctx"]["error"])
        case _:
            # pydantic's own words: "Input should be greater than 0". They hold no input.
            return re.sub(r"^(Input|String) should", "should", detail["msg"]) + "."


def _quoted(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_SHOWN_VALUE:
        return ""
    return f" It is {redact(value)!r}."
