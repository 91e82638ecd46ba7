"""Rows that the org writes down as things happen: logins, sessions, grants, changes, resets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.salesforce.users import User


@dataclass(frozen=True)
class Client:
    """How a program shows itself at a login: what LoginHistory says about it."""

    login_type: str
    login_subtype: str | None = None
    application: str = "N/A"
    api_type: str | None = None
    api_version: str | None = None
    client_version: str | None = None
    login_url: str = "login.salesforce.com"


@dataclass(frozen=True)
class Login:
    """A row of LoginHistory."""

    id: str
    user_id: str
    time: datetime
    client: Client
    source_ip: str
    status: str


@dataclass(eq=False)
class Session:
    """A session that lives: an access token of a program, or a browser's `sid`."""

    id: str
    token: str
    user: User
    kind: str
    """SessionType: `UI`, `API` (SOAP), `Oauth2`."""
    scopes: frozenset[str]
    login: Login
    created: datetime
    expires: datetime
    app: str | None = None
    parent: Session | None = None
    """The session that this one came from, and ends with."""
    confirmation_tokens: set[str] = field(default_factory=set)
    """Those handed out by the reset page and not yet used."""
    has_reset: bool = False
    """The page that says so is for those who did it."""


@dataclass(eq=False)
class Grant:
    """A row of OauthToken: a user's approval of an app, with its refresh token."""

    app: str
    user: User
    refresh_token: str
    delete_token: str
    created: datetime
    last_used: datetime | None = None
    use_count: int = 0


@dataclass(frozen=True)
class SetupChange:
    """A row of SetupAuditTrail."""

    id: str
    action: str
    section: str
    display: str
    created: datetime
    by: User


class ResetKind(StrEnum):
    """What was really reset."""

    TOKEN = "token"
    PASSWORD = "password"


@dataclass(frozen=True)
class Reset:
    """A reset that really happened."""

    kind: ResetKind
    user_id: str
    at: datetime
