import httpx
import pytest

from sandbox.salesforce.records import Session
from tests.unit.sandbox.salesforce_org import (
    acme_now,
    bearer,
    http,
    oauth_error,
    signed_in,
)

BRIDGE = "/services/oauth2/singleaccess"
EDIT = "/_ui/system/security/ResetApiTokenEdit?setupid=ResetApiToken"


async def ask(
    client: httpx.AsyncClient, session: Session, redirect_uri: str = EDIT
) -> httpx.Response:
    return await client.post(BRIDGE, data={"redirect_uri": redirect_uri}, headers=bearer(session))


async def test_the_bridge_opens_a_browser_session_once() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with http(org) as client, http(org) as thief:
        address = (await ask(client, signed_in(org, ada))).json()["frontdoor_uri"]
        entered = await client.get(address)
        page = await client.get(entered.headers["location"])
        again = await thief.get(address)
        stolen = await thief.get(EDIT)
    assert address.startswith(f"{org.origin}/secur/frontdoor.jsp?otp=")
    assert (entered.status_code, entered.headers["location"]) == (302, EDIT)
    assert "httponly" in entered.headers["set-cookie"].lower()
    assert 'value="Reset Security Token"' in page.text
    assert again.headers["location"].startswith("/?ec=302")
    assert "sid" not in again.cookies
    assert stolen.status_code == 302
    login = org.logins[-1]
    assert (login.user_id, login.client.login_subtype) == (ada.id, "OauthOtpLogin")


async def test_a_frontdoor_address_lives_a_minute() -> None:
    org, clock = acme_now()
    async with http(org) as client:
        address = (await ask(client, signed_in(org, org.person("ada")))).json()["frontdoor_uri"]
        clock.forward(60)
        late = await client.get(address)
    assert late.headers["location"].startswith("/?ec=302")


@pytest.mark.parametrize(
    "redirect_uri", ["https://evil.example/", "//evil.example/", "/\\evil.example", "page"]
)
async def test_the_bridge_leads_nowhere_else(redirect_uri: str) -> None:
    org, _ = acme_now()
    async with http(org) as client:
        response = await ask(client, signed_in(org, org.person("ada")), redirect_uri)
    assert oauth_error(response)[:2] == (400, "invalid_request")
    assert not org.frontdoors


async def test_the_bridge_is_closed_to_the_wrong_tokens() -> None:
    org, _ = acme_now()
    ada, omar = org.person("ada"), org.person("omar")
    ended = signed_in(org, ada)
    ended.expires = org.clock()
    async with http(org) as client:
        expired = await ask(client, ended)
        api_only = await ask(client, signed_in(org, omar))
        no_scope = await ask(client, signed_in(org, ada, {"api"}))
    assert expired.status_code == 403
    assert (api_only.status_code, api_only.text) == (403, "bad_oauth_token")
    assert oauth_error(no_scope)[:2] == (403, "invalid_scope")
    assert not org.frontdoors


async def test_the_older_front_door_takes_a_session_id_by_post() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with http(org) as client, http(org) as other:
        good = await client.post(
            "/secur/frontdoor.jsp", data={"sid": signed_in(org, ada).token, "retURL": EDIT}
        )
        away = await client.post(
            "/secur/frontdoor.jsp",
            data={"sid": signed_in(org, ada).token, "retURL": "https://evil.example"},
        )
        bad = await other.post("/secur/frontdoor.jsp", data={"sid": "x", "retURL": EDIT})
        narrow = await other.post(
            "/secur/frontdoor.jsp", data={"sid": signed_in(org, ada, {"api"}).token}
        )
    assert (good.headers["location"], away.headers["location"]) == (EDIT, "/")
    assert bad.headers["location"].startswith("/?ec=302")
    assert narrow.headers["location"].startswith("/?ec=302")


async def test_a_frozen_user_gets_no_browser_session() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with http(org) as client:
        address = (await ask(client, signed_in(org, ada))).json()["frontdoor_uri"]
        ada.is_frozen = True
        entered = await client.get(address)
    assert entered.headers["location"].startswith("/?ec=302")
    assert org.logins[-1].status == "User Is Frozen"


async def test_logging_out_ends_the_browser_session() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    api = signed_in(org, ada)
    async with http(org) as client:
        await client.get((await ask(client, api)).json()["frontdoor_uri"])
        sid = client.cookies["sid"]
        await client.get("/secur/logout.jsp")
        after = await client.get(EDIT, headers={"Cookie": f"sid={sid}"})
    assert org.session(sid) is None
    assert org.session(api.token) is api
    assert after.status_code == 302


async def test_an_access_token_is_no_browser_session() -> None:
    org, _ = acme_now()
    session = signed_in(org, org.person("ada"))
    async with http(org) as client:
        response = await client.get(EDIT, headers={"Cookie": f"sid={session.token}"})
    assert response.status_code == 302
    assert response.headers["location"].startswith("/?ec=302&startURL=%2F_ui%2F")


async def test_a_person_logs_in_by_hand_with_the_password_alone() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    fields = {"un": ada.username, "pw": ada.password, "startURL": EDIT}
    async with http(org) as client:
        wrong = await client.post("/", data=fields | {"pw": "x"})
        right = await client.post("/", data=fields)
        page = await client.get(EDIT)
    assert "Please check your username and password" in wrong.text
    assert (right.status_code, right.headers["location"]) == (302, EDIT)
    assert page.status_code == 200
    assert [(each.client.login_type, each.status) for each in org.logins[-2:]] == [
        ("Application", "Invalid Password"),
        ("Application", "Success"),
    ]


async def test_the_mailed_link_opens_a_page_to_choose_a_password() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    path = "/_ui/system/security/ChangePassword"
    org.password_links["code"] = ada
    async with http(org) as client:
        page = await client.get(path, params={"c": "code'>"})
        short = await client.post(path, data={"c": "code", "newpassword": "x"})
        done = await client.post(path, data={"c": "code", "newpassword": "long-enough-1"})
    assert "code&#x27;&gt;" in page.text
    assert "too short" in short.text
    assert "has been changed" in done.text
    assert ada.password == "long-enough-1"
