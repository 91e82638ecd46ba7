"""Read rows that are kept as evidence: tolerantly, and none is left out."""

from collections.abc import Iterable

from services.salesforce.cells import count, moment, text
from services.salesforce.records import KeptGrant, KeptUser, OpenSession
from services.salesforce.rows import Row

_ID = 18
_NAME = 255
_ADDRESS = 64


def kept_user(row: Row) -> KeptUser | None:
    """Read a row of User; None when it doesn't say who that is, or whether they are active."""
    user_id, username = text(row, "Id", _ID), text(row, "Username", _NAME)
    is_active = row.get("IsActive")
    if user_id is None or username is None or not isinstance(is_active, bool):
        return None
    profile = row.get("Profile")
    return KeptUser(
        id=user_id,
        username=username,
        email=text(row, "Email", _NAME) or "",
        name=text(row, "Name", _NAME) or "",
        profile=text(profile, "Name", _NAME) if isinstance(profile, dict) else None,
        is_active=is_active,
        user_type=text(row, "UserType", _NAME) or "",
        last_password_change=moment(row.get("LastPasswordChangeDate")),
        last_login=moment(row.get("LastLoginDate")),
        created=moment(row.get("CreatedDate")),
    )


def open_sessions(rows: Iterable[Row]) -> tuple[OpenSession, ...]:
    """Read rows of AuthSession, in their order."""
    return tuple(
        OpenSession(
            id=text(row, "Id", _ID) or "",
            session_type=text(row, "SessionType", _NAME),
            login_type=text(row, "LoginType", _NAME),
            source_ip=text(row, "SourceIp", _ADDRESS),
            created=moment(row.get("CreatedDate")),
        )
        for row in rows
    )


def kept_grants(rows: Iterable[Row]) -> tuple[KeptGrant, ...]:
    """Read rows of OauthToken, in their order."""
    return tuple(
        KeptGrant(
            app=text(row, "AppName", _NAME),
            created=moment(row.get("CreatedDate")),
            last_used=moment(row.get("LastUsedDate")),
            uses=count(row.get("UseCount")),
        )
        for row in rows
    )
