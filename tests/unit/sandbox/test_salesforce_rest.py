import httpx
import pytest

from sandbox.salesforce.records import Client, ResetKind
from sandbox.salesforce.seed import SeededOrg
from tests.unit.sandbox.salesforce_org import (
    DATA,
    acme_now,
    bearer,
    http,
    rest_error,
    signed_in,
    soql,
)


async def ask(client: httpx.AsyncClient, org: SeededOrg, query: str) -> httpx.Response:
    headers = bearer(signed_in(org, org.bot_user))
    return await client.get(f"{DATA}/query", params={"q": query}, headers=headers)


async def test_the_versions_need_no_login_and_the_rest_does() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        versions = (await client.get("/services/data")).json()
        anonymous = await client.get(f"{DATA}/")
        known = await client.get(f"{DATA}/", headers=bearer(signed_in(org, org.bot_user)))
        unknown = await client.get(
            "/services/data/v99.0/limits", headers=bearer(signed_in(org, org.bot_user))
        )
    assert {"label", "url", "version"} == set(versions[0])
    assert rest_error(anonymous) == (401, "INVALID_SESSION_ID")
    assert known.json()["query"] == f"{DATA}/query"
    assert rest_error(unknown) == (404, "NOT_FOUND")


async def test_a_session_must_live_and_its_user_have_the_api_and_the_scope() -> None:
    org, _ = acme_now()
    path = f"{DATA}/limits"
    org.add_profile("Nobody")
    offline = org.add_user("x@acme.example", "x@acme.example", "X Y", profile="Nobody")
    web_only = signed_in(org, org.bot_user, {"web"})
    ended = signed_in(org, org.bot_user)
    ended.expires = org.clock()
    dismissed = signed_in(org, org.person("eve"))
    org.person("eve").is_active = False
    async with http(org) as client:
        answers = {
            "fine": await client.get(path, headers=bearer(signed_in(org, org.bot_user))),
            "no API": await client.get(path, headers=bearer(signed_in(org, offline))),
            "no scope": await client.get(path, headers=bearer(web_only)),
            "ended": await client.get(path, headers=bearer(ended)),
            "dismissed": await client.get(path, headers=bearer(dismissed)),
            "made up": await client.get(path, headers={"Authorization": "Bearer x"}),
        }
    assert {name: each.status_code for name, each in answers.items()} == {
        "fine": 200,
        "no API": 403,
        "no scope": 403,
        "ended": 401,
        "dismissed": 401,
        "made up": 401,
    }


async def test_a_browser_session_is_no_api_session() -> None:
    org, _ = acme_now()
    login = org.record_login(org.bot_user, Client("Application"), "192.0.2.1")
    session = org.open_session(login, "UI", {"web", "api"})
    async with http(org) as client:
        response = await client.get(f"{DATA}/limits", headers=bearer(session))
    assert rest_error(response) == (401, "INVALID_SESSION_ID")


async def test_more_than_two_thousand_records_come_in_pages() -> None:
    org, _ = acme_now()
    etl = org.user("svc.etl@acme.example")
    headers = bearer(signed_in(org, org.bot_user))
    query = soql("Id", "LoginHistory", f"WHERE UserId = '{etl.id}'")
    async with http(org) as client:
        first = (await client.get(f"{DATA}/query", params={"q": query}, headers=headers)).json()
        second = (await client.get(first["nextRecordsUrl"], headers=headers)).json()
        lost = await client.get(f"{DATA}/query/01gx-2000", headers=headers)
    assert (first["done"], second["done"], len(first["records"])) == (False, True, 2000)
    ids = {row["Id"] for row in first["records"] + second["records"]}
    assert len(ids) == first["totalSize"] == len(org.logins_of[etl.id])
    assert "nextRecordsUrl" not in second
    assert rest_error(lost) == (404, "NOT_FOUND")


async def test_a_refused_query_and_a_too_long_one_have_their_codes() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        malformed = await ask(client, org, "SELECT")
        long = await ask(client, org, soql("Id", "User", f"WHERE Name = '{'x' * 17_000}'"))
        count = await ask(client, org, "SELECT COUNT() FROM User WHERE IsActive = false")
    assert rest_error(malformed) == (400, "MALFORMED_QUERY")
    assert long.status_code == 414
    assert count.json() == {"totalSize": 1, "done": True, "records": []}


