"""Small rules from which the shape of blocks and modals is put together.

A rule takes a value and its JSON pointer and yields what is wrong, in Slack's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Rule = Callable[[object, str], Iterator[str]]


def _problem(words: str, pointer: str) -> str:
    return f"{words} [json-pointer:{pointer}]"


def string(limit: int, *, low: int = 1) -> Rule:
    """Accept a string of `low` to `limit` characters."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _problem("must be a string", at)
        elif len(value) < low:
            yield _problem(f"must be more than {low - 1} characters", at)
        elif len(value) > limit:
            yield _problem(f"must be less than {limit + 1} characters", at)

    return check


def choice(*allowed: str) -> Rule:
    """Accept one of these strings."""

    def check(value: object, at: str) -> Iterator[str]:
        if value not in allowed:
            yield _problem(f"must be one of: {', '.join(allowed)}", at)

    return check


def boolean(value: object, at: str) -> Iterator[str]:
    """Accept true or false."""
    if not isinstance(value, bool):
        yield _problem("must be a boolean", at)


def integer(low: int, high: int) -> Rule:
    """Accept a whole number from `low` to `high`."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield _problem("must be an integer", at)
        elif not low <= value <= high:
            yield _problem(f"must be from {low} to {high}", at)

    return check


def array(rule: Rule, low: int, high: int) -> Rule:
    """Accept a list of `low` to `high` items that each keep `rule`."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _problem("must be an array", at)
            return
        if len(value) < low:
            yield _problem(f"no fewer than {low} items required", at)
        if len(value) > high:
            yield _problem(f"no more than {high} items allowed", at)
        for index, item in enumerate(value):
            yield from rule(item, f"{at}/{index}")

    return check


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """Accept an object with the required fields, perhaps optional ones, and no others."""
    rules = {**required, **(optional or {})}

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _problem("must be an object", at)
            return
        for name in required:
            if name not in value:
                yield _problem(f"missing required field: {name}", at)
        for name, item in value.items():
            if name == "type":
                continue
            if name not in rules:
                yield _problem(f"invalid additional property: {name}", at)
            else:
                yield from rules[name](item, f"{at}/{name}")

    return check


def one_of(kinds: Mapping[str, Rule], what: str) -> Rule:
    """Accept an object whose `type` is a known one, by the rule of that type."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _problem("must be an object", at)
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            yield _problem(f"unsupported type for {what}: {kind}", f"{at}/type")
            return
        yield from kinds[kind](value, at)

    return check


def also(rule: Rule, extra: Rule) -> Rule:
    """Apply `rule`, then `extra` where `rule` found nothing."""

    def check(value: object, at: str) -> Iterator[str]:
        problems = list(rule(value, at))
        yield from problems or extra(value, at)

    return check
