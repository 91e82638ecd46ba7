"""Which answers about an account are believed, and whose row is whose.

Without a permission Salesforce shows one's own sessions, grants and logins only, and no error
(Salesforce's Object Reference). So none are believed to be none only where others' are shown.
"""

from collections.abc import Mapping
from typing import NamedTuple

from services.salesforce.composite import Answer, needed, rows_of
from services.salesforce.errors import NotPermitted, SalesforceError
from services.salesforce.permissions import CUSTOMIZE_APPLICATION, MANAGE_USERS
from services.salesforce.rows import Row


class Target(NamedTuple):
    """Whose account it is, and who asks: the integration user."""

    user_id: str
    own_username: str


class Shown(NamedTuple):
    """Rows, if they are known to be all that there are; and the permission that is missing."""

    rows: list[Row] | None
    needs: str | None


def shown_behind_lock(answers: Mapping[str, Answer], name: str) -> Shown:
    """Sessions or logins: whoever sees the user's lock has Manage Users, and sees all of them.

    Each user has a row of UserLogin.
    """
    locks = rows_of(answers["lock"])
    refused = isinstance(answers["lock"], NotPermitted)
    sees_others = None if locks is None and not refused else bool(locks)
    return _believed(answers[name], sees_others=sees_others, needs=MANAGE_USERS)


def shown_grants(answers: Mapping[str, Answer], target: Target) -> Shown:
    """Grants: the integration user's own permissions tell whether it sees all of them."""
    sees_others = _sees_grants(answers, target)
    return _believed(answers["grants"], sees_others=sees_others, needs=CUSTOMIZE_APPLICATION)


def row_of_target(answers: Mapping[str, Answer], target: Target) -> Row | None:
    """The user's own row; None also where the query wasn't answered."""
    rows = rows_of(answers["people"]) or ()
    return next((row for row in rows if _is_id(row.get("Id"), target.user_id)), None)


def is_own(row: Row, target: Target) -> bool:
    """Whether this row of User is the integration user's. Usernames are compared without case."""
    username = row.get("Username")
    return isinstance(username, str) and username.casefold() == target.own_username.casefold()


def rows_or_raise(answer: Answer) -> list[Row]:
    """The rows of an answer; raises why there are none."""
    if isinstance(answer, SalesforceError):
        raise answer
    return answer.rows


def _believed(answer: Answer, *, sees_others: bool | None, needs: str) -> Shown:
    """Doubt an empty answer, unless others' rows would be seen; None is: that isn't known now."""
    if rows_of(answer) == [] and not sees_others:
        return Shown(None, needs if sees_others is False else None)
    return Shown(rows_of(answer), needed(answer))


def _sees_grants(answers: Mapping[str, Answer], target: Target) -> bool | None:
    rows = rows_of(answers["people"])
    if rows is None:
        return None
    own = next((row for row in rows if is_own(row, target)), {})
    assigned = own.get("PermissionSetAssignments")
    records = assigned.get("records") if isinstance(assigned, dict) else None
    return any(_allows(one) for one in records) if isinstance(records, list) else False


def _allows(assignment: object) -> bool:
    granted = assignment.get("PermissionSet") if isinstance(assignment, dict) else None
    return isinstance(granted, dict) and granted.get("PermissionsCustomizeApplication") is True


def _is_id(given: object, user_id: str) -> bool:
    return isinstance(given, str) and given[:15] == user_id[:15]