async def test_a_users_fields_are_read_by_name() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    headers = bearer(signed_in(org, org.bot_user))
    path = f"{DATA}/sobjects/User/{ada.id}"
    async with http(org) as client:
        some = await client.get(path, params={"fields": "Email,IsActive"}, headers=headers)
        every = await client.get(path, headers=headers)
        wrong = await client.get(path, params={"fields": "Email,Foo"}, headers=headers)
        nobody = await client.get(f"{DATA}/sobjects/User/{ada.id[:14]}x", headers=headers)
    assert {"Email": ada.email, "IsActive": True}.items() <= some.json().items()
    assert "Username" not in some.json()
    assert every.json()["Username"] == ada.username
    assert rest_error(wrong) == (400, "INVALID_FIELD")
    assert rest_error(nobody) == (404, "NOT_FOUND")


async def test_a_password_reset_voids_both_unlocks_and_mails_a_link_only() -> None:
    org, clock = acme_now()
    ada = org.person("ada")
    password, token, before = ada.password, ada.security_token, ada.last_password_change
    ada.is_password_locked = True
    clock.forward(60)
    async with http(org) as client:
        response = await client.delete(
            f"{DATA}/sobjects/User/{ada.id}/password",
            headers=bearer(signed_in(org, org.bot_user)),
        )
    assert response.status_code == 200
    assert response.json() == {"NewPassword": ada.password}
    assert ada.password != password
    assert ada.security_token != token
    assert ada.last_password_change > before
    assert not ada.is_password_locked
    assert ada.password_expired
    assert [(each.kind, each.user_id) for each in org.resets] == [(ResetKind.PASSWORD, ada.id)]
    (mail,) = org.mailbox("ADA@acme.example")
    assert mail.security_token is None
    assert ada.security_token not in mail.text
    (change,) = org.setup_changes
    assert (change.action, change.by) == ("resetpassword", org.bot_user)
    assert "Reset password for user ada@acme.example" in change.display


async def test_the_new_token_comes_once_a_permanent_password_is_set() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with http(org) as client:
        await client.delete(
            f"{DATA}/sobjects/User/{ada.id}/password",
            headers=bearer(signed_in(org, org.bot_user)),
        )
        (link,) = org.mailbox(ada.email)
        org.set_password_from_link(link, "a-permanent-1A")
        again = await client.post(
            "/_ui/system/security/ChangePassword",
            data={"c": link.link_code or "", "newpassword": "another-one-1A"},
        )
    assert (ada.password, ada.password_expired) == ("a-permanent-1A", False)
    assert org.mailbox(ada.email)[-1].subject == "Your new Salesforce security token"
    assert org.mailbox(ada.email)[-1].security_token == ada.security_token
    assert "used before" in again.text


async def test_resetting_a_password_takes_a_permission_and_a_user() -> None:
    org, _ = acme_now()
    ada, pia = org.person("ada"), org.person("pia")
    path = f"{DATA}/sobjects/User/%s/password"
    bot = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        forbidden = await client.delete(path % ada.id, headers=bearer(signed_in(org, ada)))
        anonymous = await client.delete(path % ada.id)
        nobody = await client.delete(path % "005000000000000", headers=bot)
        inactive = await client.delete(path % pia.id, headers=bot)
        wrong_method = await client.get(path % ada.id, headers=bot)
    assert rest_error(forbidden) == (403, "INSUFFICIENT_ACCESS")
    assert rest_error(anonymous) == (401, "INVALID_SESSION_ID")
    assert rest_error(nobody) == (404, "NOT_FOUND")
    assert rest_error(inactive)[0] == 400
    assert rest_error(wrong_method) == (405, "METHOD_NOT_ALLOWED")
    assert (org.resets, org.mails) == ([], [])


