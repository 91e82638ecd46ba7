"""Parts of a composite answer, as a test puts them together."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.unit.salesforce.stub import Answer, Asked

TIME = "2026-02-28T10:00:00.000+0000"


def found(*records: object, done: bool = True) -> dict[str, object]:
    """A query that was answered."""
    body = {"totalSize": len(records), "done": done, "records": list(records)}
    return {"httpStatusCode": 200, "httpHeaders": {}, "body": body}


def refused(status: int, code: str) -> dict[str, object]:
    """A query that was refused, with a text that must not be passed on."""
    body = [{"errorCode": code, "message": "SECRET-FROM-OUTSIDE"}]
    return {"httpStatusCode": status, "httpHeaders": {}, "body": body}


def login_row(**changes: object) -> dict[str, object]:
    """A row of LoginHistory."""
    row: dict[str, object] = {
        "attributes": {"type": "LoginHistory"},
        "Id": "0Ya000000000001AAA",
        "UserId": "005000000000001AAA",
        "LoginTime": TIME,
        "LoginType": "Other Apex API",
        "LoginSubType": None,
        "Application": "Data Loader",
        "ApiType": "SOAP Partner",
        "ApiVersion": "59.0",
        "ClientVersion": "59.0.0",
        "SourceIp": "192.0.2.1",
        "Status": "Success",
    }
    return row | changes


def account(**changes: dict[str, object]) -> dict[str, dict[str, object]]:
    """The answers about an account that is in order, by name."""
    group = {
        "Application": "Data Loader",
        "ApiType": "SOAP Partner",
        "ClientVersion": "59.0.0",
        "LoginType": "Other Apex API",
        "logins": 12,
        "latest": TIME,
    }
    lock = {"IsFrozen": False, "IsPasswordLocked": True, "LastModifiedDate": TIME}
    rules = {"PermissionsTwoFactorApi": True, "PermissionsIsSsoEnabled": False}
    parts = {
        "logins": found(login_row()),
        "groups": found(group),
        "grants": found({"AppName": "Outlook", "LastUsedDate": TIME, "UseCount": 3}),
        "lock": found(lock),
        "rules": found({"PermissionSet": None}, {"PermissionSet": rules}),
    }
    return parts | changes


def composite(parts: dict[str, dict[str, object]]) -> Answer:
    """An answer that holds these parts, in the opposite order of the questions."""

    async def answer(request: Request) -> Response:
        names = [one["referenceId"] for one in (await request.json())["compositeRequest"]]
        answered = [parts[name] | {"referenceId": name} for name in reversed(names)]
        return JSONResponse({"compositeResponse": answered})

    return answer


def queries(asked: Asked) -> dict[str, str]:
    """The queries of a composite request, by name."""
    body: dict[str, Any] = json.loads(asked.body)
    return {
        one["referenceId"]: parse_qs(urlsplit(one["url"]).query)["q"][0]
        for one in body["compositeRequest"]
    }
