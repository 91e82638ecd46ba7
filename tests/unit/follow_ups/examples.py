"""Follow-ups and logins, for tests."""

from datetime import datetime, timedelta
from typing import Any

from services.follow_ups.begin import begin
from services.follow_ups.model import FollowUp, Item
from services.follow_ups.observe import Look, observe
from services.impact.model import Impact, Integration, Place, Sureness, Verdict, Way, Why
from services.resets.model import Reset
from services.resets.states import State
from services.salesforce.records import AccountLock, Login
from tests.factories import NOW, an_offer

DAYS = 7
USER = "005000000000001AAA"
OFFICE, CLOUD = "203.0.113.7", "198.51.100.9"
REFUSED = "Failed: API security token required"


def after(**by: float) -> datetime:
    """So long after the reset."""
    return NOW + timedelta(**by)


def an_integration(name: str = "Data Loader", **changes: Any) -> Integration:  # noqa: ANN401
    values: dict[str, Any] = {
        "name": name,
        "way": Way.SOAP_PASSWORD,
        "client_version": "60.0",
        "api_type": "SOAP Partner",
        "verdict": Verdict.BREAKS,
        "why": Why.SENDS_TOKEN,
        "sureness": Sureness.INFERRED,
        "place": Place.DATA_LOADER,
        "logins": 9,
        "last_login": NOW - timedelta(days=1),
    }
    return Integration(**(values | changes))


def a_done_reset(*integrations: Integration, **changes: Any) -> Reset:  # noqa: ANN401
    values: dict[str, Any] = {
        "state": State.DONE,
        "intent_at": NOW,
        "finished_at": NOW + timedelta(seconds=3),
        "impact": Impact(days=90, read_at=NOW, integrations=integrations),
    }
    return an_offer(**(values | changes))


def a_follow_up(*integrations: Integration, **changes: Any) -> FollowUp:  # noqa: ANN401
    reset = a_done_reset(*(integrations or (an_integration(),)))
    return begin(reset, NOW, days=DAYS).model_copy(update=changes)


def a_login(
    at: datetime,
    *,
    ok: bool = True,
    address: str = OFFICE,
    **changes: Any,  # noqa: ANN401
) -> Login:
    application = changes.get("application", "Data Loader")
    values: dict[str, Any] = {
        "id": f"0Ya{at.timestamp():.0f}{application}{address}{ok}",
        "user_id": USER,
        "time": at,
        "login_type": "Other Apex API",
        "application": "Data Loader",
        "api_type": "SOAP Partner",
        "client_version": "60.0",
        "source_ip": address,
        "status": "Success" if ok else REFUSED,
    }
    return Login(**(values | changes))


def looked(
    follow_up: FollowUp,
    now: datetime,
    *logins: Login,
    lock: AccountLock | None = None,
    **changes: Any,  # noqa: ANN401
) -> FollowUp:
    """What a look at `now` that shows these logins makes of it."""
    values: dict[str, Any] = {"logins": logins, "lock": lock, "read_to": now}
    return observe(follow_up, Look(**(values | changes)), now=now, days=DAYS)


def the_item(follow_up: FollowUp) -> Item:
    """Its only item."""
    (item,) = follow_up.items
    return item
