"""The queries of containment, as text: who it is, what is open, who else is an admin."""

import re

from simple_salesforce.format import format_soql

from services.salesforce.errors import Unexpected
from services.salesforce.soql import MOST_ROWS, checked_user_id

# They come from answers and are put into paths, where anything else would lead elsewhere.
_LOGIN_ID = re.compile(r"0Yw[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_SESSION_ID = re.compile(r"0Ak[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")


def checked_login_id(login_id: object) -> str:
    """Return the id if it is one of UserLogin. Unexpected otherwise."""
    return _checked(login_id, _LOGIN_ID, "bad_login_id")


def checked_session_id(session_id: object) -> str:
    """Return the id if it is one of AuthSession. Unexpected otherwise."""
    return _checked(session_id, _SESSION_ID, "bad_session_id")


def people(user_id: str, own_username: str) -> str:
    """The user, and the integration user with what says whether it sees others' grants.

    An assignment that has expired isn't active, and still there (Salesforce's Object Reference).
    """
    return format_soql(
        "SELECT Id, Username, Email, Name, IsActive, UserType, LastPasswordChangeDate,"
        " LastLoginDate, CreatedDate, Profile.Name,"
        " (SELECT PermissionSet.PermissionsCustomizeApplication FROM PermissionSetAssignments"
        " WHERE IsActive = true) FROM User WHERE Id = {} OR Username = {}",
        checked_user_id(user_id),
        own_username,
    )


def sessions_of(user_id: str) -> str:
    """A user's open sessions, newest first."""
    return format_soql(
        "SELECT Id, SessionType, LoginType, SourceIp, CreatedDate FROM AuthSession"
        " WHERE UsersId = {} ORDER BY CreatedDate DESC LIMIT {}",
        checked_user_id(user_id),
        MOST_ROWS,
    )


def kept_grants_of(user_id: str) -> str:
    """The apps that a user approved, last used first; none of their tokens.

    An answer holds 500 of them, whatever the limit (Salesforce's Object Reference).
    """
    return format_soql(
        "SELECT AppName, CreatedDate, LastUsedDate, UseCount FROM OauthToken WHERE UserId = {}"
        " ORDER BY LastUsedDate DESC NULLS LAST LIMIT {}",
        checked_user_id(user_id),
        MOST_ROWS,
    )


def delete_tokens_of(user_id: str) -> str:
    """What revokes a user's grants, for that moment only. Rows of OauthToken have no id.

    AccessToken is the refresh token: it is never selected.
    """
    return format_soql(
        "SELECT DeleteToken FROM OauthToken WHERE UserId = {} LIMIT {}",
        checked_user_id(user_id),
        MOST_ROWS,
    )


def login_row_of(user_id: str) -> str:
    """The row by which a user is frozen."""
    return format_soql("SELECT Id FROM UserLogin WHERE UserId = {}", checked_user_id(user_id))


def admins_besides(user_id: str, own_username: str) -> str:
    """Who else may manage users or modify all data, is active and isn't frozen.

    What a profile or a permission set group grants stands in a permission set of its own, which
    is assigned too (Salesforce's Object Reference). The anti-join is seen in public code.
    """
    return format_soql(
        "SELECT AssigneeId FROM PermissionSetAssignment"
        " WHERE (PermissionSet.PermissionsModifyAllData = true"
        " OR PermissionSet.PermissionsManageUsers = true)"
        " AND IsActive = true AND Assignee.IsActive = true"
        " AND AssigneeId != {} AND Assignee.Username != {}"
        " AND AssigneeId NOT IN (SELECT UserId FROM UserLogin WHERE IsFrozen = true) LIMIT {}",
        checked_user_id(user_id),
        own_username,
        MOST_ROWS,
    )


def _checked(given: object, pattern: re.Pattern[str], code: str) -> str:
    if not isinstance(given, str) or pattern.fullmatch(given) is None:
        raise Unexpected(code)
    return given
