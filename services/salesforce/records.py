"""What is read from Salesforce, as plain frozen records."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class SalesforceUser(_Record):
    """A row of `User`, with what its profile and permission sets let it do."""

    id: str
    username: str
    email: str
    federation_identifier: str | None = None
    name: str
    is_active: bool
    user_type: str
    """`Standard`, `Guest`, …"""
    profile_name: str | None = None
    is_admin: bool = False
    """Modify All Data or Manage Users, by profile or permission set, or System Administrator."""
    is_api_only: bool = False
    """Such a user has no pages, so no reset page either."""
    last_password_change: datetime | None = None


class Login(_Record):
    """A row of `LoginHistory`; types come as values or as labels, as Salesforce gives them."""

    time: datetime
    login_type: str | None = None
    login_subtype: str | None = None
    application: str | None = None
    api_type: str | None = None
    api_version: str | None = None
    client_version: str | None = None
    source_ip: str | None = None
    status: str | None = None


class LoginWindow(_Record):
    """The logins of a user in the last `days` days, newest first."""

    logins: tuple[Login, ...]
    days: int
    read_at: datetime
    complete: bool
    """False when the limit of 2000 rows cut the window: older logins weren't read."""
    read_back_to: datetime | None = None
    """The oldest moment that the rows cover: the window's start, or the oldest row when it was
    cut."""


class AccountLock(_Record):
    """A row of `UserLogin`."""

    is_frozen: bool
    is_password_locked: bool
