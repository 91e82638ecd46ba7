"""The state of one Salesforce org, apart from how it is spoken to."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from sandbox.salesforce.changes import Changes
from sandbox.salesforce.credentials import choose_password, make_security_token, within
from sandbox.salesforce.faults import Faults
from sandbox.salesforce.identifiers import make_id
from sandbox.salesforce.records import (
    Client,
    Grant,
    Login,
    Reset,
    ResetKind,
    Session,
    SetupChange,
)
from sandbox.salesforce.reset_page import ResetPage
from sandbox.salesforce.timetable import Timetable
from sandbox.salesforce.users import Assignment, PermissionSet, Profile, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ipaddress import IPv4Network, IPv6Network

    from sandbox.salesforce.apps import ConnectedApp
    from sandbox.salesforce.calls import Call
    from sandbox.salesforce.mailbox import Mail
    from sandbox.salesforce.soql.result import Result

SESSION_LIFETIME = timedelta(hours=2)
"""How long a session lives after its login: Salesforce's default time-out."""


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class Org:
    """A Salesforce org: its users, apps, sessions, logins and mails, and its switches for tests.

    Nothing in it is safe to share between threads: it lives in the event loop that serves it.
    """

    def __init__(self, name: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.name = name
        self.clock = clock
        self._numbers: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
        self.id = self.new_id("00D")
        self.origin = "http://127.0.0.1"
        """Where this org was last spoken to: login host and instance host are the same."""
        self.users: dict[str, User] = {}
        self.profiles: dict[str, Profile] = {}
        self.permission_sets: dict[str, PermissionSet] = {}
        self.apps: dict[str, ConnectedApp] = {}
        self.sessions: dict[str, Session] = {}
        self.grants: list[Grant] = []
        self.logins: list[Login] = []
        self.logins_of: defaultdict[str, list[Login]] = defaultdict(list)
        self.setup_changes: list[SetupChange] = []
        self.mails: list[Mail] = []
        self.password_links: dict[str, User] = {}
        self.frontdoors: dict[str, tuple[Session, str, datetime]] = {}
        """Single-use UI bridge codes: the session that asked, where it leads, until when."""
        self.cursors: dict[str, Result] = {}
        """The results of queries that took more than one page."""
        self.timetable = Timetable(clock)
        """The integrations that log in by themselves; none, until somebody adds some."""
        # Switches for tests, and what tests count.
        self.trusted_networks: list[IPv4Network | IPv6Network] = []
        self.lockout_after = 10
        self.hidden_objects: set[str] = set()
        """Objects that this org doesn't have for anyone: a query of one is INVALID_TYPE."""
        self.missing_fields: set[str] = set()
        """Fields that this org doesn't have, such as `Profile.PermissionsTwoFactorApi`."""
        self.refuses_group_by: set[str] = set()
        """Objects whose rows this org won't group."""
        self.reset_page = ResetPage()
        self.faults = Faults()
        self.changes = Changes()
        self.calls: list[Call] = []
        self.resets: list[Reset] = []
        self.violations: list[str] = []
        """What a careful client never does, though Salesforce would allow it."""
        self.delete_tokens_out: set[str] = set()
        """DeleteTokens that were told to a client, and haven't come back to be revoked."""
        self.held = 0
        """Requests that hang at the moment, after their effect where they were to have one."""
        self.hazard_gets = 0
        """Plain GETs of the confirm page; each one has really reset a token."""

    def new_id(self, prefix: str) -> str:
        """The next id of that kind."""
        return make_id(prefix, next(self._numbers[prefix]))

    # Setting up

    def add_profile(self, name: str, permissions: Iterable[str] = ()) -> Profile:
        """A profile, with the permission set that it owns."""
        owned = PermissionSet(
            self.new_id("0PS"),
            f"X00ex{len(self.profiles):03}",
            frozenset(permissions),
            is_owned_by_profile=True,
            label=name,
        )
        self.permission_sets[owned.name] = owned
        profile = self.profiles[name] = Profile(self.new_id("00e"), name, owned)
        return profile

    def add_permission_set(self, name: str, permissions: Iterable[str] = ()) -> PermissionSet:
        """A permission set that nobody holds yet."""
        added = PermissionSet(self.new_id("0PS"), name, frozenset(permissions), label=name)
        self.permission_sets[name] = added
        return added

    def add_user(
        self,
        username: str,
        email: str,
        name: str,
        *,
        profile: str = "Standard User",
        permission_sets: Iterable[str] = (),
        federation_identifier: str | None = None,
        user_type: str = "Standard",
        is_active: bool = True,
    ) -> User:
        """A user with a permanent password and a security token, both set a year ago."""
        then = self.clock() - timedelta(days=365)
        user = User(
            id=self.new_id("005"),
            username=username,
            email=email,
            name=name,
            alias=username.split("@", maxsplit=1)[0][:8],
            profile=self.profiles[profile],
            created=then,
            password=f"{secrets.token_hex(6)}-Aa1",
            security_token=make_security_token(),
            authenticator_code=f"{secrets.randbelow(10**6):06}",
            last_password_change=then,
            federation_identifier=federation_identifier,
            user_type=user_type,
            is_active=is_active,
            login_id=self.new_id("0Yw"),
            login_changed=then,
        )
        self.users[user.id] = user
        for each in (user.profile.permission_set.name, *permission_sets):
            self.assign(user, each)
        return user

    def assign(self, user: User, permission_set: str) -> None:
        """Give the user a permission set."""
        chosen = self.permission_sets[permission_set]
        user.assignments.append(Assignment(self.new_id("0Pa"), user, chosen))

    def add_app(self, app: ConnectedApp) -> ConnectedApp:
        """A connected app, found by its consumer key."""
        self.apps[app.consumer_key] = app
        return app

    def add_grant(self, app: str, user: User, created: datetime | None = None) -> Grant:
        """The user's approval of an app, with a refresh token."""
        grant = Grant(
            app=app,
            user=user,
            refresh_token=f"5Aep861{secrets.token_urlsafe(48)}",
            delete_token=secrets.token_urlsafe(32),
            created=created or self.clock(),
        )
        self.grants.append(grant)
        return grant

    # Looking up

    def user(self, username: str) -> User:
        """The user of that username, whatever its case. Raises `KeyError`."""
        found = self.find_user(username)
        if found is None:
            raise KeyError(username)
        return found

    def find_user(self, username: str) -> User | None:
        """The user of that username, whatever its case, if there is one."""
        wanted = username.casefold()
        return next((u for u in self.users.values() if u.username.casefold() == wanted), None)

    def person(self, alias: str) -> User:
        """The user of that alias, such as `ada`. Raises `KeyError`."""
        found = next((u for u in self.users.values() if u.alias == alias), None)
        if found is None:
            raise KeyError(alias)
        return found

    def session(self, token: str) -> Session | None:
        """The session that this token opens, if it lives."""
        session = self.sessions.get(token)
        if session is None or session.expires <= self.clock() or not session.user.is_active:
            return None
        return session

    def mailbox(self, address: str) -> list[Mail]:
        """The mails to that address, oldest first."""
        return [mail for mail in self.mails if mail.to.casefold() == address.casefold()]

    def count(self, since: int = 0, endpoint: str | None = None) -> int:
        """Requests after the first `since`, redirects counted; of one endpoint if named.

        Take `since` from `len(org.calls)` beforehand.
        """
        return sum(endpoint in (None, call.endpoint) for call in self.calls[since:])

    def trusts(self, address: str) -> bool:
        """Whether a login from that address needs no security token."""
        return within(address, self.trusted_networks)

    def set_password_from_link(self, mail: Mail, new_password: str) -> None:
        """Open the mailed link and choose a permanent password; a new token is mailed then.

        Raises `LinkUsedError` when the link was used before.
        """
        choose_password(self, mail.link_code or "", new_password)

    async def until(self, holds: Callable[[], object], timeout_seconds: float = 5) -> None:
        """Wait for a change after which `holds()`; raise `TimeoutError` after that many seconds."""
        await self.changes.until(holds, timeout_seconds)

    # Writing down

    def record_login(
        self,
        user: User,
        client: Client,
        source_ip: str,
        status: str = "Success",
        at: datetime | None = None,
    ) -> Login:
        """A row of LoginHistory, whose ids grow with time."""
        time = at or self.clock()
        login = Login(self.new_id("0Ya"), user.id, time, client, source_ip, status)
        self.logins.append(login)
        self.logins_of[user.id].append(login)
        if status == "Success":
            user.last_login = time
        self.changes.announce()
        return login

    def open_session(
        self, login: Login, kind: str, scopes: Iterable[str], app: str | None = None
    ) -> Session:
        """A session for a login that succeeded."""
        now = self.clock()
        session = Session(
            id=self.new_id("0Ak"),
            token=f"{self.id[:15]}!AQ{secrets.token_urlsafe(60)}",
            user=self.users[login.user_id],
            kind=kind,
            scopes=frozenset(scopes),
            login=login,
            created=now,
            expires=now + SESSION_LIFETIME,
            app=app,
        )
        self.sessions[session.token] = session
        return session

    def record_setup_change(self, by: User, action: str, section: str, display: str) -> None:
        """A row of SetupAuditTrail."""
        row = SetupChange(self.new_id("0Ym"), action, section, display, self.clock(), by)
        self.setup_changes.append(row)
        self.changes.announce()

    def record_reset(self, kind: ResetKind, user: User) -> None:
        """Remember, for whoever counts, that a reset really happened."""
        self.resets.append(Reset(kind, user.id, self.clock()))
        self.changes.announce()

    def send(self, mail: Mail) -> None:
        """Deliver a mail at once."""
        self.mails.append(mail)
        self.changes.announce()

    def expire_sessions(self) -> None:
        """End every session at once, as a time-out would."""
        self.sessions.clear()
        self.changes.announce()
