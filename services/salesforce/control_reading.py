"""What is asked about an account in a breach, and how it is read: as evidence, or as it is now."""

from collections.abc import Mapping
from datetime import datetime

from services.salesforce import control_soql, kept_rows, login_rows, soql
from services.salesforce.composite import Answer, Question, is_cut, needed, rows_of
from services.salesforce.control_shown import (
    Shown,
    Target,
    row_of_target,
    rows_or_raise,
    shown_behind_lock,
    shown_grants,
)
from services.salesforce.errors import NotPermitted, Unexpected
from services.salesforce.permissions import (
    CUSTOMIZE_APPLICATION,
    MANAGE_USERS,
    VIEW_ALL_USERS,
    VIEW_SETUP,
)
from services.salesforce.records import AccountLock, Evidence, KeptUser, Standing


def evidence_questions(target: Target, days: int) -> dict[str, Question]:
    """Five queries, which is what one request holds. NotFound when the id can't be a user's."""
    return standing_questions(target) | {
        "logins": Question(soql.logins_of(target.user_id, days), MANAGE_USERS)
    }


def standing_questions(target: Target) -> dict[str, Question]:
    """Four queries. NotFound when the id can't be a user's."""
    return {
        "people": people(target),
        "sessions": Question(control_soql.sessions_of(target.user_id), MANAGE_USERS),
        "grants": Question(control_soql.kept_grants_of(target.user_id), CUSTOMIZE_APPLICATION),
        "lock": lock(target),
    }


def people(target: Target) -> Question:
    """Ask who the user is, and what the integration user is shown."""
    return Question(control_soql.people(target.user_id, target.own_username), VIEW_ALL_USERS)


def lock(target: Target) -> Question:
    """Ask whether the user is frozen; where that is shown, sessions and logins are too."""
    return Question(soql.lock_of(target.user_id), MANAGE_USERS)


def admin_questions(target: Target) -> dict[str, Question]:
    """Two queries. NotFound when the id can't be a user's."""
    besides = control_soql.admins_besides(target.user_id, target.own_username)
    return {"admins": Question(besides, VIEW_SETUP), "lock": lock(target)}


def evidence(
    answers: Mapping[str, Answer], target: Target, *, days: int, read_at: datetime
) -> Evidence:
    """Read the answers to `evidence_questions`."""
    sessions, grants = shown_behind_lock(answers, "sessions"), shown_grants(answers, target)
    logins = shown_behind_lock(answers, "logins")
    read, all_read = (None, True) if logins.rows is None else login_rows.logins(logins.rows)
    return Evidence(
        user_id=target.user_id,
        read_at=read_at,
        days=days,
        user=_user(answers, target),
        sessions=None if sessions.rows is None else kept_rows.open_sessions(sessions.rows),
        sessions_cut=is_cut(answers["sessions"]),
        grants=None if grants.rows is None else kept_rows.kept_grants(grants.rows),
        grants_cut=is_cut(answers["grants"]),
        logins=read,
        logins_cut=is_cut(answers["logins"]) or not all_read,
        lock=_lock(answers),
        needs=_needs(answers, sessions, grants, logins),
    )


def standing(answers: Mapping[str, Answer], target: Target, *, read_at: datetime) -> Standing:
    """Read the answers to `standing_questions`."""
    sessions, grants = shown_behind_lock(answers, "sessions"), shown_grants(answers, target)
    user, locked = _user(answers, target), _lock(answers)
    return Standing(
        read_at=read_at,
        is_frozen=None if locked is None else locked.is_frozen,
        is_active=None if user is None else user.is_active,
        sessions=None if sessions.rows is None else len(sessions.rows),
        grants=None if grants.rows is None else len(grants.rows),
        last_password_change=None if user is None else user.last_password_change,
        needs=_needs(answers, sessions, grants),
    )


def admins(answers: Mapping[str, Answer]) -> int:
    """Count the admins in the answers to `admin_questions`, as far as one answer holds them.

    NotPermitted where it isn't shown who is frozen, so that a frozen one may be among them.
    """
    if not rows_or_raise(answers["lock"]):
        raise NotPermitted("locks_hidden", needs=MANAGE_USERS)
    ids = [row.get("AssigneeId") for row in rows_or_raise(answers["admins"])]
    if not all(isinstance(one, str) for one in ids):
        raise Unexpected("unreadable_row")
    return len(set(ids))


def _user(answers: Mapping[str, Answer], target: Target) -> KeptUser | None:
    row = row_of_target(answers, target)
    return None if row is None else kept_rows.kept_user(row)


def _lock(answers: Mapping[str, Answer]) -> AccountLock | None:
    rows = rows_of(answers["lock"])
    return login_rows.account_lock(rows[0]) if rows else None


def _needs(answers: Mapping[str, Answer], *parts: Shown) -> str | None:
    named = [*(needed(answers[name]) for name in ("people", "lock")), *(one.needs for one in parts)]
    return ", ".join(dict.fromkeys(one for one in named if one)) or None
