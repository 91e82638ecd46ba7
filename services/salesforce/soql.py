"""The queries that are asked, as text; every value goes through the library's quoting."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from simple_salesforce.format import format_soql

from services.salesforce.errors import NotFound

MOST_ROWS = 2000
"""Rows of one query's answer; what is beyond it is cut, and said to be."""

MOST_USERS = 400
"""Users of one query: an address of Salesforce's holds 16 KB, and an id takes some 27 of them."""

# An id is put into paths and queries: one that is an absolute URL would carry our token away.
_USER_ID = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_USER = (
    "SELECT Id, Username, Email, FederationIdentifier, Name, IsActive, UserType,"
    " LastPasswordChangeDate, Profile.Name, Profile.PermissionsModifyAllData,"
    " Profile.PermissionsManageUsers, Profile.PermissionsApiUserOnly,"
    " (SELECT PermissionSet.PermissionsModifyAllData, PermissionSet.PermissionsManageUsers,"
    " PermissionSet.PermissionsApiUserOnly FROM PermissionSetAssignments)"
    " FROM User"
)
_LOGINS = (
    "SELECT Id, UserId, LoginTime, LoginType, LoginSubType, Application, ApiType, ApiVersion,"
    " ClientVersion, SourceIp, Status FROM LoginHistory"
)
_LOCKS = "SELECT UserId, IsFrozen, IsPasswordLocked, LastModifiedDate FROM UserLogin"


def checked_user_id(user_id: str) -> str:
    """Return the id if it is one of a user. NotFound otherwise: nothing was asked."""
    if _USER_ID.fullmatch(user_id) is None:
        raise NotFound("bad_user_id")
    return user_id


def users_like(email: str) -> str:
    """Users whose Email, FederationIdentifier or Username equals it; SOQL ignores case."""
    return format_soql(
        _USER + " WHERE Email = {0} OR FederationIdentifier = {0} OR Username = {0} LIMIT 50",
        email,
    )


def user_by_id(user_id: str) -> str:
    """One user."""
    return format_soql(_USER + " WHERE Id = {}", checked_user_id(user_id))


def logins_of(user_id: str, days: int) -> str:
    """A user's logins, newest first. LoginHistory is kept for six months.

    Only UserId, LoginTime and LoginType can be filtered on, so all else is sorted out afterwards.
    """
    return format_soql(
        f"{_LOGINS} WHERE UserId = {{}} AND LoginTime = LAST_N_DAYS:{{}}"
        " ORDER BY LoginTime DESC LIMIT {}",
        checked_user_id(user_id),
        days,
        MOST_ROWS,
    )


def login_groups_of(user_id: str, days: int) -> str:
    """A user's logins, counted: a job that logs in every minute hides no weekly one.

    These four fields can be grouped by (Salesforce's Object Reference).
    """
    return format_soql(
        "SELECT Application, ApiType, ClientVersion, LoginType, COUNT(Id) logins,"
        " MAX(LoginTime) latest FROM LoginHistory"
        " WHERE UserId = {} AND LoginTime = LAST_N_DAYS:{}"
        " GROUP BY Application, ApiType, ClientVersion, LoginType"
        " ORDER BY MAX(LoginTime) DESC LIMIT {}",
        checked_user_id(user_id),
        days,
        MOST_ROWS,
    )


def logins_since(user_ids: Sequence[str], since: datetime) -> str:
    """The logins of at most `MOST_USERS` users since the second that `since` lies in."""
    return format_soql(
        f"{_LOGINS} WHERE UserId IN {{}} AND LoginTime >= {{:literal}}"
        " ORDER BY LoginTime ASC LIMIT {}",
        _checked_user_ids(user_ids),
        _moment(since),
        MOST_ROWS,
    )


def any_login_of(user_ids: Sequence[str]) -> str:
    """Whether logins of these users are shown at all: one who resets a token has logged in."""
    return format_soql(
        "SELECT Id FROM LoginHistory WHERE UserId IN {} LIMIT 1", _checked_user_ids(user_ids)
    )


def grants_of(user_id: str) -> str:
    """The apps that a user approved. AccessToken is the refresh token: it is never selected."""
    return format_soql(
        "SELECT AppName, LastUsedDate, UseCount FROM OauthToken WHERE UserId = {}"
        " ORDER BY LastUsedDate DESC NULLS LAST LIMIT 200",
        checked_user_id(user_id),
    )


def login_rules_of(user_id: str) -> str:
    """How a user may log in, by everything that grants them something, their profile included."""
    return format_soql(
        "SELECT PermissionSet.PermissionsTwoFactorApi, PermissionSet.PermissionsIsSsoEnabled"
        " FROM PermissionSetAssignment WHERE AssigneeId = {}",
        checked_user_id(user_id),
    )


def lock_of(user_id: str) -> str:
    """Whether a user is frozen or locked out."""
    return format_soql(f"{_LOCKS} WHERE UserId = {{}}", checked_user_id(user_id))


def locks_of(user_ids: Sequence[str]) -> str:
    """Which of at most `MOST_USERS` users are frozen or locked out."""
    return format_soql(f"{_LOCKS} WHERE UserId IN {{}}", _checked_user_ids(user_ids))


def password_resets_since(since: datetime) -> str:
    """The org's password resets in the setup audit trail; `Display` can't be filtered on."""
    return format_soql(
        "SELECT Display, CreatedBy.Username, CreatedDate FROM SetupAuditTrail"
        " WHERE Action = 'resetpassword' AND CreatedDate >= {:literal}"
        " ORDER BY CreatedDate DESC LIMIT 200",
        _moment(since),
    )


def _checked_user_ids(user_ids: Sequence[str]) -> list[str]:
    checked = [checked_user_id(user_id) for user_id in dict.fromkeys(user_ids)]
    if not 0 < len(checked) <= MOST_USERS:
        raise ValueError(f"a query asks about 1 to {MOST_USERS} users")
    return checked


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
