"""What a security token looks like, alone or behind a password."""

import re

_TAIL = 24
"""Tokens of 24 and of 25 characters are seen in public accounts; the shorter tail fits both."""

_RUN = re.compile(r"\S+")
_ENDING = re.compile(rf"[A-Za-z0-9]{{{_TAIL}}}$")
_STRETCH = re.compile(rf"[A-Za-z0-9]{{{_TAIL},}}")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s\"'<>|\\^`{}=]*"
    r"|(?<![\w.%+-])[\w.%+-]++(?=@[A-Za-z0-9-]+\.)"
)
"""Of a page, without what is handed over in it: that may well be a secret. Or who somebody is, in
a mail address or a Salesforce username: programs have long ones."""
_WRAPPING = "`*_~\"'<>()[]{}.,;:!?"


def looks_like_token(text: str) -> bool:
    """Whether some run of characters ends like a token: mixed case with digits.

    A token is typed right behind the password, so what stands before the tail may be anything.
    Addresses of pages are left out: their last part often has this shape.
    """
    return any(_is_token(run.group().strip(_WRAPPING)) for run in _RUN.finditer(text))


HIDDEN = "[looked like a security token, taken out]"


def hide_tokens(text: str) -> str:
    """Take out each run of characters that may hold a token, and leave the rest as it is.

    In what a program wrote, such as JSON, more may stand right behind it. What stands in front
    goes with it, as that may be the password.
    """
    return _RUN.sub(lambda run: HIDDEN if _may_hold_token(run.group()) else run.group(), text)


def _may_hold_token(run: str) -> bool:
    return any(map(_is_mixed, _STRETCH.findall(_ADDRESS.sub(" ", run))))


def _is_token(run: str) -> bool:
    if "://" in run or run.startswith(("mailto:", "www.")):
        return False
    ending = _ENDING.search(run)
    return ending is not None and _is_mixed(ending.group())


def _is_mixed(part: str) -> bool:
    return (
        any(char.islower() for char in part)
        and any(char.isupper() for char in part)
        and any(char.isdigit() for char in part)
    )
