"""The arguments of a Web API call, read from a query, a form or JSON, and their types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from sandbox.slack.errors import SlackError, refused_content

if TYPE_CHECKING:
    from sandbox.slack.model import Json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def read_arguments(query: str, content_type: str, body: bytes, *, json_allowed: bool) -> Json:
    """Return the arguments of a call; a method that takes no JSON ignores it, as Slack does."""
    args: Json = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return args | (_read_json(body) if json_allowed else {})
    if kind == FORM:
        return args | dict(_read_form(body))
    if body:
        raise SlackError("invalid_post_type")
    return args


def _read_json(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def _read_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise SlackError("invalid_form_data") from None


class Arguments:
    """Typed access to a call's arguments; a wrong one is refused with `invalid_arguments`."""

    def __init__(self, values: Json) -> None:
        self._values = values

    def known(self, allowed: frozenset[str]) -> None:
        """Refuse arguments that the method doesn't have: Slack ignores some; a typo never helps."""
        unknown = sorted(set(self._values) - allowed)
        if unknown:
            raise refused_content("invalid_arguments", [f"unknown argument: {n}" for n in unknown])

    def given(self, name: str) -> bool:
        """Tell whether the argument was given, an empty list included."""
        return self._values.get(name) is not None

    def string(self, name: str) -> str | None:
        """Return a string argument, or `None` when it wasn't given."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise refused_content("invalid_arguments", [f"must be a string: {name}"])
        return value

    def required(self, name: str) -> str:
        """Return a string argument that has to be there."""
        value = self.string(name)
        if value is None:
            raise refused_content("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean argument, false when it wasn't given."""
        value = self._values.get(name, False)
        if value in (True, "true", "1"):
            return True
        if value in (False, "false", "0", "", None):
            return False
        raise refused_content("invalid_arguments", [f"must be a boolean: {name}"])

    def number(self, name: str, default: int, high: int) -> int:
        """Return a whole number from 1 to `high`."""
        value = self._values.get(name, default)
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None
        if not 1 <= number <= high:
            raise SlackError("invalid_limit")
        return number

    def structure(self, name: str, error: str) -> object:
        """Return a JSON argument, which a form carries as text; `None` when it wasn't given."""
        value = self._values.get(name)
        if isinstance(value, str):
            if value == "":
                return None
            try:
                parsed: object = json.loads(value)
            except ValueError:
                raise SlackError(error) from None
            return parsed
        return value
