"""Which applications logged in as a user, and which of them needed the security token."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.salesforce.records import Login, LoginWindow

MOST_APPLICATIONS = 20
"""More than anyone reads; the rest is a count."""


class Place(StrEnum):
    """Where a new token has to be put, by the kind of program."""

    DATA_LOADER = "data_loader"
    DATALOADER_IO = "dataloader_io"
    WORKBENCH = "workbench"
    ETL = "etl"
    OAUTH_PASSWORD = "oauth_password"  # noqa: S105  an OAuth flow, not a secret
    API_CLIENT = "api_client"
    OTHER = "other"


class Application(BaseModel):
    """One application's logins as one user."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    needs_token: bool
    """Logs in with the password, so with the token too unless it comes from a trusted network."""
    place: Place
    logins: int
    last_login: datetime


class Impact(BaseModel):
    """What the login history says. An unreadable history is not an empty one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    readable: bool = True
    needs: str | None = None
    """The permission that the bot's own Salesforce user lacks, where that is why."""
    applications: tuple[Application, ...] = ()
    more: int = 0
    """Applications left out, beyond `MOST_APPLICATIONS`."""
    days: int
    read_at: datetime
    read_back_to: datetime | None = None
    """Set when there were more rows than one answer holds: nothing older was seen."""

    @property
    def token_logins_seen(self) -> bool:
        """Whether any login was seen that needs the token."""
        return any(application.needs_token for application in self.applications)


_API_LOGINS = frozenset(
    {"otherapi", "other apex api", "partner", "partner product", "appexchange"},
)
_OAUTH_LOGINS = frozenset({"oauth2", "remote access 2.0"})

_PLACES = (
    ("dataloader.io", Place.DATALOADER_IO),
    ("data loader", Place.DATA_LOADER),
    ("dataloader", Place.DATA_LOADER),
    ("workbench", Place.WORKBENCH),
    ("informatica", Place.ETL),
    ("mulesoft", Place.ETL),
    ("talend", Place.ETL),
    ("jitterbit", Place.ETL),
    ("boomi", Place.ETL),
    ("fivetran", Place.ETL),
    ("etl", Place.ETL),
)


def needs_token(login: Login) -> bool:
    """Whether a login sent a password, and so a token unless its network is trusted.

    Inferred from Salesforce's documented `LoginType` and `LoginSubType` values, which arrive
    as a value or as its label: an API login with no OAuth subtype, or the OAuth
    username-password flow.
    """
    kind = (login.login_type or "").casefold()
    subtype = (login.login_subtype or "").casefold()
    if kind in _OAUTH_LOGINS:
        return subtype == "oauthusernamepassword"
    return kind in _API_LOGINS and not subtype.startswith("oauth")


def place_of(application: str, login: Login) -> Place:
    """Where the token goes in a program of this name and way of logging in."""
    name = application.casefold()
    for part, place in _PLACES:
        if part in name:
            return place
    if (login.login_subtype or "").casefold() == "oauthusernamepassword":
        return Place.OAUTH_PASSWORD
    if needs_token(login):
        return Place.API_CLIENT
    return Place.OTHER


def summarise(window: LoginWindow) -> Impact:
    """Group a window of logins by application: those that need the token first, newest first."""
    groups: defaultdict[str, list[Login]] = defaultdict(list)
    for login in window.logins:
        groups[(login.application or "").strip() or "Unnamed application"].append(login)
    applications = sorted(
        (_application(name, logins) for name, logins in groups.items()),
        key=lambda one: (not one.needs_token, -one.last_login.timestamp(), one.name),
    )
    return Impact(
        applications=tuple(applications[:MOST_APPLICATIONS]),
        more=max(0, len(applications) - MOST_APPLICATIONS),
        days=window.days,
        read_at=window.read_at,
        read_back_to=None if window.complete else window.read_back_to,
    )


def unreadable(*, days: int, at: datetime, needs: str | None = None) -> Impact:
    """What is known when the login history couldn't be read: nothing."""
    return Impact(readable=False, needs=needs, days=days, read_at=at)


def _application(name: str, logins: Iterable[Login]) -> Application:
    rows = list(logins)
    telling = next((row for row in rows if needs_token(row)), rows[0])
    return Application(
        name=name[:80],
        needs_token=needs_token(telling),
        place=place_of(name, telling),
        logins=len(rows),
        last_login=max(row.time for row in rows),
    )
