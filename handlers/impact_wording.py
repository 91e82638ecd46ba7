"""What depends on the token, in lines grouped by verdict, and how far the reading reaches."""

from collections.abc import Callable, Sequence
from itertools import groupby

from handlers.integration_words import HOW_SURE, line, name, short_line
from handlers.wording import safe, when
from services.impact.model import Impact, Integration, Verdict, Why

MOST_SHOWN = 10
"""Integrations in a message; the others are counted, and *Show all* lists them."""

_MOST_APPS = 5

_UNREADABLE = "I couldn't read the login history. Assume that something breaks."

_HURTING = (Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED, Verdict.CANT_TELL)

_COUNTED = {
    Verdict.BREAKS: "that will break",
    Verdict.BREAKS_UNLESS_TRUSTED: "that will break outside a trusted network",
    Verdict.CANT_TELL: "that I can't judge",
    Verdict.NOT_AFFECTED: "not affected",
}


def no_token_login(impact: Impact | None) -> str:
    """Say that no login by token was seen, without a full stop. Empty where that isn't so.

    An unreadable history shows nothing, so it doesn't show that either. A person's own login on
    Salesforce's page may break, but sends no token.
    """
    if impact is None or not impact.readable:
        return ""
    breaking = impact.with_verdict(Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED)
    if any(one.why is not Why.OWN_PASSWORD for one in breaking):
        return ""
    verb = "recognised" if impact.with_verdict(Verdict.CANT_TELL) else "saw"
    return f"I {verb} no login by token {_since(impact)}"


def impact_lines(impact: Impact | None, *, password: bool) -> list[str]:
    """Describe as much as fits into a message, what hurts first."""
    return [
        *hurting(impact, password=password),
        *spared(impact),
        *folded(impact),
        *reach(impact),
    ]


def hurting(impact: Impact | None, *, password: bool) -> list[str]:
    """List what breaks or may break, or say why that isn't known."""
    if impact is None or not impact.readable:
        return [_UNREADABLE, *_needs(impact)]
    if not impact.integrations:
        return ["*Logins of this user:*", _none_seen(impact)]
    shown = [one for one in impact.integrations[:MOST_SHOWN] if one.verdict in _HURTING]
    return by_verdict(shown, line, password=password)


def spared(impact: Impact | None) -> list[str]:
    """List what goes on."""
    if impact is None or not impact.readable:
        return []
    shown = [one for one in impact.integrations[:MOST_SHOWN] if one.verdict not in _HURTING]
    return [*by_verdict(shown, short_line, password=False), *_apps(impact)]


def reach(impact: Impact | None) -> list[str]:
    """Say which logins were read, and when, and how sure the lines above are."""
    if impact is None or not impact.readable or not impact.integrations:
        return []
    read = f"read {when(impact.read_at, 'date_time')}"
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        window = f"Logins {read}. Read back to {back} only; rarer jobs are not in here."
    else:
        window = (
            f"Logins of the last {impact.days} days, {read}. A quarterly job may not be in here."
        )
    return [window, HOW_SURE]


def by_verdict(
    integrations: Sequence[Integration],
    describe: Callable[[Integration], str],
    *,
    password: bool,
) -> list[str]:
    """Put a heading over the integrations of each verdict. They come sorted by it."""
    lines = []
    for verdict, group in groupby(integrations, key=lambda one: one.verdict):
        members = list(group)
        lines += [_heading(verdict, members, password=password), *map(describe, members)]
    return lines


def is_folded(impact: Impact | None) -> bool:
    """Whether there is more than a message shows."""
    return impact is not None and impact.readable and len(impact.integrations) > MOST_SHOWN


def _heading(verdict: Verdict, members: Sequence[Integration], *, password: bool) -> str:
    if verdict is Verdict.BREAKS:
        new = "password and, if they send one, the new token" if password else "token"
        return f"*These will break* until they have the new {new}:"
    if verdict is Verdict.BREAKS_UNLESS_TRUSTED:
        judged = any(address.trusted is not None for one in members for address in one.addresses)
        known = "" if judged else " (IT knows which those are)"
        return f"*These will break unless they log in from a trusted network*{known}:"
    if verdict is Verdict.CANT_TELL:
        return "*I can't tell whether these break:*"
    return "*Not affected*, as far as I can see:"


def folded(impact: Impact | None) -> list[str]:
    """Count what a message leaves out."""
    if impact is None or not is_folded(impact):
        return []
    rest = impact.integrations[MOST_SHOWN:]
    counts = [
        f"{count:,} {words}"
        for verdict, words in _COUNTED.items()
        if (count := sum(one.verdict is verdict for one in rest))
    ]
    if impact.more:
        counts.append(f"{impact.more:,} beyond what I keep")
    return [f"*Not listed here:* {', '.join(counts)}."]


def _apps(impact: Impact) -> list[str]:
    if not impact.grants:
        return []
    names = ", ".join(name(grant.app) for grant in impact.grants[:_MOST_APPS])
    more = max(0, len(impact.grants) - _MOST_APPS) + impact.more_grants
    others = f" and {more} more" if more else ""
    return [f"*Not affected:* apps that this user approved: {names}{others}."]


def _none_seen(impact: Impact) -> str:
    read = f"Read {when(impact.read_at, 'date_time')}."
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        return f"None seen. Read back to {back} only; rarer jobs would not be in here. {read}"
    return f"None seen in {impact.days} days; a quarterly job would not be in here. {read}"


def _since(impact: Impact) -> str:
    if impact.read_back_to:
        return f"since {when(impact.read_back_to, 'date')}"
    return f"in the last {impact.days} days"


def _needs(impact: Impact | None) -> list[str]:
    if impact is None or not impact.needs:
        return []
    return [f"For IT: my Salesforce user lacks the permission *{safe(impact.needs, 100)}*."]
