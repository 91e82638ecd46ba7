"""The queries that are asked, as text; every value goes through the library's quoting."""

import re
from datetime import UTC, datetime

from simple_salesforce.format import format_soql

from services.salesforce.errors import NotFound

LOGIN_LIMIT = 2000
"""Rows of one query's answer; LoginHistory beyond it is cut, and said to be."""

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
        "SELECT LoginTime, LoginType, LoginSubType, Application, ApiType, ApiVersion,"
        " ClientVersion, SourceIp, Status FROM LoginHistory"
        " WHERE UserId = {} AND LoginTime = LAST_N_DAYS:{}"
        " ORDER BY LoginTime DESC LIMIT {}",
        checked_user_id(user_id),
        days,
        LOGIN_LIMIT,
    )


def lock_of(user_id: str) -> str:
    """Whether a user is frozen or locked out."""
    return format_soql(
        "SELECT IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = {}",
        checked_user_id(user_id),
    )


def password_resets_since(since: datetime) -> str:
    """The org's password resets in the setup audit trail; `Display` can't be filtered on."""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_soql(
        "SELECT Display, CreatedBy.Username, CreatedDate FROM SetupAuditTrail"
        " WHERE Action = 'resetpassword' AND CreatedDate >= {:literal}"
        " ORDER BY CreatedDate DESC LIMIT 200",
        moment,
    )
