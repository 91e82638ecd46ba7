"""The REST API's resources: versions, users, passwords, a user's locks, sessions, limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from sandbox.salesforce.answers import RestError, api_session, json_object, org_of
from sandbox.salesforce.credentials import reset_password
from sandbox.salesforce.identifiers import canonical
from sandbox.salesforce.sessions import end
from sandbox.salesforce.soql.objects import TABLES, to_json

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Session
    from sandbox.salesforce.users import User

VERSIONS = range(31, 67)
DAILY_REQUESTS = 100_000


def not_found() -> RestError:
    """No such resource or record."""
    return RestError(404, "NOT_FOUND", "The requested resource does not exist")


def check_version(request: Request) -> str:
    """The API version in the path, such as `62.0`. Raises `RestError` when there is none such."""
    version = str(request.path_params["version"])
    if not re.fullmatch(r"\d+\.0", version) or int(version[:-2]) not in VERSIONS:
        raise not_found()
    return version


async def versions(_: Request) -> Response:
    """Every API version; needs no login."""
    return JSONResponse(
        [{"label": f"v{v}", "url": f"/services/data/v{v}.0", "version": f"{v}.0"} for v in VERSIONS]
    )


async def resources(request: Request) -> Response:
    """What there is under a version."""
    base = f"/services/data/v{check_version(request)}"
    api_session(request)
    return JSONResponse({name: f"{base}/{name}" for name in ("query", "sobjects", "limits")})


async def limits(request: Request) -> Response:
    """How many API requests are left today."""
    check_version(request)
    api_session(request)
    org = org_of(request)
    today = org.clock().date()
    used = sum(call.at.date() == today for call in org.calls)
    return JSONResponse(
        {"DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": DAILY_REQUESTS - used}}
    )


async def user(request: Request) -> Response:
    """One user's fields."""
    base = f"/services/data/v{check_version(request)}"
    api_session(request)
    fields = request.query_params.get("fields")
    return JSONResponse(user_record(org_of(request), request.path_params["id"], fields, base))


def user_record(org: Org, given_id: str, fields: str | None, base: str) -> dict[str, object]:
    """A user as a record, with the fields named (or every one). Raises `RestError`."""
    found = _user(org, given_id)
    table = TABLES["User"]
    known = [
        each for each in table.columns.values() if f"User.{each.name}" not in org.missing_fields
    ]
    by_name = {each.name.lower(): each for each in known}
    columns = known
    if fields:
        names = fields.split(",")
        missing = next((name for name in names if name.lower() not in by_name), None)
        if missing is not None:
            message = f"No such column '{missing}' on sobject of type User"
            raise RestError(400, "INVALID_FIELD", message)
        columns = [by_name[name.lower()] for name in names]
    url = f"{base}/sobjects/User/{found.id}"
    record: dict[str, object] = {"attributes": {"type": "User", "url": url}}
    return record | {each.name: to_json(each.get(found)) for each in columns}


async def password(request: Request) -> Response:
    """DELETE: reset the password and, with it, the token. The answer is a live password."""
    check_version(request)
    session = api_session(request)
    org = org_of(request)
    found = _user(org, request.path_params["id"])
    if not session.user.may("ManageUsers", "ResetPasswords"):
        raise _insufficient_access()
    if not found.is_active:
        raise RestError(400, "INVALID_OPERATION", "Cannot reset the password of an inactive user")
    return JSONResponse({"NewPassword": reset_password(org, session.user, found)})


async def user_login(request: Request) -> Response:
    """PATCH: freeze or unfreeze a user, or clear a password lock."""
    check_version(request)
    session = api_session(request)
    org = org_of(request)
    record_id = _record_id(request, "0Yw")
    found = next((u for u in org.users.values() if u.login_id == record_id), None)
    if found is None:
        raise not_found()
    if not session.user.may("ManageUsers", "FreezeUsers"):
        raise _insufficient_access()
    _change_locks(org, session, found, await json_object(request))
    return Response(status_code=204)


def _change_locks(org: Org, session: Session, found: User, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        if name not in ("IsFrozen", "IsPasswordLocked"):
            message = f"No such column '{name}' on sobject of type UserLogin"
            raise RestError(400, "INVALID_FIELD", message)
        if not isinstance(value, bool):
            raise RestError(400, "JSON_PARSER_ERROR", f"Cannot deserialize {name} as a boolean")
    if changes.get("IsPasswordLocked") is True:
        message = "IsPasswordLocked can only be set to false"
        raise RestError(400, "FIELD_INTEGRITY_EXCEPTION", message)
    if "IsPasswordLocked" in changes:
        found.is_password_locked = False
        found.failed_logins = 0
        _note(org, session, "unlockeduser", f"Unlocked user {found.username}")
    if "IsFrozen" in changes and found.is_frozen is not changes["IsFrozen"]:
        found.is_frozen = not found.is_frozen
        verb, action = ("Froze", "frozeuser") if found.is_frozen else ("Unfroze", "unfrozeuser")
        _note(org, session, action, f"{verb} user {found.username}")
    found.login_changed = org.clock()


def _note(org: Org, session: Session, action: str, display: str) -> None:
    org.record_setup_change(session.user, action, "Manage Users", display)


async def auth_session(request: Request) -> Response:
    """DELETE: end a session, unless it has ended."""
    check_version(request)
    session = api_session(request)
    org = org_of(request)
    record_id = _record_id(request, "0Ak")
    found = next((s for s in org.sessions.values() if s.id == record_id), None)
    if found is None or found.expires <= org.clock():
        raise not_found()
    if found.user is not session.user and not session.user.may("ManageUsers"):
        raise _insufficient_access()
    end(org, found)
    return Response(status_code=204)


def _record_id(request: Request, prefix: str) -> str:
    """The id in the path. Raises `RestError` for one of another object; that code is inferred."""
    given = str(request.path_params["id"])
    record_id = canonical(given)
    if record_id is None or not record_id.startswith(prefix):
        raise RestError(400, "MALFORMED_ID", f"malformed id {given}")
    return record_id


def _user(org: Org, given: str) -> User:
    record_id = canonical(given)
    found = org.users.get(record_id or "")
    if found is None:
        message = f"Provided external ID field does not exist or is not accessible: {given}"
        raise RestError(404, "NOT_FOUND", message)
    return found


def _insufficient_access() -> RestError:
    message = "insufficient access rights on cross-reference id"
    return RestError(403, "INSUFFICIENT_ACCESS", message)
