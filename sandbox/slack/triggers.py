"""Trigger ids: each opens one modal, within three seconds of what the person did."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sandbox.slack.errors import SlackError

LIFETIME = 3.0


@dataclass(slots=True)
class _Trigger:
    user: str
    expires: float
    used: bool = False


class Triggers:
    """The trigger ids that were given out, and to whom."""

    def __init__(self) -> None:
        self._given: dict[str, _Trigger] = {}

    def give(self, user: str, now: float) -> str:
        """Return a new trigger id for what this person just did at `now` (seconds)."""
        trigger_id = f"{int(now)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._given[trigger_id] = _Trigger(user, now + LIFETIME)
        return trigger_id

    def exchange(self, trigger_id: str, now: float) -> str:
        """Use a trigger id up and return the person; refuse an unknown, used or old one."""
        trigger = self._given.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if now > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user
