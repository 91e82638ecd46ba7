"""Ninety days of logins, as an org's LoginHistory would hold them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sandbox.salesforce.records import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.users import User

DATA_LOADER = "Data Loader"
DATALOADER_IO = "dataloader.io"
ACME_ETL = "Acme ETL"
OUTLOOK = "Outlook"
ACME_SYNC = "Acme Sync"
PAYROLL = "Payroll"
INVOICE_ROBOT = "Invoice Robot"
MINUTE_POLLER = "Minute Poller"
WEEKLY_EXPORT = "Weekly Export"
BROWSER = "Browser"

ADDRESSES = {
    DATA_LOADER: "203.0.113.20",
    DATALOADER_IO: "192.0.2.44",
    ACME_ETL: "198.51.100.7",
    OUTLOOK: "203.0.113.80",
    ACME_SYNC: "198.51.100.30",
    PAYROLL: "10.20.0.5",
    INVOICE_ROBOT: "198.51.100.66",
    MINUTE_POLLER: "203.0.113.90",
    WEEKLY_EXPORT: "203.0.113.91",
    BROWSER: "203.0.113.20",
}
"""From where each program logs in."""


class _Habit(NamedTuple):
    """A program that logs in again and again."""

    client: Client
    every: timedelta
    first_before: timedelta
    """How long ago the latest login was."""
    days: int = 90
    """How long ago the first was, at most."""


def _soap(application: str, version: str, client_version: str | None = None) -> Client:
    return Client("Other Apex API", None, application, "SOAP Partner", version, client_version)


def _oauth(application: str, subtype: str) -> Client:
    return Client("Remote Access 2.0", subtype, application)


_ADA = (
    _Habit(_soap(DATA_LOADER, "59.0", "59.0.0"), timedelta(days=1), timedelta(hours=7)),
    _Habit(_soap(ACME_ETL, "52.0"), timedelta(days=7), timedelta(days=3)),
    _Habit(_oauth(DATALOADER_IO, "OauthUsernamePassword"), timedelta(days=3), timedelta(hours=30)),
    _Habit(_oauth(OUTLOOK, "OauthRefreshToken"), timedelta(days=1), timedelta(hours=5)),
    _Habit(
        Client("Application", "UsernamePasswordUiLogin", BROWSER),
        timedelta(days=1),
        timedelta(hours=3),
    ),
    # The subtype of a JWT bearer login is inferred to be empty, as at the token endpoint.
    _Habit(Client("Remote Access 2.0", None, ACME_SYNC), timedelta(hours=12), timedelta(hours=6)),
    _Habit(_soap(PAYROLL, "58.0"), timedelta(days=14), timedelta(days=5)),
    # A kind of login of which nobody has said what a reset does to it.
    _Habit(Client("Chatter Communities External User"), timedelta(days=30), timedelta(days=12)),
)

# In the newest 2000 rows there is nothing but the poller: they reach back a day and a half.
_MIA = (
    _Habit(_soap(MINUTE_POLLER, "59.0"), timedelta(minutes=1), timedelta(seconds=30), days=2),
    _Habit(_soap(WEEKLY_EXPORT, "59.0"), timedelta(days=7), timedelta(days=4)),
)

# Hourly for 90 days is more than the 2000 rows that one answer holds.
_ETL = (
    _Habit(_soap(ACME_ETL, "52.0"), timedelta(hours=1), timedelta(minutes=20)),
    _Habit(
        _oauth("Acme Warehouse", "OauthClientCredentials"), timedelta(days=1), timedelta(hours=9)
    ),
)


def write_history(org: Org, ada: User, etl: User, mia: User) -> None:
    """Write the logins of these three, and a browser login for everyone but Ada."""
    now = org.clock()
    rows = [
        (at, user, habit.client)
        for user, habits in ((ada, _ADA), (etl, _ETL), (mia, _MIA))
        for habit in habits
        for at in _times(now, habit)
    ]
    browser = Client("Application", "UsernamePasswordUiLogin", BROWSER)
    rows += [
        (now - timedelta(days=2, hours=number), user, browser)
        for number, user in enumerate(org.users.values())
        if user.is_active and user is not ada and not user.may("ApiUserOnly")
    ]
    for at, user, client in sorted(rows, key=lambda row: row[0]):
        org.record_login(user, client, ADDRESSES.get(client.application, "198.51.100.20"), at=at)


def _times(now: datetime, habit: _Habit) -> Iterator[datetime]:
    at = now - habit.first_before
    while at > now - timedelta(days=habit.days):
        yield at
        at -= habit.every
