"""Who needs a token, a code or an address, and what a profile and a permission set say of it."""

from ipaddress import ip_network

import pytest

from sandbox.salesforce.credentials import reset_token
from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.soql.execute import execute
from sandbox.salesforce.users import User
from tests.unit.sandbox.salesforce_org import (
    TOKEN,
    acme_now,
    http,
    oauth_error,
    soql,
)

SOAP = "/services/Soap/u/59.0"
OUTSIDE, INSIDE = "203.0.113.20", "10.20.0.5"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:p="urn:partner.soap.sforce.com"><e:Body><p:login><p:username>{}</p:username>'
    "<p:password>{}</p:password></p:login></e:Body></e:Envelope>"
)


async def soap(org: SeededOrg, user: User, secret: str, address: str = OUTSIDE) -> tuple[str, str]:
    """The answer, and the Status that the attempt left."""
    async with http(org, address) as client:
        response = await client.post(SOAP, content=ENVELOPE.format(user.username, secret))
    return response.text, org.logins[-1].status


@pytest.fixture
def org() -> SeededOrg:
    return acme_now()[0]


@pytest.fixture
def ada(org: SeededOrg) -> User:
    return org.person("ada")


@pytest.fixture
def with_code(org: SeededOrg, ada: User) -> User:
    """Ada, who has *MFA for API Logins*."""
    org.add_permission_set("Mfa_For_Api", {"TwoFactorApi"})
    org.assign(ada, "Mfa_For_Api")
    return ada


@pytest.fixture
def with_ranges(ada: User) -> User:
    """Ada, whose profile has login IP ranges."""
    ada.profile.login_ip_ranges = [ip_network("10.20.0.0/16"), ip_network("2001:db8::/32")]
    return ada


async def test_with_mfa_for_api_a_code_takes_the_tokens_place(
    org: SeededOrg, with_code: User
) -> None:
    assert len(with_code.authenticator_code) == 6
    code = with_code.password + with_code.authenticator_code
    assert (await soap(org, with_code, code))[1] == "Success"
    reset_token(org, with_code)
    assert (await soap(org, with_code, code))[1] == "Success"
    token = with_code.password + with_code.security_token
    assert (await soap(org, with_code, token))[1] == "Invalid Password"
    org.trusted_networks.append(ip_network("10.20.0.0/16"))
    bare = await soap(org, with_code, with_code.password, INSIDE)
    assert bare[1] == "Failed: API security token required"


async def test_with_mfa_for_api_a_browser_still_takes_the_password(
    org: SeededOrg, with_code: User
) -> None:
    async with http(org) as client:
        fields = {"un": with_code.username, "pw": with_code.password}
        assert (await client.post("/", data=fields)).status_code == 302
    assert org.logins[-1].status == "Success"


@pytest.mark.parametrize("address", [INSIDE, "2001:db8::7"])
async def test_inside_the_profiles_ranges_no_token_is_needed(
    org: SeededOrg, with_ranges: User, address: str
) -> None:
    assert (await soap(org, with_ranges, with_ranges.password, address))[1] == "Success"
    token = with_ranges.password + with_ranges.security_token
    assert (await soap(org, with_ranges, token, address))[1] == "Success"
    assert (await soap(org, with_ranges, "wrong", address))[1] == "Invalid Password"


@pytest.mark.parametrize("secret", ["right", "wrong"])
async def test_outside_them_nothing_gets_in_and_nothing_counts_towards_a_lock(
    org: SeededOrg, with_ranges: User, secret: str
) -> None:
    org.trusted_networks.append(ip_network(f"{OUTSIDE}/32"))
    given = with_ranges.password + with_ranges.security_token if secret == "right" else "x"
    text, status = await soap(org, with_ranges, given)
    assert "LOGIN_DURING_RESTRICTED_DOMAIN" in text
    assert (status, with_ranges.failed_logins) == ("Restricted IP", 0)


async def test_the_password_flow_and_the_browser_keep_to_the_ranges_too(
    org: SeededOrg, with_ranges: User
) -> None:
    app = org.app("dataloader.io")
    fields = {
        "grant_type": "password",
        "client_id": app.consumer_key,
        "client_secret": app.consumer_secret,
        "username": with_ranges.username,
        "password": with_ranges.password + with_ranges.security_token,
    }
    async with http(org, OUTSIDE) as client:
        refused = await client.post(TOKEN, data=fields)
        page = await client.post("/", data={"un": with_ranges.username, "pw": with_ranges.password})
    assert oauth_error(refused) == (400, "invalid_grant", "ip restricted")
    assert "check your username" in page.text
    assert [row.status for row in org.logins[-2:]] == ["Restricted IP"] * 2


def test_profiles_and_permission_sets_show_these_permissions(org: SeededOrg, ada: User) -> None:
    org.add_permission_set("Sso", {"IsSsoEnabled", "TwoFactorApi"})
    org.assign(ada, "Sso")
    fields = ("PermissionsTwoFactorApi", "PermissionsIsSsoEnabled")
    of_profile = ", ".join(f"Profile.{field}" for field in fields)
    of_sets = ", ".join(f"PermissionSet.{field}" for field in fields)
    children = f"({soql(of_sets, 'PermissionSetAssignments')})"
    query = soql(f"{of_profile}, {children}", "User", f"WHERE Id = '{ada.id}'")
    (row,) = execute(org, org.bot_user, query, "").records
    assert [row["Profile"][field] for field in fields] == [False, False]
    sets = [each["PermissionSet"] for each in row["PermissionSetAssignments"]["records"]]
    assert [sum(each[field] for each in sets) for field in fields] == [1, 1]
