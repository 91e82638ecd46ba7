"""Evidence as it comes with an alert, made into a few lines."""

from services.cases import words
from services.token_shape import hide_tokens

CUT_OFF = "More was cut off. The source has all of it."
"""The last line where something was left out."""


def lines(value: object) -> tuple[str, ...]:
    """Write a text, a list of texts, or an object as lines: `words.MOST_LINES` at most.

    Raises:
        ValueError: it is something else; the error's words complete "evidence …".
    """
    found = [line for text in _texts(value) for line in text.splitlines() if line.strip()]
    clean = [hide_tokens(line.strip()) for line in found[: words.MOST_LINES]]
    is_cut = len(found) > len(clean) or any(len(line) > words.MOST_LINE for line in clean)
    kept = [words.kept(line, words.MOST_LINE) for line in clean]
    return (*kept[: words.MOST_LINES - 1], CUT_OFF) if is_cut else tuple(kept)


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [_text(one) for one in value]
        case dict():
            return [f"{name}: {_scalar(one)}" for name, one in value.items()]
    raise ValueError("should be a text, a list of texts, or an object.")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("should hold nothing but texts.")  # noqa: TRY004 - for pydantic
    return value


def _scalar(value: object) -> str:
    """Write a value of an object, as JSON does."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
    raise ValueError("should hold no lists or objects inside its object.")
