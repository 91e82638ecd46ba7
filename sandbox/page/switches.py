"""Faults that can be switched on and off while somebody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce import faults as salesforce
from sandbox.salesforce.calls import ENDPOINTS
from sandbox.slack.faults import Fault

if TYPE_CHECKING:
    from sandbox.page.world import World
    from sandbox.slack.model import Json

SALESFORCE_DOWN = "salesforce-down"
SALESFORCE_SLOW = "salesforce-slow"
SLACK_LIMITED = "slack-limited"

LABELS = {
    SALESFORCE_DOWN: "Salesforce is down",
    SALESFORCE_SLOW: "Salesforce is slow",
    SLACK_LIMITED: "Slack limits the rate",
}
_HINTS = {
    SALESFORCE_DOWN: "Every request is answered with 503, the integrations' too.",
    SALESFORCE_SLOW: "Every answer comes two seconds late.",
    SLACK_LIMITED: "Every call is answered with 429: try again in two seconds.",
}

_LATE_SECONDS = 2
_RETRY_SECONDS = 2
# What people read by hand isn't Salesforce's: it answers even when Salesforce is down.
_SALESFORCES = sorted(ENDPOINTS - {"other"})


class Switches:
    """The faults of a world that are on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._on: set[str] = set()

    def turn(self, name: str, *, on: bool) -> None:
        """Switch one on or off. Raises `KeyError` when there is none of that name."""
        if name not in LABELS:
            raise KeyError(name)
        (self._on.add if on else self._on.discard)(name)
        self._apply_to_salesforce()
        self._apply_to_slack()

    def is_on(self, name: str) -> bool:
        """Whether it is on."""
        return name in self._on

    def shown(self) -> list[Json]:
        """Return the switches as the page shows them."""
        return [
            {"name": name, "label": label, "hint": _HINTS[name], "on": self.is_on(name)}
            for name, label in LABELS.items()
        ]

    def _apply_to_salesforce(self) -> None:
        for org in self._world.orgs.values():
            org.faults.clear()
            for endpoint in _SALESFORCES:
                # The first that is added strikes: an org that is down isn't slow.
                if self.is_on(SALESFORCE_DOWN):
                    org.faults.add(endpoint, salesforce.status(503), times=None)
                if self.is_on(SALESFORCE_SLOW):
                    org.faults.add(endpoint, salesforce.late(_LATE_SECONDS), times=None)

    def _apply_to_slack(self) -> None:
        faults = self._world.workspace.faults
        faults.clear()
        if self.is_on(SLACK_LIMITED):
            for method in ("*", "response_url"):
                faults.add(method, Fault(status=429, retry_after=_RETRY_SECONDS))
