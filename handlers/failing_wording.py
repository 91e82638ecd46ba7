"""How a program that fails is named: where from, how often, and what Salesforce says to it."""

from datetime import datetime, timedelta

from handlers.integration_words import name
from handlers.wording import code, quoted, safe, when
from services.follow_ups.model import Failing, FollowUp, Item, ItemState
from services.impact.model import Way

_TAKEN_OFF = frozenset({ItemState.NOT_MINE, ItemState.DISMISSED})


def failing_items(follow_up: FollowUp) -> list[Item]:
    """Pick the programs that fail, in the order in which they hurt."""
    return [item for item in follow_up.items if item.state is ItemState.FAILS]


def failing_programs(follow_up: FollowUp) -> list[Item]:
    """Leave aside a person in the browser: who mistypes sees it there."""
    return [item for item in failing_items(follow_up) if item.way is not Way.BROWSER]


def culprits(follow_up: FollowUp) -> list[Item]:
    """Pick whatever failed, as it may have locked the user: also what was taken off the list."""
    aside = [item for item in follow_up.items if item.failing and is_taken_off(item)]
    return [*failing_items(follow_up), *aside]


def is_taken_off(item: Item) -> bool:
    """Whether the person said *Not mine* or *Don't follow this*."""
    return item.state in _TAKEN_OFF


def name_of(item: Item) -> str:
    """Name a program with its version: "*Data Loader* 64.0.0"."""
    version = (item.client_version or "").strip()
    known = "" if version.casefold() in {"n/a", "unknown"} else safe(version, 40)
    return f"*{name(item.name)}* {known}".rstrip()


def failures(item: Item, most: int) -> str:
    """Say how often it failed, from where, when last, and in Salesforce's own words.

    Args:
        item: a program that fails.
        most: addresses that are named, the newest first; the others are a count.
    """
    named = [_from_one_address(one) for one in item.failing[:most]]
    left_out = item.more_failing + max(0, len(item.failing) - most)
    if left_out:
        least = "at least " if item.more_failing else ""
        many = "1 more address" if left_out == 1 else f"{left_out} more addresses"
        named.append(f"It fails from {least}{many} too.")
    return " ".join(named)


def meaning(item: Item, *, password: bool) -> str:
    """Say what the newest failure means. What a login sent isn't recorded, so it is a guess.

    Args:
        item: a program that fails.
        password: whether the reset took the password too.
    """
    status = item.failing[0].status.casefold() if item.failing else ""
    if "security token" in status or "security_token" in status:
        return "It probably sent no token, or the old one."
    if "lockout" in status or "locked out" in status:  # not every "blocked" is one
        return "This Salesforce user is probably locked out, so no password gets in."
    if any(words in status for words in ("password", "invalid_login", "invalid_grant")):
        old = "the old password or the old token" if password else "the old token"
        return f"It probably still sends {old}; a mistyped password looks the same."
    return "I can't tell whether the token is why."


def lasting(since: datetime, now: datetime) -> str:
    """Say how long ago something began: "25 minutes"."""
    gone = now - since
    for unit, word in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if (count := gone // unit) > 0:
            return f"1 {word}" if count == 1 else f"{count} {word}s"
    return "less than a minute"


def _from_one_address(one: Failing) -> str:
    many = "1 failed login" if one.count == 1 else f"{one.count} failed logins"
    address = f"from {code(one.address, 70)}" if one.address else "from an unknown address"
    says = f" Salesforce says {quoted(one.status, 100)}." if one.status.strip() else ""
    return f"{many} {address}, last seen {when(one.last_at, 'date_time')}.{says}"
