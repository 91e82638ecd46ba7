"""The objects that can be queried: their fields, relations, and who may see which rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.users import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.salesforce.org import Org

Cell = str | bool | int | datetime | None


class Kind(StrEnum):
    """A field's type, as Salesforce's messages name it."""

    ID = "id"
    STRING = "string"
    BOOLEAN = "boolean"
    DATETIME = "dateTime"
    INT = "int"


@dataclass(frozen=True)
class Column:
    """A field, and what a query may do with it."""

    name: str
    kind: Kind
    get: Callable[[Any], Cell]
    filters: bool = True
    groups: bool = True
    sorts: bool = True


@dataclass(frozen=True)
class Relation:
    """A way to a parent or to children."""

    name: str
    table: str
    get: Callable[[Any], Any]


@dataclass(frozen=True)
class Table:
    """An object. `columns`, `parents` and `children` are keyed by lower-case names."""

    name: str
    rows: Callable[[Org], Iterable[Any]]
    columns: dict[str, Column]
    parents: dict[str, Relation] = field(default_factory=dict)
    children: dict[str, Relation] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """One of these permissions, or the object doesn't exist for the caller."""
    all_rows_need: tuple[str, ...] = ()
    """One of these, or the caller sees only their own rows."""
    owner: Callable[[Any], str] | None = None
    """The id of the user whose row it is."""
    lookups: dict[str, Callable[[Org, str], Iterable[Any]]] = field(default_factory=dict)
    """The rows with a given id in a field, found without looking at every row."""
    page: int = 2000
    """How many records come at a time."""
    most: int | None = None
    """How many can be had by one query, its further pages included."""

    def column(self, name: str) -> Column | None:
        """The field of that name, whatever its case."""
        return self.columns.get(name.lower())


def to_json(cell: Cell) -> str | bool | int | None:
    """A cell as JSON shows it: moments in UTC with milliseconds."""
    if isinstance(cell, datetime):
        utc = cell.astimezone(UTC)
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}+0000"
    return cell


def _id(name: str, get: Callable[[Any], Cell]) -> Column:
    return Column(name, Kind.ID, get)


def _text(name: str, get: Callable[[Any], Cell]) -> Column:
    return Column(name, Kind.STRING, get)


def _truth(name: str, get: Callable[[Any], Cell]) -> Column:
    return Column(name, Kind.BOOLEAN, get)


def _when(name: str, get: Callable[[Any], Cell]) -> Column:
    # A moment is never grouped by as it is: only by its day and the like.
    return Column(name, Kind.DATETIME, get, groups=False)


def _shown(name: str, get: Callable[[Any], Cell], *, groups: bool = False) -> Column:
    """A field of LoginHistory that can be read but not filtered on, as its reference says."""
    return Column(name, Kind.STRING, get, filters=False, groups=groups, sorts=groups)


_OPAQUE = {"filters": False, "groups": False, "sorts": False}


def _columns(*columns: Column) -> dict[str, Column]:
    return {column.name.lower(): column for column in columns}


def _relations(*relations: Relation) -> dict[str, Relation]:
    return {relation.name.lower(): relation for relation in relations}


def _permission(name: str) -> Column:
    return _truth(f"Permissions{name}", lambda row: name in row.permissions)


_PERMISSION_COLUMNS = tuple(_permission(name) for name in PERMISSIONS)

USER = Table(
    "User",
    lambda org: org.users.values(),
    _columns(
        _id("Id", lambda u: u.id),
        _text("Username", lambda u: u.username),
        _text("Email", lambda u: u.email),
        _text("Name", lambda u: u.name),
        _text("FirstName", lambda u: u.name.partition(" ")[0]),
        _text("LastName", lambda u: u.name.rpartition(" ")[2]),
        _text("Alias", lambda u: u.alias),
        _text("FederationIdentifier", lambda u: u.federation_identifier),
        _truth("IsActive", lambda u: u.is_active),
        _text("UserType", lambda u: u.user_type),
        _id("ProfileId", lambda u: u.profile.id),
        _when("LastPasswordChangeDate", lambda u: u.last_password_change),
        _when("LastLoginDate", lambda u: u.last_login),
        _when("CreatedDate", lambda u: u.created),
    ),
    parents=_relations(Relation("Profile", "Profile", lambda u: u.profile)),
    children=_relations(
        Relation("PermissionSetAssignments", "PermissionSetAssignment", lambda u: u.assignments)
    ),
    lookups={"id": lambda org, key: [org.users[key]] if key in org.users else []},
)

PROFILE = Table(
    "Profile",
    lambda org: org.profiles.values(),
    _columns(_id("Id", lambda p: p.id), _text("Name", lambda p: p.name), *_PERMISSION_COLUMNS),
)

PERMISSION_SET = Table(
    "PermissionSet",
    lambda org: org.permission_sets.values(),
    _columns(
        _id("Id", lambda p: p.id),
        _text("Name", lambda p: p.name),
        _text("Label", lambda p: p.label),
        _truth("IsOwnedByProfile", lambda p: p.is_owned_by_profile),
        *_PERMISSION_COLUMNS,
    ),
)

