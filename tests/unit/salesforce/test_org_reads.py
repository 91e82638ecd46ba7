"""What is asked of Salesforce, how an answer is read, and what is asked again."""

import asyncio
from datetime import UTC, datetime

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


async def test_no_user_is_none(stub: Stub, org: Org) -> None:
    stub.on(sf.QUERY, rows())
    assert await org.user(sf.USER_ID) is None


@pytest.mark.parametrize(
    "user_id", ["", "https://evil.example/", "005' OR Id != '", "001000000000001AAA", "005x\n"]
)
async def test_an_id_that_is_none_asks_nothing(stub: Stub, org: Org, user_id: str) -> None:
    for asked in (
        org.user(user_id),
        org.read_account(user_id, 90),
        org.read_new_logins([sf.USER_ID, user_id], NOW),
        org.reset_password(user_id),
    ):
        with pytest.raises(NotFound):
            await asked
    assert stub.asked == []


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
        await org.user(sf.USER_ID)
    assert caught.value.needs == "View All Users"


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
