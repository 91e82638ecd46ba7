"""The body of an alert: what it may hold, and what is said where it holds something else."""

import json
import re
from collections.abc import Collection
from typing import Annotated, Any, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from bot import alert_evidence
from services.cases import words
from services.cases.model import Urgency

WHOLE = "body"
"""Stands for a field where the fault isn't in one."""

UNNAMED = "not named"
"""The source of an alert that names none."""


class BadAlertError(Exception):
    """An alert that can't be read; `fields` says what is wrong with each, and quotes no value."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def _on_one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a character that can't be shown, such as a line break.")
    return value


def _severity(value: object) -> Urgency:
    try:
        return Urgency(value.strip().lower() if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("should be low, medium, high or critical.") from None


_Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_on_one_line)]
_Source = Annotated[str, Field(max_length=100), AfterValidator(_on_one_line)]
_Reason = Annotated[
    str, Field(min_length=1, max_length=words.MOST_REASON), AfterValidator(words.kept)
]


class AlertBody(BaseModel):
    """What an alert says. What it says beside that is left aside."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True
    )

    id: _Name
    user: _Name
    reason: _Reason
    org: str | None = None
    source: _Source = UNNAMED
    severity: Annotated[Urgency, BeforeValidator(_severity)] = Urgency.HIGH
    evidence: Annotated[tuple[str, ...], BeforeValidator(alert_evidence.lines)] = ()

    @field_validator("org")
    @classmethod
    def _is_known(cls, value: str, info: ValidationInfo) -> str:
        orgs: Collection[str] = (info.context or {}).get("orgs", ())
        name = value.lower()
        if name not in orgs:
            raise ValueError(f"isn't an org that the bot knows; it knows {', '.join(orgs)}.")
        return name


_OPTIONAL = {name for name, field in AlertBody.model_fields.items() if not field.is_required()}


def parse(body: bytes, orgs: Collection[str]) -> AlertBody:
    """Read an alert; an optional field that is null or blank counts as not given.

    Raises:
        BadAlertError: it isn't one.
    """
    payload = _object(body)
    given = {
        name: value
        for name, value in payload.items()
        if name not in _OPTIONAL or not _is_blank(value)
    }
    try:
        return AlertBody.model_validate(given, context={"orgs": orgs})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise BadAlertError({str(one["loc"][0]): _complaint(one) for one in details}) from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(
            body.decode(), object_pairs_hook=_without_repeats, parse_constant=_no_number
        )
    except RecursionError:
        raise BadAlertError({WHOLE: "is nested too deep."}) from None
    except _OddJsonError as error:
        raise BadAlertError({WHOLE: str(error)}) from None
    except ValueError:  # its text quotes the body
        raise BadAlertError({WHOLE: "isn't JSON."}) from None
    if not isinstance(payload, dict):
        raise BadAlertError({WHOLE: "isn't a JSON object."})
    return payload


class _OddJsonError(ValueError):
    """Python would read it, each program in its own way."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddJsonError("names a field twice.")
    return found


def _no_number(_: str) -> NoReturn:
    raise _OddJsonError("holds NaN or Infinity, which JSON doesn't have.")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _complaint(detail: ErrorDetails) -> str:
    """What is wrong with a field, as the end of a sentence that starts with its name."""
    match detail["type"]:
        case "missing":
            return "is missing."
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_type":
            return "should be a text."
        case "string_too_short":
            return "is empty."
        case "string_unicode":
            return "holds half of a character."
        case _:
            # pydantic's own words: "String should have at most 200 characters".
            return re.sub(r"^(Input|String) should", "should", detail["msg"]) + "."