ASSIGNMENT = Table(
    "PermissionSetAssignment",
    lambda org: (each for user in org.users.values() for each in user.assignments),
    _columns(
        _id("Id", lambda a: a.id),
        _id("AssigneeId", lambda a: a.assignee.id),
        _id("PermissionSetId", lambda a: a.permission_set.id),
        _truth("IsActive", lambda a: a.is_active),
    ),
    parents=_relations(
        Relation("Assignee", "User", lambda a: a.assignee),
        Relation("PermissionSet", "PermissionSet", lambda a: a.permission_set),
    ),
    needs=("ViewSetup", "ManageUsers"),
)

LOGIN_HISTORY = Table(
    "LoginHistory",
    lambda org: org.logins,
    _columns(
        _id("Id", lambda r: r.id),
        _id("UserId", lambda r: r.user_id),
        _when("LoginTime", lambda r: r.time),
        _text("LoginType", lambda r: r.client.login_type),
        _shown("LoginSubType", lambda r: r.client.login_subtype),
        _shown("Application", lambda r: r.client.application, groups=True),
        _shown("ApiType", lambda r: r.client.api_type, groups=True),
        _shown("ApiVersion", lambda r: r.client.api_version, groups=True),
        _shown("ClientVersion", lambda r: r.client.client_version, groups=True),
        _shown("SourceIp", lambda r: r.source_ip),
        _shown("LoginUrl", lambda r: r.client.login_url),
        _shown("Status", lambda r: r.status),
    ),
    # Documented: without these one finds one's own logins, and no error.
    all_rows_need=("ManageUsers", "MonitorLoginHistory"),
    owner=lambda r: r.user_id,
    lookups={"userid": lambda org, key: org.logins_of.get(key, ())},
)

USER_LOGIN = Table(
    "UserLogin",
    lambda org: org.users.values(),
    _columns(
        _id("Id", lambda u: u.login_id),
        _id("UserId", lambda u: u.id),
        _truth("IsFrozen", lambda u: u.is_frozen),
        _truth("IsPasswordLocked", lambda u: u.is_password_locked),
        _when("LastModifiedDate", lambda u: u.login_changed),
    ),
    needs=("ManageUsers",),
    lookups={"userid": lambda org, key: [org.users[key]] if key in org.users else []},
)

SETUP_AUDIT_TRAIL = Table(
    "SetupAuditTrail",
    lambda org: org.setup_changes,
    _columns(
        _id("Id", lambda r: r.id),
        _text("Action", lambda r: r.action),
        _text("Section", lambda r: r.section),
        _when("CreatedDate", lambda r: r.created),
        _id("CreatedById", lambda r: r.by.id),
        # A text without a bound can be neither filtered on nor sorted by.
        Column("Display", Kind.STRING, lambda r: r.display, **_OPAQUE),
    ),
    parents=_relations(Relation("CreatedBy", "User", lambda r: r.by)),
    needs=("ViewSetup",),
)

AUTH_SESSION = Table(
    "AuthSession",
    lambda org: [s for s in org.sessions.values() if s.expires > org.clock()],
    _columns(
        _id("Id", lambda s: s.id),
        _id("UsersId", lambda s: s.user.id),
        _text("SessionType", lambda s: s.kind),
        _text("LoginType", lambda s: s.login.client.login_type),
        _text("SourceIp", lambda s: s.login.source_ip),
        _id("LoginHistoryId", lambda s: s.login.id),
        # Documented: a session that came from no other names itself.
        _id("ParentId", lambda s: (s.parent or s).id),
        _when("CreatedDate", lambda s: s.created),
    ),
    parents=_relations(Relation("Users", "User", lambda s: s.user)),
    all_rows_need=("ManageUsers",),
    owner=lambda s: s.user.id,
)

OAUTH_TOKEN = Table(
    "OauthToken",
    lambda org: org.grants,
    _columns(
        # Documented: always null.
        _id("Id", lambda _: None),
        _text("AppName", lambda g: g.app),
        _id("UserId", lambda g: g.user.id),
        _text("AccessToken", lambda g: g.refresh_token),
        _text("DeleteToken", lambda g: g.delete_token),
        _when("CreatedDate", lambda g: g.created),
        _when("LastUsedDate", lambda g: g.last_used),
        Column("UseCount", Kind.INT, lambda g: g.use_count),
    ),
    parents=_relations(Relation("User", "User", lambda g: g.user)),
    all_rows_need=("CustomizeApplication",),
    owner=lambda g: g.user.id,
    page=500,
    most=2500,
)

USER_PERMISSION_ACCESS = Table(
    "UserPermissionAccess",
    lambda org: org.users.values(),
    _columns(_id("Id", lambda u: u.id), *_PERMISSION_COLUMNS),
    # Documented: a row of the session's own user, whatever they may do.
    all_rows_need=("Nobody",),
    owner=lambda u: u.id,
)

TABLES = {
    table.name: table
    for table in (
        USER,
        PROFILE,
        PERMISSION_SET,
        ASSIGNMENT,
        LOGIN_HISTORY,
        USER_LOGIN,
        SETUP_AUDIT_TRAIL,
        AUTH_SESSION,
        OAUTH_TOKEN,
        USER_PERMISSION_ACCESS,
    )
}
