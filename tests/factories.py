"""Resets and what belongs to them, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.impact.model import Impact
from services.orgs import ResetMethod
from services.resets.model import Account, Reset, SlackUser, new_id

NOW = datetime(2026, 1, 31, 14, 5, tzinfo=UTC)
ADA = SlackUser(user_id="U0ADA00001", team_id="T0ACME0001")
EVE = SlackUser(user_id="U0EVE00001", team_id="T0ACME0001")
IVAN = SlackUser(user_id="U0IVAN0001", team_id="T0ACME0001")


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def an_account(**changes: Any) -> Account:  # noqa: ANN401
    values: dict[str, Any] = {
        "org": "production",
        "user_id": "005000000000001AAA",
        "username": "ada@acme.example",
        "mailed_to": "a…@acme.example",
    }
    return Account(**(values | changes))


def a_reset(**changes: Any) -> Reset:  # noqa: ANN401
    values: dict[str, Any] = {
        "id": new_id(),
        "requester": ADA,
        "channel": "C0GENERAL1",
        "created_at": NOW,
    }
    return Reset(**(values | changes))


def an_offer(**changes: Any) -> Reset:  # noqa: ANN401
    """What `Move.OFFER` saves."""
    values: dict[str, Any] = {
        "org": "production",
        "account": an_account(),
        "method": ResetMethod.TOKEN,
        "impact": Impact(days=90, read_at=NOW),
        "deadline": NOW + timedelta(minutes=25),
    }
    return a_reset(**(values | changes))
