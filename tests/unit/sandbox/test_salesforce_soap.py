from typing import TYPE_CHECKING

import pytest

from sandbox.salesforce.app import create_app
from sandbox.salesforce.credentials import reset_password, reset_token
from sandbox.serving import serving
from tests.unit.sandbox.salesforce_org import DATA, acme_now, http

if TYPE_CHECKING:
    from sandbox.salesforce.clients import TokenClient

SOAP = "/services/Soap/u/59.0"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:p="urn:{api}.soap.sforce.com"><e:Body>{body}</e:Body></e:Envelope>'
)


def envelope(password: str, api: str = "partner") -> str:
    body = f"<p:login><p:username>ada@acme.example</p:username><p:password>{password}</p:password>"
    return ENVELOPE.format(api=api, body=body + "</p:login>")


async def test_soap_login_checks_password_and_token_and_names_the_program() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with serving(create_app(org)) as origin:
        loader = org.data_loader(ada, origin)
        works = await loader.login()
        loader.paste_token("")
        bare = await loader.login()
        loader.paste_token("wrong")
        wrong = await loader.login()
    assert works.ok
    assert works.access_token in org.sessions
    assert (bare.error or "").startswith("LOGIN_MUST_USE_SECURITY_TOKEN: Invalid username")
    assert (wrong.error or "").startswith("INVALID_LOGIN: Invalid username, password")
    first, second, third = org.logins[-3:]
    assert (first.status, second.status, third.status) == (
        "Success",
        "Failed: API security token required",
        "Invalid Password",
    )
    client = first.client
    assert (client.login_type, client.login_subtype, client.application, client.client_version) == (
        "Other Apex API",
        None,
        "Data Loader",
        "59.0.0",
    )
    assert (client.api_type, client.api_version) == ("SOAP Partner", "59.0")
    assert first.source_ip == "203.0.113.20"


async def test_a_token_reset_breaks_programs_with_the_token_until_it_is_pasted() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    async with serving(create_app(org)) as origin:
        programs: list[TokenClient] = [
            org.data_loader(ada, origin),
            org.acme_etl(ada, origin),
            org.dataloader_io(ada, origin),
        ]
        outlook = org.outlook(ada, origin)
        before = [(await each.login()).ok for each in programs]
        reset_token(org, ada)
        after = [(await each.login()).ok for each in programs]
        mailed = org.mailbox(ada.email)[-1].security_token
        assert mailed
        for each in programs:
            each.paste_token(mailed)
        mended = [(await each.login()).ok for each in programs]
        untouched = await outlook.login()
    assert (before, after, mended) == ([True] * 3, [False] * 3, [True] * 3)
    assert untouched.ok


async def test_a_locked_user_is_refused_with_the_same_words() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    ada.is_password_locked = True
    async with http(org) as client:
        response = await client.post(SOAP, content=envelope(ada.password + ada.security_token))
    assert response.status_code == 500
    assert "INVALID_LOGIN" in response.text
    assert org.logins[-1].status == "Password Lockout"


async def test_an_expired_password_logs_in_but_does_nothing() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    temporary = reset_password(org, org.bot_user, ada)
    async with http(org) as client:
        response = await client.post(SOAP, content=envelope(temporary + ada.security_token))
        (session,) = org.sessions.values()
        headers = {"Authorization": f"Bearer {session.token}"}
        used = await client.get(f"{DATA}/limits", headers=headers)
    assert "<passwordExpired>true</passwordExpired>" in response.text
    assert used.status_code == 403
    assert used.json()[0]["errorCode"] == "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"


async def test_the_enterprise_api_is_served_too_and_names_itself() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    content = envelope(ada.password + ada.security_token, "enterprise")
    async with http(org) as client:
        response = await client.post("/services/Soap/c/52.0", content=content)
    assert response.status_code == 200
    assert org.logins[-1].client.api_type == "SOAP Enterprise"


@pytest.mark.parametrize("path", ["u/65.0", "u/66.0", "x/59.0", "u/latest"])
async def test_versions_without_login_refuse_it(path: str) -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    content = envelope(ada.password + ada.security_token)
    async with http(org) as client:
        response = await client.post(f"/services/Soap/{path}", content=content)
    assert response.status_code == 500
    assert "UNSUPPORTED_API_VERSION" in response.text
    assert not org.sessions


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<not xml", "INVALID_SOAP"),
        ("", "INVALID_SOAP"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "INVALID_SOAP"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "INVALID_SOAP"),
        (ENVELOPE.format(api="partner", body="<p:query/>"), "INVALID_OPERATION"),
    ],
)
async def test_a_bad_envelope_is_a_fault_and_expands_nothing(content: str, code: str) -> None:
    org, _ = acme_now()
    async with http(org) as client:
        response = await client.post(SOAP, content=content)
    assert response.status_code == 500
    assert f"<faultcode>sf:{code}</faultcode>" in response.text
    assert "root:" not in response.text