async def test_a_user_is_frozen_thawed_and_unlocked() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    ada.is_password_locked, ada.failed_logins = True, 10
    path = f"{DATA}/sobjects/UserLogin/{ada.login_id}"
    headers = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        frozen = await client.patch(path, json={"IsFrozen": True}, headers=headers)
        seen = (await ask(client, org, "SELECT UserId FROM UserLogin WHERE IsFrozen = true")).json()
        thawed = await client.patch(
            path, json={"IsFrozen": False, "IsPasswordLocked": False}, headers=headers
        )
    assert (frozen.status_code, thawed.status_code) == (204, 204)
    assert [row["UserId"] for row in seen["records"]] == [ada.id]
    assert (ada.is_frozen, ada.is_password_locked, ada.failed_logins) == (False, False, 0)
    assert [each.action for each in org.setup_changes] == [
        "frozeuser",
        "unlockeduser",
        "unfrozeuser",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"IsPasswordLocked": True}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"IsFrozen": "yes"}, "JSON_PARSER_ERROR"),
        ({"UserId": "005"}, "INVALID_FIELD"),
        (["IsFrozen"], "JSON_PARSER_ERROR"),
    ],
)
async def test_locks_cannot_be_set_otherwise(changes: object, code: str) -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    path = f"{DATA}/sobjects/UserLogin/{ada.login_id}"
    async with http(org) as client:
        response = await client.patch(
            path, json=changes, headers=bearer(signed_in(org, org.bot_user))
        )
    assert rest_error(response) == (400, code)
    assert (ada.is_frozen, ada.is_password_locked) == (False, False)


async def test_freezing_and_ending_sessions_take_a_permission() -> None:
    org, _ = acme_now()
    ada, eve = org.person("ada"), org.person("eve")
    theirs = signed_in(org, ada)
    headers = bearer(signed_in(org, eve))
    async with http(org) as client:
        freeze = await client.patch(
            f"{DATA}/sobjects/UserLogin/{ada.login_id}", json={"IsFrozen": True}, headers=headers
        )
        end = await client.delete(f"{DATA}/sobjects/AuthSession/{theirs.id}", headers=headers)
    assert rest_error(freeze) == (403, "INSUFFICIENT_ACCESS")
    assert rest_error(end) == (403, "INSUFFICIENT_ACCESS")
    assert org.session(theirs.token) is theirs
    assert not ada.is_frozen


async def test_deleting_a_session_ends_it() -> None:
    org, _ = acme_now()
    theirs = signed_in(org, org.person("ada"))
    headers = bearer(signed_in(org, org.bot_user))
    path = f"{DATA}/sobjects/AuthSession/{theirs.id}"
    async with http(org) as client:
        ended = await client.delete(path, headers=headers)
        used = await client.get(f"{DATA}/limits", headers=bearer(theirs))
        again = await client.delete(path, headers=headers)
    assert ended.status_code == 204
    assert rest_error(used) == (401, "INVALID_SESSION_ID")
    assert rest_error(again) == (404, "NOT_FOUND")


async def test_limits_go_down_with_every_request() -> None:
    org, _ = acme_now()
    headers = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        first, second = [
            (await client.get(f"{DATA}/limits", headers=headers)).json()["DailyApiRequests"]
            for _ in range(2)
        ]
    assert first["Remaining"] - second["Remaining"] == 1


async def test_userinfo_names_the_bearer_only() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    path = "/services/oauth2/userinfo"
    async with http(org) as client:
        known = await client.get(path, headers=bearer(signed_in(org, ada)))
        unknown = await client.get(path)
    assert (known.json()["user_id"], known.json()["preferred_username"]) == (ada.id, ada.username)
    assert unknown.status_code == 403


async def test_revoking_ends_a_session_or_a_grant() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    session, other = signed_in(org, ada), signed_in(org, ada)
    grant = org.grants[0]
    login = org.record_login(ada, Client("Remote Access 2.0"), "192.0.2.1")
    of_grant = org.open_session(login, "Oauth2", {"api"}, grant.app)
    path = "/services/oauth2/revoke"
    async with http(org) as client:
        access = await client.post(path, data={"token": session.token})
        granted = await client.post(path, data={"token": grant.delete_token})
        unknown = await client.post(path, data={"token": "x"})
        nothing = await client.post(path)
        careless = await client.get(path, params={"token": other.token})
    assert [each.status_code for each in (access, granted, unknown, nothing, careless)] == [
        200,
        200,
        400,
        400,
        200,
    ]
    assert grant not in org.grants
    assert not {session.token, of_grant.token, other.token} & set(org.sessions)
    assert org.violations == ["a token in the address of a request"]


async def test_a_path_that_is_not_served_is_refused_in_its_own_form() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        api = await client.get(f"{DATA}/sobjects/Account/x")
        page = await client.get("/setup/nowhere")
    assert rest_error(api) == (404, "NOT_FOUND")
    assert page.status_code == 404
    assert "URL No Longer Exists" in page.text
