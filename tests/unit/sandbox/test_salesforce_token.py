from ipaddress import ip_network

import pytest

from sandbox.salesforce.apps import key_pair
from sandbox.salesforce.seed import RESETTABLE, SeededOrg
from tests.unit.sandbox.salesforce_org import (
    DATA,
    JWT_GRANT,
    TOKEN,
    acme_now,
    claims,
    exchange,
    http,
    oauth_error,
)


async def test_a_signed_assertion_gives_a_token_that_works() -> None:
    org, _ = acme_now()
    async with http(org, "203.0.113.9") as client:
        payload = claims(org, "Reset.Bot@acme.example", iss=org.bot_consumer_key)
        answer = (await exchange(client, org.bot_private_key_pem, payload)).json()
        used = await client.get(
            f"{DATA}/limits", headers={"Authorization": f"Bearer {answer['access_token']}"}
        )
    assert answer["instance_url"] == org.origin
    assert answer["id"].endswith(f"/id/{org.id}/{org.bot_user.id}")
    assert "id_token" not in answer
    assert used.status_code == 200
    login = org.logins[-1]
    assert (login.user_id, login.source_ip, login.status) == (
        org.bot_user.id,
        "203.0.113.9",
        "Success",
    )
    assert (login.client.login_type, login.client.application) == (
        "Remote Access 2.0",
        "Reset Token",
    )


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "3MVG9nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"aud": "https://evil.example"}, "invalid_grant", "audience is invalid"),
        ({"aud": None}, "invalid_grant", "audience is invalid"),
        ({"exp": 1}, "invalid_grant", "invalid assertion"),
        ({"exp": 4_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
        ({"exp": True}, "invalid_grant", "invalid assertion"),
        ({"sub": "nobody@acme.example"}, "invalid_grant", "user hasn't approved this consumer"),
        (
            {"sub": "ben@acme.example.prod"},
            "invalid_app_access",
            "user is not admin approved to access this app",
        ),
    ],
)
async def test_an_assertion_that_claims_wrongly_is_refused(
    changes: dict[str, object], error: str, description: str
) -> None:
    org, _ = acme_now()
    logins = len(org.logins)
    async with http(org) as client:
        payload = {
            name: value
            for name, value in claims(org, "ada@acme.example", **changes).items()
            if value is not None
        }
        response = await exchange(client, org.user_app_private_key_pem, payload)
    assert oauth_error(response) == (400, error, description)
    assert not org.sessions
    assert len(org.logins) == logins


async def test_a_signature_by_another_key_is_refused() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        response = await exchange(
            client, key_pair("someone else").private, claims(org, "ada@acme.example")
        )
        unsigned = await exchange(client, "", claims(org, "ada@acme.example"), "none")
        symmetric = await exchange(client, "k" * 32, claims(org, "ada@acme.example"), "HS256")
        garbage = await client.post(TOKEN, data={"grant_type": JWT_GRANT, "assertion": "a.b.c"})
    for each in (response, unsigned, symmetric, garbage):
        assert oauth_error(each) == (400, "invalid_grant", "invalid assertion")


async def test_an_app_without_a_key_takes_no_assertion() -> None:
    org, _ = acme_now()
    payload = claims(org, "ada@acme.example", iss=org.app("Outlook").consumer_key)
    async with http(org) as client:
        response = await exchange(client, org.user_app_private_key_pem, payload)
    assert oauth_error(response) == (400, "invalid_grant", "invalid assertion")


async def test_a_self_authorised_app_needs_the_users_approval() -> None:
    org, _ = acme_now()
    org.user_app.permission_set = None
    async with http(org) as client:
        before = await exchange(
            client, org.user_app_private_key_pem, claims(org, "ada@acme.example")
        )
        org.add_grant(org.user_app.name, org.person("ada"))
        after = await exchange(
            client, org.user_app_private_key_pem, claims(org, "ada@acme.example")
        )
    assert oauth_error(before) == (400, "invalid_grant", "user hasn't approved this consumer")
    assert after.status_code == 200


async def test_inactive_and_frozen_users_are_refused_and_written_down() -> None:
    org, _ = acme_now()
    pia, ada = org.person("pia"), org.person("ada")
    org.assign(pia, RESETTABLE)
    ada.is_frozen = True
    async with http(org) as client:
        inactive = await exchange(client, org.user_app_private_key_pem, claims(org, pia.username))
        frozen = await exchange(client, org.user_app_private_key_pem, claims(org, ada.username))
    assert oauth_error(inactive)[:2] == (400, "inactive_user")
    assert oauth_error(frozen)[:2] == (400, "invalid_grant")
    assert [each.status for each in org.logins[-2:]] == ["User is Inactive", "User Is Frozen"]


def password_form(org: SeededOrg, password: str, **changes: str) -> dict[str, str]:
    app = org.app("dataloader.io")
    return {
        "grant_type": "password",
        "client_id": app.consumer_key,
        "client_secret": app.consumer_secret,
        "username": "ada@acme.example",
        "password": password,
    } | changes


