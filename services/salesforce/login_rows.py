"""Read rows about logins, grants and locks: tolerantly, for bad input is normal there.

A row without what makes it one is left out, anything else that is odd is None, texts are cut to
sane lengths; nothing here raises because of what a row holds.
"""

from collections.abc import Iterable

from services.salesforce.cells import count, moment, text
from services.salesforce.records import AccountLock, AppGrant, Login, LoginGroup, LoginRules
from services.salesforce.rows import Row

_ID = 18
_NAME = 255
_STATUS = 80
_ADDRESS = 64


def logins(rows: Iterable[Row]) -> tuple[tuple[Login, ...] | None, bool]:
    """Read rows of LoginHistory, newest first, and whether all could be read.

    One without a readable time is left out; where no row has one, the logins are None: not known.
    """
    read = [_login(row) for row in rows]
    found = [login for login in read if login is not None]
    if read and not found:
        return None, False
    found.sort(key=lambda login: (login.time, login.id), reverse=True)
    return tuple(found), len(found) == len(read)


def login_groups(rows: Iterable[Row]) -> tuple[tuple[LoginGroup, ...], bool]:
    """Read counted logins, newest first, and whether all rows could be read."""
    read = [_login_group(row) for row in rows]
    found = [group for group in read if group is not None]
    found.sort(key=lambda group: group.last, reverse=True)
    return tuple(found), len(found) == len(read)


def grants(rows: Iterable[Row]) -> tuple[AppGrant, ...]:
    """Read rows of OauthToken, in their order. One without an app's name is left out."""
    return tuple(
        AppGrant(
            app=app,
            last_used=moment(row.get("LastUsedDate")),
            uses=count(row.get("UseCount")) or 0,
        )
        for row in rows
        if (app := text(row, "AppName", _NAME)) is not None
    )


def account_lock(row: Row) -> AccountLock | None:
    """Read a row of UserLogin; None when it doesn't say whether the user is frozen or locked."""
    is_frozen, is_locked = row.get("IsFrozen"), row.get("IsPasswordLocked")
    if not isinstance(is_frozen, bool) or not isinstance(is_locked, bool):
        return None
    return AccountLock(
        is_frozen=is_frozen,
        is_password_locked=is_locked,
        changed_at=moment(row.get("LastModifiedDate")),
    )


def account_locks(rows: Iterable[Row]) -> dict[str, AccountLock]:
    """Read rows of UserLogin, by the first 15 characters of the user's id."""
    found: dict[str, AccountLock] = {}
    for row in rows:
        user_id, lock = text(row, "UserId", _ID), account_lock(row)
        if user_id is not None and lock is not None:
            found[user_id[:15]] = lock
    return found


def login_rules(rows: Iterable[Row]) -> LoginRules | None:
    """Read what profile and permission sets grant; None without a row.

    Every profile stands in a permission set of its own, which its users hold (Salesforce's Object
    Reference): so no row means that we may not see it.
    """
    held = [grant for row in rows if isinstance(grant := row.get("PermissionSet"), dict)]
    if not held:
        return None
    return LoginRules(
        mfa_for_api=any(one.get("PermissionsTwoFactorApi") is True for one in held),
        is_sso_enabled=any(one.get("PermissionsIsSsoEnabled") is True for one in held),
    )


def _login(row: Row) -> Login | None:
    time = moment(row.get("LoginTime"))
    if time is None:
        return None
    return Login(
        id=text(row, "Id", _ID) or "",
        user_id=text(row, "UserId", _ID) or "",
        time=time,
        login_type=text(row, "LoginType", _NAME),
        login_subtype=text(row, "LoginSubType", _NAME),
        application=text(row, "Application", _NAME),
        api_type=text(row, "ApiType", _NAME),
        api_version=text(row, "ApiVersion", _NAME),
        client_version=text(row, "ClientVersion", _NAME),
        source_ip=text(row, "SourceIp", _ADDRESS),
        status=text(row, "Status", _STATUS),
    )


def _login_group(row: Row) -> LoginGroup | None:
    number, last = count(row.get("logins")), moment(row.get("latest"))
    if number is None or last is None:
        return None
    return LoginGroup(
        application=text(row, "Application", _NAME),
        api_type=text(row, "ApiType", _NAME),
        login_type=text(row, "LoginType", _NAME),
        client_version=text(row, "ClientVersion", _NAME),
        logins=number,
        last=last,
    )
