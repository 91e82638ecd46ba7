"""What is asked of Salesforce, how an answer is read, and what is asked again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.org import Org
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.conftest import NOW
from tests.unit.salesforce.stub import Stub, error, rows

UTC_TEXT = "2026-02-28T10:00:00.000+0000"


def user_row(**changes: object) -> dict[str, object]:
    profile = {
        "Name": "Standard User",
        "PermissionsModifyAllData": False,
        "PermissionsManageUsers": False,
        "PermissionsApiUserOnly": False,
    }
    return {
        "Id": sf.USER_ID,
        "Username": "ada@acme.example",
        "Email": "ada@acme.example",
        "FederationIdentifier": None,
        "Name": "Ada",
        "IsActive": True,
        "UserType": "Standard",
        "LastPasswordChangeDate": UTC_TEXT,
        "Profile": profile,
        "PermissionSetAssignments": None,
        **changes,
    }


def login_row(time: str, **changes: object) -> dict[str, object]:
    row: dict[str, Any] = dict.fromkeys(
        (
            "LoginType",
            "LoginSubType",
            "Application",
            "ApiType",
            "ApiVersion",
            "ClientVersion",
            "SourceIp",
            "Status",
        )
    )
    return {**row, "LoginTime": time, **changes}


async def test_the_assertion_is_signed_short_lived_and_the_integration_users(
    stub: Stub, org: Org, key: RSAPrivateKey
) -> None:
    stub.on(sf.QUERY, rows())
    await org.find_users("ada@acme.example")
    form = stub.asked[0].form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        form["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience=stub.origin,
        options={"verify_exp": False},
    )
    assert claims == {
        "iss": "integration-app",
        "sub": "bot@acme.example",
        "aud": stub.origin,
        "exp": int(NOW.timestamp()) + 120,
    }


async def test_users_are_found_by_one_query_with_the_address_quoted(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows(user_row(), user_row(Id="005000000000002AAA")))
    users = await org.find_users("o'hara@acme.example")
    assert [user.id for user in users] == [sf.USER_ID, "005000000000002AAA"]
    assert users[0].last_password_change == datetime(2026, 2, 28, 10, tzinfo=UTC)
    assert not users[0].is_admin
    assert stub.paths == [sf.TOKEN, sf.QUERY]
    asked = stub.asked[1]
    assert asked.headers["authorization"] == "Bearer 00D!token1"
    for name in ("Email", "FederationIdentifier", "Username"):
        assert f"{name} = 'o\\'hara@acme.example'" in asked.query["q"]


@pytest.mark.parametrize(
    ("changes", "is_admin", "is_api_only"),
    [
        ({"Profile": None}, False, False),
        ({"Profile": {"Name": "System Administrator"}}, True, False),
        ({"Profile": {"Name": "X", "PermissionsModifyAllData": True}}, True, False),
        ({"Profile": {"Name": "X", "PermissionsManageUsers": True}}, True, False),
        ({"Profile": {"Name": "X", "PermissionsApiUserOnly": True}}, False, True),
        (
            {
                "PermissionSetAssignments": {
                    "records": [
                        {"PermissionSet": None},
                        {"PermissionSet": {"PermissionsManageUsers": True}},
                        {"PermissionSet": {"PermissionsApiUserOnly": True}},
                    ]
                }
            },
            True,
            True,
        ),
    ],
)
async def test_permissions_come_from_the_profile_and_from_permission_sets(
    stub: Stub, org: Org, changes: dict[str, object], is_admin: bool, is_api_only: bool
) -> None:
    stub.on(sf.QUERY, rows(user_row(**changes)))
    user = await org.user(sf.USER_ID)
    assert user is not None
    assert (user.is_admin, user.is_api_only) == (is_admin, is_api_only)


async def test_no_user_and_no_lock_are_none(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows())
    assert await org.user(sf.USER_ID) is None
    assert await org.account_lock(sf.USER_ID) is None


async def test_an_account_lock_is_read(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows({"IsFrozen": True, "IsPasswordLocked": False}))
    lock = await org.account_lock(sf.USER_ID)
    assert lock is not None
    assert (lock.is_frozen, lock.is_password_locked) == (True, False)


@pytest.mark.parametrize(
    "user_id", ["", "https://evil.example/", "005' OR Id != '", "001000000000001AAA", "005x\n"]
)
async def test_an_id_that_is_none_asks_nothing(stub: Stub, org: Org, user_id: str) -> None:
    for call in (org.user, org.logins, org.account_lock, org.reset_password):
        with pytest.raises(NotFound):
            await call(user_id)
    assert stub.asked == []


async def test_three_reads_are_three_requests_when_warm(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows())
    await org.find_users("ada@acme.example")
    stub.asked.clear()
    await org.find_users("ada@acme.example")
    await org.logins(sf.USER_ID)
    await org.account_lock(sf.USER_ID)
    assert stub.paths == [sf.QUERY] * 3


async def test_a_whole_window_reaches_back_to_its_start(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows(login_row(UTC_TEXT, Application="Data Loader", SourceIp="192.0.2.1")))
    window = await org.logins(sf.USER_ID, days=30)
    assert window.complete
    assert window.read_back_to == NOW - timedelta(days=30)
    assert window.logins[0].application == "Data Loader"
    assert "LoginTime = LAST_N_DAYS:30" in stub.asked[-1].query["q"]


async def test_a_cut_window_says_how_far_back_it_goes(stub: Stub, org: Org) -> None:
    stub.on(
        sf.QUERY,
        rows(login_row("2026-03-01T11:00:00.000+0000"), login_row(UTC_TEXT), done=False),
        rows(*[login_row(UTC_TEXT)] * 2000),
    )
    for _ in range(2):
        window = await org.logins(sf.USER_ID)
        assert not window.complete
        assert window.read_back_to == datetime(2026, 2, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (error(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached, "REQUEST_LIMIT_EXCEEDED"),
        (error(403, "INSUFFICIENT_ACCESS"), NotPermitted, "INSUFFICIENT_ACCESS"),
        (error(400, "INVALID_TYPE"), NotPermitted, "INVALID_TYPE"),
        (error(400, "INVALID_FIELD"), Unexpected, "INVALID_FIELD"),
        (error(404, "NOT_FOUND"), NotFound, "NOT_FOUND"),
        (error(400, "SECRET_CODE"), Unexpected, "http_400"),
        (Response("<html>", 403), NotPermitted, "http_403"),
        (Response("", 302, {"Location": "https://evil.example/"}), Unexpected, "http_302"),
        (Response("<html>", 200), Unexpected, "unreadable_answer"),
        (JSONResponse(["no"]), Unexpected, "unreadable_answer"),
        (JSONResponse({"done": True, "records": [7]}), Unexpected, "unreadable_row"),
        (rows({"Id": sf.USER_ID}), Unexpected, "unreadable_row"),
        (rows(user_row(IsActive="SECRET-FROM-OUTSIDE")), Unexpected, "unreadable_row"),
        (Response("SECRET-FROM-OUTSIDE", 401), LoginRefused, "http_401"),
        (JSONResponse({"no": "list"}, 401), LoginRefused, "http_401"),
    ],
)
async def test_a_bad_answer_has_a_name_and_none_of_its_text(
    stub: Stub, org: Org, answer: Response, expected: type[SalesforceError], code: str
) -> None:
    stub.on(sf.QUERY, answer)
    with pytest.raises(expected) as caught:
        await org.user(sf.USER_ID)
    assert caught.value.code == code
    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "SECRET" not in shown
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_a_missing_permission_says_which(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, error(400, "INVALID_TYPE"))
    with pytest.raises(NotPermitted) as caught:
        await org.logins(sf.USER_ID)
    assert caught.value.needs == "Manage Users"


@pytest.mark.parametrize("refused", [error(401, "INVALID_SESSION_ID"), Response("<html>", 401)])
async def test_an_expired_session_is_renewed_once(stub: Stub, org: Org, refused: Response) -> None:
    stub.on(sf.QUERY, refused, rows(user_row()))
    assert await org.user(sf.USER_ID) is not None
    assert stub.paths == [sf.TOKEN, sf.QUERY, sf.TOKEN, sf.QUERY]
    assert stub.asked[-1].headers["authorization"] == "Bearer 00D!token2"


async def test_a_session_that_stays_refused_is_not_asked_for_without_end(
    stub: Stub, org: Org
) -> None:
    stub.on(sf.QUERY, error(401, "INVALID_SESSION_ID"))
    with pytest.raises(LoginRefused):
        await org.user(sf.USER_ID)
    assert stub.logins == 2


async def test_many_at_once_log_in_once(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows())
    await asyncio.gather(*(org.user(sf.USER_ID) for _ in range(8)))
    assert stub.logins == 1


async def test_one_failed_login_is_shared_by_all_who_waited_for_it(stub: Stub, org: Org) -> None:
    arrived, gathered = asyncio.Event(), asyncio.Event()

    async def refuse(_: Request) -> Response:
        arrived.set()
        await gathered.wait()
        return JSONResponse({"error": "invalid_grant"}, 400)

    stub.on(sf.TOKEN, refuse)
    calls = [asyncio.create_task(org.user(sf.USER_ID)) for _ in range(6)]
    await arrived.wait()
    gathered.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, LoginRefused) for result in results)
    assert len(stub.asked) < 6


@pytest.mark.parametrize(
    ("answer", "expected", "code"),
    [
        (JSONResponse({"error": "invalid_grant"}, 400), LoginRefused, "invalid_grant"),
        (
            JSONResponse(
                {
                    "error": "invalid_grant",
                    "error_description": "user hasn't approved this consumer",
                },
                400,
            ),
            LoginRefused,
            "not_preauthorised",
        ),
        (
            JSONResponse(
                {"error": "invalid_app_access", "error_description": "user is not admin approved"},
                400,
            ),
            LoginRefused,
            "not_preauthorised",
        ),
        (JSONResponse({"error": "invalid_client_id"}, 400), LoginRefused, "invalid_client_id"),
        (JSONResponse({"error": "SECRET"}, 400), LoginRefused, "http_400"),
        (Response("SECRET", 302), Unexpected, "http_302"),
        (Response("SECRET", 200), Unexpected, "unreadable_login"),
        (
            JSONResponse({"access_token": "x", "instance_url": "https://evil.example"}),
            Unexpected,
            "foreign_instance",
        ),
        (
            JSONResponse({"access_token": "x\r\ny", "instance_url": "https://a.my.salesforce.com"}),
            Unexpected,
            "unreadable_login",
        ),
    ],
)
async def test_a_refused_login_has_a_name(
    stub: Stub, org: Org, answer: Response, expected: type[SalesforceError], code: str
) -> None:
    stub.on(sf.TOKEN, answer)
    with pytest.raises(expected) as caught:
        await org.user(sf.USER_ID)
    assert caught.value.code == code
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        error(503, "SERVER_UNAVAILABLE"),
        error(429, "X", **{"Retry-After": "0"}),
        error(409, "UNABLE_TO_LOCK_ROW"),
        Response("<html>", 502),
        sf.cut,
    ],
)
async def test_a_read_is_asked_again_three_times_at_most(
    stub: Stub, org: Org, trouble: sf.Answer
) -> None:
    stub.on(sf.QUERY, trouble, trouble, rows(user_row()))
    assert await org.user(sf.USER_ID) is not None
    stub.asked.clear()
    stub.on(sf.QUERY, trouble)
    with pytest.raises(Unavailable):
        await org.user(sf.USER_ID)
    assert stub.paths == [sf.QUERY] * 3


@pytest.mark.parametrize(
    "trouble",
    [error(403, "REQUEST_LIMIT_EXCEEDED"), error(503, "X", **{"Retry-After": "60"})],
)
async def test_a_long_wait_is_passed_on_and_not_waited_for(
    stub: Stub, org: Org, trouble: Response
) -> None:
    stub.on(sf.QUERY, trouble)
    with pytest.raises(Unavailable) as caught:
        await org.user(sf.USER_ID)
    assert stub.paths == [sf.TOKEN, sf.QUERY]
    assert caught.value.retry_after in {None, 60.0}


async def test_a_slow_answer_is_unavailable(stub: Stub, org: Org) -> None:
    async def never(_: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    stub.on(sf.QUERY, never)
    with pytest.raises(Unavailable) as caught:
        await org.user(sf.USER_ID)
    assert caught.value.code == "read_timeout"


async def test_the_reset_link_shows_the_page_and_never_confirms(stub: Stub, org: Org) -> None:
    link = await org.reset_link()
    assert link.startswith(f"{stub.origin}{sf.EDIT}?retURL=")
    assert "Confirm" not in link
    assert stub.paths == [sf.TOKEN]
    assert await org.reset_link() == link
    assert stub.logins == 1
