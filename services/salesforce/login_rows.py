"""Read rows about logins, grants and locks: tolerantly, for bad input is normal there.

A row without what makes it one is left out, anything else that is odd is None, texts are cut to
sane lengths; nothing here raises because of what a row holds.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.salesforce.records import AccountLock, AppGrant, Login, LoginGroup, LoginRules
from services.salesforce.rows import Row

_ID = 18
_NAME = 255
_STATUS = 80
_ADDRESS = 64
# No count of Salesforce's is larger; Python's own integers have no end.
_MOST = 10**9


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
            last_used=_moment(row.get("LastUsedDate")),
            uses=_count(row.get("UseCount")) or 0,
        )
        for row in rows
        if (app := _text(row, "AppName", _NAME)) is not None
    )


def account_lock(row: Row) -> AccountLock | None:
    """Read a row of UserLogin; None when it doesn't say whether the user is frozen or locked."""
    is_frozen, is_locked = row.get("IsFrozen"), row.get("IsPasswordLocked")
    if not isinstance(is_frozen, bool) or not isinstance(is_locked, bool):
        return None
    return AccountLock(
        is_frozen=is_frozen,
        is_password_locked=is_locked,
        changed_at=_moment(row.get("LastModifiedDate")),
    )


def account_locks(rows: Iterable[Row]) -> dict[str, AccountLock]:
    """Read rows of UserLogin, by the first 15 characters of the user's id."""
    found: dict[str, AccountLock] = {}
    for row in rows:
        user_id, lock = _text(row, "UserId", _ID), account_lock(row)
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
    time = _moment(row.get("LoginTime"))
    if time is None:
        return None
    return Login(
        id=_text(row, "Id", _ID) or "",
        user_id=_text(row, "UserId", _ID) or "",
        time=time,
        login_type=_text(row, "LoginType", _NAME),
        login_subtype=_text(row, "LoginSubType", _NAME),
        application=_text(row, "Application", _NAME),
        api_type=_text(row, "ApiType", _NAME),
        api_version=_text(row, "ApiVersion", _NAME),
        client_version=_text(row, "ClientVersion", _NAME),
        source_ip=_text(row, "SourceIp", _ADDRESS),
        status=_text(row, "Status", _STATUS),
    )


def _login_group(row: Row) -> LoginGroup | None:
    count, last = _count(row.get("logins")), _moment(row.get("latest"))
    if count is None or last is None:
        return None
    return LoginGroup(
        application=_text(row, "Application", _NAME),
        api_type=_text(row, "ApiType", _NAME),
        login_type=_text(row, "LoginType", _NAME),
        client_version=_text(row, "ClientVersion", _NAME),
        logins=count,
        last=last,
    )


def _text(row: Row, field: str, longest: int) -> str | None:
    value = row.get(field)
    if not isinstance(value, str):
        return None
    # JSON can hold half a surrogate pair, which nothing can store or send.
    return value.strip()[:longest].encode("utf-8", "replace").decode() or None


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        return None
    return value


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        # Salesforce answers in UTC.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
