"""What the bot asked of Slack: a log without tokens, and counters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.model import Json


@dataclass(slots=True)
class Call:
    """One call: its arguments without the token, when (seconds) and how it ended.

    `outcome` is `ok`, an error code, an HTTP status such as `http 503`, or `lost`.
    """

    method: str
    channel: str | None
    args: Json
    at: float
    outcome: str = "pending"


class CallLog(list[Call]):
    """Every call in order, those to a `response_url` included under that name."""

    def to(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self if call.method == method]

    def counts(self) -> Counter[str]:
        """Return how often each method was called."""
        return Counter(call.method for call in self)
