"""What depends on the token, in lines grouped by what a reset does to it."""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum, auto
from itertools import groupby

from handlers.history_wording import none_seen, reach, unreadable
from handlers.integration_words import fails_already, line, name, short_line
from services.impact.model import Impact, Integration, Verdict

MOST_SHOWN = 10
"""Integrations in a message; the others are counted, and *Show all* lists them."""

_MOST_APPS = 5

_HURTING = (Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED, Verdict.CANT_TELL)


class _Fate(Enum):
    """What is said of an integration in its heading, in the order shown."""

    BREAKS = auto()
    BREAKS_UNLESS_TRUSTED = auto()
    FAILS_ALREADY = auto()
    CANT_TELL = auto()
    NOT_AFFECTED = auto()


_COUNTED = {
    _Fate.BREAKS: "that will break",
    _Fate.BREAKS_UNLESS_TRUSTED: "that will break outside a trusted network",
    _Fate.FAILS_ALREADY: "failing already",
    _Fate.CANT_TELL: "that I can't judge",
    _Fate.NOT_AFFECTED: "not affected",
}


def impact_lines(impact: Impact | None, *, password: bool, most: int = MOST_SHOWN) -> list[str]:
    """Describe for IT as much as fits into a message, what hurts first.

    Args:
        impact: None where it wasn't read.
        password: whether the reset takes the password too.
        most: integrations that are described; the others are counted.
    """
    return [
        *hurting(impact, password=password, most=most),
        *spared(impact, most=most),
        *folded(impact, most=most),
        *reach(impact),
    ]


def hurting(
    impact: Impact | None, *, password: bool, yours: bool = False, most: int = MOST_SHOWN
) -> list[str]:
    """List what breaks or may break, or say why that isn't known.

    Args:
        impact: None where it wasn't read.
        password: whether the reset takes the password too.
        yours: whether the person reads this, and not IT.
        most: integrations that a message shows, whatever a reset does to them.
    """
    if impact is None or not impact.readable:
        return unreadable(impact)
    if not impact.integrations:
        return ["*Your logins:*" if yours else "*Logins of this user:*", none_seen(impact)]
    alike = _alike(impact)
    return by_fate(
        [one for one in impact.integrations[:most] if one.verdict in _HURTING],
        lambda one: line(one, yours=yours, detailed=_kind(one) in alike),
        password=password,
    )


def spared(impact: Impact | None, *, yours: bool = False, most: int = MOST_SHOWN) -> list[str]:
    """List what goes on."""
    if impact is None or not impact.readable:
        return []
    alike = _alike(impact)
    lines = by_fate(
        [one for one in impact.integrations[:most] if one.verdict not in _HURTING],
        lambda one: short_line(one, detailed=_kind(one) in alike),
        password=False,
    )
    return [*lines, *_apps(impact, yours=yours)]


def by_fate(
    integrations: Sequence[Integration],
    describe: Callable[[Integration], str],
    *,
    password: bool,
) -> list[str]:
    """Put a heading over the integrations that a reset does the same to."""
    order = list(_Fate)
    lines = []
    for fate, group in groupby(
        sorted(integrations, key=lambda one: order.index(_fate(one))), key=_fate
    ):
        members = list(group)
        lines += [_heading(fate, members, password=password), *map(describe, members)]
    return lines


def is_folded(impact: Impact | None, *, most: int = MOST_SHOWN) -> bool:
    """Whether there is more than a message shows."""
    return impact is not None and impact.readable and len(impact.integrations) > most


def folded(impact: Impact | None, *, most: int = MOST_SHOWN) -> list[str]:
    """Count what a message leaves out."""
    if impact is None or not is_folded(impact, most=most):
        return []
    rest = Counter(map(_fate, impact.integrations[most:]))
    counts = [f"{rest[fate]:,} {words}" for fate, words in _COUNTED.items() if rest[fate]]
    if impact.more:
        counts.append(f"{impact.more:,} beyond what I keep")
    return [f"*Not listed here:* {', '.join(counts)}."]


def _fate(one: Integration) -> _Fate:
    return _Fate.FAILS_ALREADY if fails_already(one) else _Fate[one.verdict.name]


def _heading(fate: _Fate, members: Sequence[Integration], *, password: bool) -> str:
    match fate:
        case _Fate.BREAKS:
            new = "password and, if they send one, the new token" if password else "token"
            return f"*These will break* until they have the new {new}:"
        case _Fate.BREAKS_UNLESS_TRUSTED:
            addresses = [address for one in members for address in one.addresses]
            judged = any(address.trusted is not None for address in addresses)
            known = "" if judged else " (IT knows which those are)"
            return f"*These will break unless they log in from a trusted network*{known}:"
        case _Fate.FAILS_ALREADY:
            new = "password and token" if password else "token"
            return f"*These fail already*: I saw no login that worked. The new {new} may mend them:"
        case _Fate.CANT_TELL:
            return "*I can't tell whether these break:*"
        case _Fate.NOT_AFFECTED:
            return "*Not affected*, as far as I can see:"


def _kind(one: Integration) -> tuple[str, str]:
    return name(one.name), one.way


def _alike(impact: Impact) -> set[tuple[str, str]]:
    """Collect what only version or API tell apart."""
    kinds = Counter(map(_kind, impact.integrations))
    return {kind for kind, count in kinds.items() if count > 1}


def _apps(impact: Impact, *, yours: bool) -> list[str]:
    if not impact.grants:
        return []
    who = "you" if yours else "this user"
    heading = "Not affected:" if yours else "Not affected by a reset alone:"
    names = ", ".join(name(grant.app) for grant in impact.grants[:_MOST_APPS])
    more = max(0, len(impact.grants) - _MOST_APPS) + impact.more_grants
    others = f" and {more:,} more" if more else ""
    return [f"*{heading}* apps that {who} approved: {names}{others}."]
