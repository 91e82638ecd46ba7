"""How long things hold, and whether any may start."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Terms:
    """How long things hold."""

    offer: timedelta
    """From the warning to its end, and for *I pressed it*."""
    it_wait: timedelta
    """From a question to IT to its end."""
    cooldown: timedelta
    """From one reset of a Salesforce user to the next."""
    it_reminder: timedelta = timedelta(hours=1)
    paused: str | None = None
    """Why no new reset may start; None while they may."""
