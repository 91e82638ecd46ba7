"""Read users and the audit trail, strictly: a row that makes no sense is Unexpected."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from services.salesforce.errors import Unexpected
from services.salesforce.records import SalesforceUser

Row = Mapping[str, Any]
_P = ParamSpec("_P")
_T = TypeVar("_T")

_ADMIN = ("PermissionsModifyAllData", "PermissionsManageUsers")
_API_ONLY = ("PermissionsApiUserOnly",)


def _reading(read: Callable[_P, _T]) -> Callable[_P, _T]:
    @wraps(read)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return read(*args, **kwargs)
        # pydantic's ValidationError is a ValueError, and its text quotes the row.
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Unexpected("unreadable_row") from None

    return checked


@_reading
def user(row: Row) -> SalesforceUser:
    """Read a row of User, with its profile and its permission sets."""
    profile = row["Profile"] or {}
    assignments = row["PermissionSetAssignments"] or {"records": ()}
    grants = [profile, *((one["PermissionSet"] or {}) for one in assignments["records"])]
    return SalesforceUser(
        id=row["Id"],
        username=row["Username"],
        email=row["Email"] or "",
        federation_identifier=row["FederationIdentifier"],
        name=row["Name"],
        is_active=row["IsActive"],
        user_type=row["UserType"],
        profile_name=profile.get("Name"),
        is_admin=_any(grants, _ADMIN) or profile.get("Name") == "System Administrator",
        is_api_only=_any(grants, _API_ONLY),
        last_password_change=row["LastPasswordChangeDate"],
    )


@_reading
def reset_is_named(rows: list[Row], *, by: str, username: str) -> bool:
    """Whether one of the audit trail's resets was made by `by` and names `username` whole.

    That `Display` names the username is inferred, so a row that doesn't is no evidence.
    """
    whole = re.compile(rf"(?<![\w.@+-]){re.escape(username)}(?![\w@+-]|\.\w)", re.IGNORECASE)
    return any(
        row["CreatedBy"]["Username"].lower() == by.lower() and whole.search(row["Display"] or "")
        for row in rows
        if row["CreatedBy"]
    )


def _any(grants: Iterable[Row], permissions: tuple[str, ...]) -> bool:
    return any(grant.get(name) is True for grant in grants for name in permissions)
