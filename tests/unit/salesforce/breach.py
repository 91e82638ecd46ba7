"""An account in a breach, as a stub tells of it."""

from starlette.responses import JSONResponse, Response

from tests.unit.salesforce import parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.stub import Stub

OWN = "bot@acme.example"
LOGIN_ID = "0Yw000000000001AAA"
SESSION_IDS = ("0Ak000000000001AAA", "0Ak000000000002AAA", "0Ak000000000003AAA")
TOKENS = ("DELETE-TOKEN-1", "DELETE-TOKEN-2", "DELETE-TOKEN-3")
FREEZE = f"/services/data/v62.0/sobjects/UserLogin/{LOGIN_ID}"
SESSIONS = tuple(f"/services/data/v62.0/sobjects/AuthSession/{one}" for one in SESSION_IDS)

Part = dict[str, object]


def user_row(**changes: object) -> Part:
    """Ada's row of User."""
    row: Part = {
        "Id": sf.USER_ID,
        "Username": "ada@acme.example",
        "Email": "ada@elsewhere.example",
        "Name": "Ada Park",
        "IsActive": True,
        "UserType": "Standard",
        "LastPasswordChangeDate": parts.TIME,
        "LastLoginDate": parts.TIME,
        "CreatedDate": parts.TIME,
        "Profile": {"Name": "Standard User"},
        "PermissionSetAssignments": None,
    }
    return row | changes


def own_row(*, sees_grants: bool = True) -> Part:
    """The integration user's."""
    held = [
        {"PermissionSet": None},
        {"PermissionSet": {"PermissionsCustomizeApplication": sees_grants}},
    ]
    return user_row(
        Id="005000000000009AAA",
        Username=OWN.title(),
        PermissionSetAssignments={"totalSize": 2, "done": True, "records": held},
    )


def session_row(session_id: object) -> Part:
    """A row of AuthSession."""
    return {
        "Id": session_id,
        "SessionType": "UI",
        "LoginType": "Application",
        "SourceIp": "203.0.113.20",
        "CreatedDate": parts.TIME,
    }


def answered(**changes: Part) -> dict[str, Part]:
    """The answers about her account, by name: three of everything, and nothing hidden."""
    grants = [
        {
            "AppName": f"App {number}",
            "CreatedDate": parts.TIME,
            "LastUsedDate": None,
            "UseCount": number,
            "DeleteToken": token,
        }
        for number, token in enumerate(TOKENS)
    ]
    lock = {"IsFrozen": True, "IsPasswordLocked": False, "LastModifiedDate": parts.TIME}
    found = {
        "people": parts.found(user_row(), own_row()),
        "sessions": parts.found(*map(session_row, SESSION_IDS)),
        "grants": parts.found(*grants),
        "logins": parts.found(parts.login_row()),
        "lock": parts.found(lock),
        "row": parts.found({"Id": LOGIN_ID}),
        "admins": parts.found({"AssigneeId": "005A"}, {"AssigneeId": "005B"}),
    }
    return found | changes


def open_for(stub: Stub, **changes: Part) -> None:
    """Let the stub answer these, and carry out everything."""
    stub.on(sf.COMPOSITE, parts.composite(answered(**changes)))
    for path in (FREEZE, *SESSIONS):
        stub.on(path, Response(status_code=204))
    stub.on(sf.REVOKE, Response())


def oauth_error(error: str, status: int = 400) -> Response:
    """A refusal as the OAuth endpoints word it, with a text that must not be passed on."""
    return JSONResponse({"error": error, "error_description": "SECRET-FROM-OUTSIDE"}, status)


def effects(stub: Stub) -> list[str]:
    """The paths of what was asked for, but for logins and reads."""
    return [path for path in stub.paths if path not in (sf.TOKEN, sf.COMPOSITE)]