async def test_the_password_flow_checks_password_and_token() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with http(org) as client:
        both = await client.post(TOKEN, data=password_form(org, ada.password + ada.security_token))
        bare = await client.post(TOKEN, data=password_form(org, ada.password))
        swapped = ada.password + ada.security_token.swapcase()
        wrong = await client.post(TOKEN, data=password_form(org, swapped))
        nobody = await client.post(TOKEN, data=password_form(org, "x", username="no@acme.example"))
        secret = await client.post(TOKEN, data=password_form(org, "x", client_secret="x"))
        app = await client.post(TOKEN, data=password_form(org, "x", client_id="x"))
    assert both.status_code == 200
    assert oauth_error(bare) == (400, "invalid_grant", "Failed: API security token required")
    assert oauth_error(wrong) == (400, "invalid_grant", "authentication failure")
    assert oauth_error(nobody) == (400, "invalid_grant", "authentication failure")
    assert oauth_error(secret)[1] == "invalid_client"
    assert oauth_error(app)[1] == "invalid_client_id"
    last = org.logins_of[ada.id][-3:]
    assert [each.status for each in last] == [
        "Success",
        "Failed: API security token required",
        "Invalid Password",
    ]
    assert {each.client.login_subtype for each in last} == {"OauthUsernamePassword"}


async def test_a_trusted_address_needs_no_token() -> None:
    org, _ = acme_now()
    org.trusted_networks = [ip_network("203.0.113.0/24")]
    ada = org.person("ada")
    async with http(org, "203.0.113.9") as inside, http(org, "198.51.100.7") as outside:
        trusted = await inside.post(TOKEN, data=password_form(org, ada.password))
        with_token = await inside.post(
            TOKEN, data=password_form(org, ada.password + ada.security_token)
        )
        wrong = await inside.post(TOKEN, data=password_form(org, ada.password + "x"))
        untrusted = await outside.post(TOKEN, data=password_form(org, ada.password))
    assert [each.status_code for each in (trusted, with_token, wrong, untrusted)] == [
        200,
        200,
        400,
        400,
    ]


async def test_too_many_wrong_passwords_lock_the_user_out() -> None:
    org, _ = acme_now()
    org.lockout_after = 3
    ada = org.person("ada")
    right = ada.password + ada.security_token
    async with http(org) as client:
        for _ in range(2):
            await client.post(TOKEN, data=password_form(org, "wrong"))
        assert (await client.post(TOKEN, data=password_form(org, right))).status_code == 200
        for _ in range(3):
            await client.post(TOKEN, data=password_form(org, "wrong"))
        locked = await client.post(TOKEN, data=password_form(org, right))
    assert ada.is_password_locked
    assert oauth_error(locked) == (400, "invalid_grant", "authentication failure")
    assert org.logins[-1].status == "Password Lockout"


async def test_a_missing_token_alone_locks_nobody_out() -> None:
    org, _ = acme_now()
    org.lockout_after = 1
    ada = org.person("ada")
    async with http(org) as client:
        await client.post(TOKEN, data=password_form(org, ada.password))
    assert not ada.is_password_locked


async def test_a_temporary_password_gives_no_token() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    ada.password_expired = True
    async with http(org) as client:
        response = await client.post(
            TOKEN, data=password_form(org, ada.password + ada.security_token)
        )
    assert oauth_error(response)[1] == "invalid_grant"
    assert not org.sessions


async def test_a_refresh_token_works_until_its_grant_is_gone() -> None:
    org, _ = acme_now()
    (grant,) = [each for each in org.grants if each.app == "Outlook"]
    fields = {
        "grant_type": "refresh_token",
        "client_id": org.app("Outlook").consumer_key,
        "refresh_token": grant.refresh_token,
    }
    async with http(org) as client:
        works = await client.post(TOKEN, data=fields)
        other_app = await client.post(
            TOKEN, data=fields | {"client_id": org.app("dataloader.io").consumer_key}
        )
        org.grants.remove(grant)
        gone = await client.post(TOKEN, data=fields)
    assert works.status_code == 200
    assert (grant.use_count, grant.last_used) == (1, org.clock())
    assert org.logins[-1].client.login_subtype == "OauthRefreshToken"
    for each in (other_app, gone):
        assert oauth_error(each) == (400, "invalid_grant", "expired access/refresh token")


async def test_client_credentials_act_as_the_apps_own_user() -> None:
    org, _ = acme_now()
    app = org.app("Acme Warehouse")
    fields = {
        "grant_type": "client_credentials",
        "client_id": app.consumer_key,
        "client_secret": app.consumer_secret,
    }
    async with http(org) as client:
        works = await client.post(TOKEN, data=fields)
        wrong = await client.post(TOKEN, data=fields | {"client_secret": "x"})
        app.run_as = None
        nobody = await client.post(TOKEN, data=fields)
    assert works.json()["id"].endswith(org.user("svc.etl@acme.example").id)
    assert oauth_error(wrong)[1] == "invalid_client"
    assert oauth_error(nobody)[1] == "invalid_grant"


async def test_another_grant_type_and_another_content_type_are_refused() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        unknown = await client.post(TOKEN, data={"grant_type": "magic"})
        as_json = await client.post(TOKEN, json={"grant_type": "password"})
    assert oauth_error(unknown)[1] == "unsupported_grant_type"
    assert oauth_error(as_json)[1] == "unsupported_grant_type"


async def test_a_session_ends_by_time() -> None:
    org, clock = acme_now()
    async with http(org) as client:
        payload = claims(org, org.bot_user.username, iss=org.bot_consumer_key)
        answer = (await exchange(client, org.bot_private_key_pem, payload)).json()
        clock.forward(2 * 3600)
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        late = await client.get(f"{DATA}/limits", headers=headers)
    assert late.status_code == 401
