"""What a security token looks like, alone or behind a password."""

import re

_TAIL = 24
"""Tokens of 24 and of 25 characters are seen in public accounts; the shorter tail fits both."""

_RUN = re.compile(r"\S+")
_ENDING = re.compile(rf"[A-Za-z0-9]{{{_TAIL}}}$")
_WRAPPING = "`*_~\"'<>()[]{}.,;:!?"


def looks_like_token(text: str) -> bool:
    """Whether some run of characters ends like a token: mixed case with digits.

    A token is typed right behind the password, so what stands before the tail may be anything.
    Addresses of pages are left out: their last part often has this shape.
    """
    return any(_is_token(run.group().strip(_WRAPPING)) for run in _RUN.finditer(text))


def _is_token(run: str) -> bool:
    if "://" in run or run.startswith(("mailto:", "www.")):
        return False
    ending = _ENDING.search(run)
    if ending is None:
        return False
    tail = ending.group()
    return (
        any(char.islower() for char in tail)
        and any(char.isupper() for char in tail)
        and any(char.isdigit() for char in tail)
    )
