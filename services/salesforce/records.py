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

    id: str = ""
    user_id: str = ""
    time: datetime
    login_type: str | None = None
    login_subtype: str | None = None
    application: str | None = None
    api_type: str | None = None
    api_version: str | None = None
    client_version: str | None = None
    source_ip: str | None = None
    status: str | None = None


class LoginGroup(_Record):
    """Logins of one kind, counted by Salesforce; failed ones are in the count too."""

    application: str | None = None
    api_type: str | None = None
    login_type: str | None = None
    client_version: str | None = None
    logins: int
    last: datetime


class AppGrant(_Record):
    """A row of `OauthToken`: an app that the user approved. It survives a reset."""

    app: str
    last_used: datetime | None = None
    uses: int = 0


class LoginRules(_Record):
    """How a user may log in, by profile and permission sets."""

    mfa_for_api: bool = False
    """*Multi-Factor Authentication for API Logins*: a code takes the token's place."""
    is_sso_enabled: bool = False
    """*Is Single Sign-On Enabled*: passwords are checked by another system."""


class AccountLock(_Record):
    """A row of `UserLogin`."""

    is_frozen: bool
    is_password_locked: bool
    changed_at: datetime | None = None
    """When the row last changed; of a locked user, probably when it was locked (inferred)."""


class AccountReading(_Record):
    """All that one request tells about an account. A part is None where it couldn't be read."""

    days: int
    read_at: datetime
    logins: tuple[Login, ...] | None
    """The newest rows of the last `days` days, newest first."""
    logins_cut: bool = False
    """There were more rows than one answer holds, or some that couldn't be read."""
    groups: tuple[LoginGroup, ...] | None = None
    """Every login of the window, counted; None also where the org refuses to count."""
    groups_cut: bool = False
    """There were more counts than one answer holds: what was quiet longest is missing."""
    groups_unread: bool = False
    """Some counts couldn't be read: which, isn't known."""
    grants: tuple[AppGrant, ...] | None = None
    lock: AccountLock | None = None
    rules: LoginRules | None = None
    needs: str | None = None
    """The permission without which the logins couldn't be read."""


class NewLogins(_Record):
    """Logins of several users since a moment, oldest first."""

    logins: tuple[Login, ...] | None
    """None where they couldn't be read."""
    cut: bool = False
    """There were more than one answer holds: ask again from the newest of these on."""
    locks: dict[str, AccountLock] | None = None
    """By the first 15 characters of the user's id; None where they couldn't be read."""
    needs: str | None = None
    """The permission without which the logins couldn't be read."""


class KeptUser(_Record):
    """A row of `User` as evidence: who it was, where their mail goes, when they were last here."""

    id: str
    username: str
    email: str
    """Whole: an attacker may have changed it."""
    name: str
    profile: str | None = None
    is_active: bool
    user_type: str
    last_password_change: datetime | None = None
    last_login: datetime | None = None
    created: datetime | None = None


class OpenSession(_Record):
    """A row of `AuthSession`."""

    id: str
    session_type: str | None = None
    """`UI`, `API`, `Oauth2`, …"""
    login_type: str | None = None
    source_ip: str | None = None
    created: datetime | None = None


class KeptGrant(_Record):
    """A row of `OauthToken` as evidence. Its tokens are never read for that."""

    app: str | None
    created: datetime | None = None
    last_used: datetime | None = None
    uses: int | None = None


class Evidence(_Record):
    """What an account looked like before anything was done to it.

    A part is None where it couldn't be read, or where none were shown and some may be hidden.
    """

    user_id: str
    read_at: datetime
    days: int
    user: KeptUser | None
    sessions: tuple[OpenSession, ...] | None
    """Those that were open, newest first."""
    sessions_cut: bool = False
    grants: tuple[KeptGrant, ...] | None
    """Last used first."""
    grants_cut: bool = False
    logins: tuple[Login, ...] | None
    """The newest rows of the last `days` days, newest first."""
    logins_cut: bool = False
    """There were more rows than one answer holds, or some that couldn't be read."""
    lock: AccountLock | None
    needs: str | None = None
    """The permissions without which a part couldn't be read, with commas between."""


class Standing(_Record):
    """What is true of an account now. A part is None where that isn't known."""

    read_at: datetime
    is_frozen: bool | None
    is_active: bool | None
    sessions: int | None
    """How many are open, as far as one answer holds them."""
    grants: int | None
    """How many apps may act for the user, as far as one answer holds them."""
    last_password_change: datetime | None
    needs: str | None = None
    """The permissions without which a part couldn't be read, with commas between."""


class Ended(_Record):
    """What became of the sessions or grants of one account."""

    ended: int
    """Ended now, or found to have ended before."""
    failed: tuple[str, ...] = ()
    """Why others weren't, or may not have been: one short code each. The last one stands for
    those too that weren't tried any more."""
