"""What is special about an account, and whether wrong passwords are about to lock it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from services.impact.logins import (
    OAUTH_WITHOUT_PASSWORD,
    WITH_PASSWORD,
    has_failed,
    has_succeeded,
    is_made_by_us,
    name_of,
    text_of,
    way_of_login,
)
from services.impact.model import FailedLately, Note, Way
from services.salesforce.records import AccountReading, Login, SalesforceUser

LATELY = timedelta(hours=24)

FEWEST_FAILURES = 2
"""One wrong password is a typing mistake."""


def notes_of(
    reading: AccountReading,
    user: SalesforceUser,
    rows: Sequence[Login],
    own_apps: Collection[str] = (),
) -> tuple[Note, ...]:
    """Collect what is special about an account, in the order shown."""
    lock, rules = reading.lock, reading.rules
    found = {
        Note.LOCKED: lock is not None and lock.is_password_locked,
        Note.API_ONLY: user.is_api_only,
        Note.MFA_FOR_API: rules is not None and rules.mfa_for_api,
        Note.LOGIN_IP_RANGES: any(map(_was_refused_by_address, rows)),
        Note.DELEGATED_SSO: rules is not None and rules.is_sso_enabled,
        # A password login may be among the rows that weren't read.
        Note.SSO_ONLY: not reading.logins_cut and _is_sso_only(rows, own_apps),
    }
    return tuple(note for note in Note if found[note])


def failed_lately(rows: Sequence[Login], read_at: datetime) -> FailedLately | None:
    """Count the logins with a wrong password or token since the last that succeeded.

    One that was refused by its address is none of them.

    Args:
        rows: The newest first.
        read_at: Failures more than 24 hours before that are over.
    """
    failures: list[Login] = []
    for row in rows:
        if way_of_login(row) not in WITH_PASSWORD:
            continue
        if has_succeeded(row) or row.time < read_at - LATELY:
            break
        if has_failed(row) and not _begins(row, "restricted"):
            failures.append(row)
    if len(failures) < FEWEST_FAILURES:
        return None
    newest = failures[0]
    address = text_of(newest.source_ip)
    return FailedLately(
        count=len(failures),
        last_at=min(newest.time, read_at),
        application=name_of(newest.application)[:80],
        address=address and address[:64],
    )


def _was_refused_by_address(row: Login) -> bool:
    return _begins(row, "restricted ip")


def _begins(row: Login, start: str) -> bool:
    return (row.status or "").strip().casefold().startswith(start)


def _is_sso_only(rows: Sequence[Login], own_apps: Collection[str]) -> bool:
    telling = [
        row
        for row in rows
        if not has_failed(row)
        and not is_made_by_us(row, own_apps)
        and way_of_login(row) not in OAUTH_WITHOUT_PASSWORD
    ]
    return any(map(has_succeeded, telling)) and all(way_of_login(row) is Way.SSO for row in telling)
