"""The page method, from the assertion to the revoked token."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.orgs import OrgConfig
from services.salesforce.errors import (
    LoginRefused,
    OutcomeUnknown,
    PageRefused,
    SalesforceError,
    Unavailable,
)
from services.salesforce.org import Org
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.conftest import NOW
from tests.unit.salesforce.stub import Stub, page, redirect

BUTTON = '<input type="submit" name="save" value="Reset Security Token">'
FORM = f'<input type="hidden" name="_CONFIRMATIONTOKEN" value="c0">{BUTTON}</form>'
EDIT_PAGE = f'<form action="/search"><input name="q"></form><form method="post" action="go">{FORM}'
GO = "/_ui/system/security/go"
DONE = "/done"
SUCCESS = "<p>A new security token has been emailed to: <b>ada@acme.example</b></p>"
LEFT = [sf.LOGOUT, sf.REVOKE]


@pytest.fixture
def ready(stub: Stub) -> Stub:
    """A stub through whose reset page all goes well."""
    stub.on(sf.BRIDGE, JSONResponse({"frontdoor_uri": f"{stub.origin}{sf.FRONTDOOR}?otp=1"}))
    stub.on(sf.FRONTDOOR, redirect(f"{sf.EDIT}?setupid=ResetApiToken"))
    stub.on(sf.EDIT, page(EDIT_PAGE))
    stub.on(GO, redirect(DONE))
    stub.on(DONE, page(SUCCESS))
    stub.on(sf.LOGOUT, Response())
    stub.on(sf.REVOKE, Response())
    return stub


async def reset(org: Org) -> None:
    opened = await org.open_reset_page("ada@acme.example")
    try:
        await opened.submit()
    finally:
        await opened.close()


async def refused_by(org: Org) -> SalesforceError:
    """What the opening is refused with; it must be one of the harmless kinds."""
    with pytest.raises((PageRefused, LoginRefused, Unavailable)) as caught:
        await org.open_reset_page("ada@acme.example")
    return caught.value


async def unknown_after(org: Org) -> str:
    with pytest.raises(OutcomeUnknown) as caught:
        await reset(org)
    return caught.value.code


async def test_it_takes_eight_requests_in_their_order(
    ready: Stub, org: Org, key: RSAPrivateKey
) -> None:
    await reset(org)
    assert [(one.method, one.path) for one in ready.asked] == [
        ("POST", sf.TOKEN),
        ("POST", sf.BRIDGE),
        ("GET", sf.FRONTDOOR),
        ("GET", sf.EDIT),
        ("POST", GO),
        ("GET", DONE),
        ("GET", sf.LOGOUT),
        ("POST", sf.REVOKE),
    ]
    token, bridge, frontdoor, edit, submit, _, logout, revoke = ready.asked
    claims = jwt.decode(
        token.form["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience=ready.origin,
        options={"verify_exp": False},
    )
    assert (claims["iss"], claims["sub"]) == ("user-app", "ada@acme.example")
    assert bridge.headers["authorization"] == "Bearer 00D!token1"
    assert bridge.form["redirect_uri"].startswith(f"{sf.EDIT}?")
    assert frontdoor.query == {"otp": "1"}
    assert submit.form == {"_CONFIRMATIONTOKEN": "c0", "save": "Reset Security Token"}
    assert submit.headers["origin"] == ready.origin
    assert submit.headers["referer"].startswith(f"{ready.origin}{sf.EDIT}")
    for one in (edit, submit, logout):
        assert one.headers["cookie"] == "sid=ui-session"
        assert "authorization" not in one.headers
    assert revoke.form == {"token": "00D!token1"}


async def test_the_answer_may_come_without_a_redirect(ready: Stub, org: Org) -> None:
    ready.on(GO, page(SUCCESS))
    await reset(org)
    assert ready.paths.count(GO) == 1


async def test_a_front_door_that_answers_with_a_script_is_walked_through(
    ready: Stub, org: Org
) -> None:
    ready.on(sf.FRONTDOOR, page("<script>location.replace('/x')</script>"))
    await reset(org)
    assert ready.paths[2:5] == [sf.FRONTDOOR, sf.EDIT, GO]


async def test_a_get_form_is_sent_as_its_page_says(ready: Stub, org: Org) -> None:
    ready.on(sf.EDIT, page(f'<form action="go?old=1">{FORM}'))
    await reset(org)
    sent = next(one for one in ready.asked if one.path == GO)
    assert sent.method == "GET"
    assert sent.query == {"_CONFIRMATIONTOKEN": "c0", "save": "Reset Security Token"}


async def test_a_multipart_form_is_sent_as_one(ready: Stub, org: Org) -> None:
    ready.on(
        sf.EDIT,
        page(f'<form method="post" enctype="multipart/form-data" action="go">{FORM}'),
    )
    await reset(org)
    sent = next(one for one in ready.asked if one.path == GO)
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="_CONFIRMATIONTOKEN"\r\n\r\nc0\r\n' in sent.body


@pytest.mark.parametrize(
    ("path", "answer", "code", "ended"),
    [
        (sf.TOKEN, JSONResponse({"error": "invalid_grant"}, 400), "invalid_grant", []),
        (
            sf.TOKEN,
            JSONResponse(
                {
                    "error": "invalid_grant",
                    "error_description": "user hasn't approved this consumer",
                },
                400,
            ),
            "not_preauthorised",
            [],
        ),
        (sf.TOKEN, Response("", 503), "http_503", []),
        (sf.BRIDGE, Response("Bad_OAuth_Token", 403), "api_only", [sf.REVOKE]),
        (sf.BRIDGE, Response("no", 403), "no_ui_session", [sf.REVOKE]),
        (sf.BRIDGE, JSONResponse({}), "no_frontdoor", [sf.REVOKE]),
        (sf.BRIDGE, Response("<html>"), "no_frontdoor", [sf.REVOKE]),
        (
            sf.BRIDGE,
            JSONResponse({"frontdoor_uri": "https://evil.example/"}),
            "offsite",
            [sf.REVOKE],
        ),
        (sf.BRIDGE, Response("", 502), "http_502", [sf.REVOKE]),
        (sf.FRONTDOOR, redirect("https://evil.example/x"), "offsite", LEFT),
        (sf.FRONTDOOR, redirect("//evil.example/x"), "offsite", LEFT),
        (sf.FRONTDOOR, redirect("http://["), "bad_redirect", LEFT),
        (sf.FRONTDOOR, redirect(sf.CONFIRM), "get_confirm", LEFT),
        (sf.FRONTDOOR, redirect("/?ec=302"), "login_page", LEFT),
        (sf.FRONTDOOR, redirect(sf.FRONTDOOR), "too_many_redirects", LEFT),
        (sf.EDIT, redirect("/_ui/system/security/ChangePassword"), "expired_password", LEFT),
        (sf.EDIT, page("Insufficient Privileges"), "insufficient_privileges", LEFT),
        (sf.EDIT, page("URL No Longer Exists", 404), "url_gone", LEFT),
        (sf.EDIT, page("<p>Hello"), "no_button", LEFT),
        (sf.EDIT, page(f"<form action={sf.CONFIRM}>{FORM}"), "get_confirm", LEFT),
        (sf.EDIT, page(f"<form method=post action=//evil.example>{FORM}"), "offsite", LEFT),
        (sf.EDIT, page("", 500), "http_500", LEFT),
        (sf.EDIT, page("", 403), "http_403", LEFT),
        (sf.EDIT, sf.cut, "connection_broken", LEFT),
    ],
)
async def test_before_the_press_every_failure_is_harmless_and_leaves_no_session(
    ready: Stub, org: Org, path: str, answer: sf.Answer, code: str, ended: list[str]
) -> None:
    ready.on(path, answer)
    assert (await refused_by(org)).code == code
    assert [path for path in ready.paths if path in LEFT] == ended
    assert GO not in ready.paths
    assert sf.CONFIRM not in ready.paths


@pytest.mark.parametrize(
    ("path", "answer", "code"),
    [
        (GO, page("<p>Done"), "not_confirmed"),
        (GO, page(EDIT_PAGE + SUCCESS), "not_confirmed"),
        (GO, page(SUCCESS, 500), "http_500"),
        (GO, page(SUCCESS, 403), "http_403"),
        (GO, sf.cut, "connection_broken"),
        (GO, redirect(DONE, 307), "resubmit_asked"),
        (GO, redirect(GO, 308), "resubmit_asked"),
        (GO, redirect("https://evil.example/"), "offsite"),
        (GO, redirect(sf.CONFIRM), "get_confirm"),
        (GO, redirect("/?ec=302"), "login_page"),
        (DONE, redirect(DONE), "too_many_redirects"),
        (DONE, page("", 503), "http_503"),
        (DONE, sf.cut, "connection_broken"),
    ],
)
async def test_after_the_press_all_but_the_success_page_is_unknown(
    ready: Stub, org: Org, path: str, answer: sf.Answer, code: str
) -> None:
    ready.on(path, answer)
    assert await unknown_after(org) == code
    assert ready.paths.count(GO) == 1
    assert ready.paths[-2:] == LEFT
    assert sf.CONFIRM not in ready.paths


async def test_a_press_that_gets_no_answer_in_time_is_unknown(ready: Stub, org: Org) -> None:
    async def never(_: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    ready.on(GO, never)
    assert await unknown_after(org) == "read_timeout"


async def test_a_page_is_pressed_once(ready: Stub, org: Org) -> None:
    opened = await org.open_reset_page("ada@acme.example")
    await opened.submit()
    with pytest.raises(OutcomeUnknown):
        await opened.submit()
    await opened.close()
    assert ready.paths.count(GO) == 1


async def test_nothing_is_pressed_by_opening(ready: Stub, org: Org) -> None:
    opened = await org.open_reset_page("ada@acme.example")
    assert GO not in ready.paths
    await opened.close()
    assert ready.paths[-2:] == LEFT


async def test_a_session_that_will_not_end_is_logged_by_its_code(
    ready: Stub, org: Org, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await org.open_reset_page("ada@acme.example")
    ready.on(sf.LOGOUT, sf.cut)
    ready.on(sf.REVOKE, Response("SECRET", 503))
    await opened.close()
    logged = [one.getMessage() for one in caplog.records if one.name.startswith("services.")]
    assert len(logged) == 1
    assert "user_session_not_ended" in logged[0]
    assert "['connection_broken', 'http_503']" in logged[0]


async def test_an_opening_that_nobody_waits_for_ends_its_session(ready: Stub, org: Org) -> None:
    asked, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        asked.set()
        await go_on.wait()
        return page(EDIT_PAGE)

    async def revoked(_: Request) -> Response:
        ended.set()
        return Response()

    ready.on(sf.EDIT, slow)
    ready.on(sf.REVOKE, revoked)
    opening = asyncio.create_task(org.open_reset_page("ada@acme.example"))
    await asked.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    go_on.set()
    async with asyncio.timeout(5):
        await ended.wait()
    assert GO not in ready.paths


async def test_a_key_that_is_no_key_is_a_refused_login(
    config: OrgConfig, executor: ThreadPoolExecutor
) -> None:
    for field in ("private_key", "user_private_key"):
        secret = type(config.private_key)("-----BEGIN PRIVATE KEY-----\nnope\n")
        org = Org(config.model_copy(update={field: secret}), lambda: NOW, executor)
        with pytest.raises(LoginRefused) as caught:
            await (org.reset_link() if field == "private_key" else org.open_reset_page("a@b.c"))
        assert caught.value.code == "bad_private_key"
        assert "nope" not in repr(caught.value)
