"""What a signed alert asks for, and what makes two of them the same."""

import hashlib
from dataclasses import dataclass

from services.cases.model import Urgency
from services.store import keys


@dataclass(frozen=True)
class AlertReport:
    """An alert whose signature was right and whose body could be read."""

    webhook_id: str
    """Of the message: the same when its sender sends it again."""
    alert_id: str
    """Of what happened, as the source names it."""
    user: str
    """A Salesforce username or id, or a mail address; nobody has looked yet whose."""
    org: str | None
    """One of the configured ones; None for whichever fits."""
    reason: str
    source: str
    """As the sender names itself; not proven."""
    severity: Urgency
    evidence: tuple[str, ...]
    """At most `words.MOST_LINES` lines of `words.MOST_LINE` characters."""
    secret: int
    """Which of the secrets it was signed with, counted from 1: that is proven."""
    secrets: int
    """How many secrets there are."""


def once_keys(report: AlertReport) -> tuple[str, ...]:
    """The keys that must be free for the alert to be a new one.

    They outlast a change of secrets, so that a repetition signed with the new one is known too.
    """
    # Its own id with whom it is about: ids are counted up in places, so they can be guessed, and
    # a guessed one must swallow no other alert.
    about = f"{report.user.casefold()}\0{report.org or ''}"
    names = (
        f"webhook:{report.webhook_id}",
        f"id:{report.source}\0{report.alert_id}\0{about}",
    )
    return tuple(keys.alert(hashlib.sha256(name.encode()).hexdigest()) for name in names)
