"""Which hosts may be sent a token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.salesforce.hosts import (
    is_instance,
    is_login_page,
    is_loopback,
    may_receive_token,
    names_an_org,
    origin,
)

ACME = "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://acme.my.salesforce.com/services/oauth2/token", ACME),
        ("https://acme.my.salesforce.com:443/x?y#z", ACME),
        ("https://ACME.my.Salesforce.com/", ACME),
        ("https://acme.lightning.force.com/", ACME),
        (ACME, "https://acme.lightning.force.com/one"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        (
            "https://acme-dev-ed.develop.lightning.force.com/",
            "https://acme-dev-ed.develop.my.salesforce.com",
        ),
        (
            "https://acme--uat.sandbox.lightning.force.com/",
            "https://acme--uat.sandbox.my.salesforce.com",
        ),
        ("https://acme--uat.sandbox.my.salesforce.com/", "https://acme--uat.my.salesforce.com"),
        ("https://acme--uat.lightning.force.com/", "https://acme--uat.cs12.my.salesforce.com"),
        ("https://na123.salesforce.com/x", "https://na123.salesforce.com"),
        ("https://login.salesforce.com/x", "https://login.salesforce.com"),
    ],
)
def test_the_orgs_own_hosts_may(url: str, known: str) -> None:
    assert may_receive_token(url, known)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com/",
        "https://acme.my.salesforce.com:8443/",
        "https://salesforce.com.evil.example/",
        "https://evilsalesforce.com/",
        "https://salesforce.com/",
        "https://acme.my.salesforce.com@evil.example/",
        "https://evil.example\\@acme.my.salesforce.com/",
        "https://evil.example\\.acme.my.salesforce.com/",
        "https://evil.example#.my.salesforce.com/",
        "https://evil.example?.my.salesforce.com/",
        "https://acme.my.salesforce.com\n.evil.example/",
        "https://acme.my.salesforce.com\t/",
        "https://acme..my.salesforce.com/",
        "https://.my.salesforce.com/",
        f"https://{'a' * 64}.my.salesforce.com/",
        "https://acme.my.salesforce.com:0/",
        "https://acme.my.salesforce.com:99999/",
        "https://acmе.my.salesforce.com/",  # noqa: RUF001 - a Cyrillic letter, on purpose
        "//acme.my.salesforce.com/",
        "javascript:alert(1)//.salesforce.com",
        "http://127.0.0.1:8000/",
        "",
        # Below Salesforce's domains, but another customer's, or with a customer's content.
        "https://evil.my.salesforce.com/",
        "https://evil.lightning.force.com/",
        "https://acme.evil.my.salesforce.com/",
        "https://evil.acme.my.salesforce.com/",
        "https://acme-.my.salesforce.com/",
        "https://acme--uat.my.salesforce.com/",
        "https://acme.develop.my.salesforce.com/",
        "https://acme.my.salesforce.mil/",
        "https://acme.lightning.force.mil/",
        "https://acme.force.com/",
        "https://acme.secure.force.com/",
        "https://acme--c.vf.force.com/",
        "https://acme.my.site.com/",
        "https://acme.my.salesforce.com.my.salesforce.com/",
        "https://x.acme.my.salesforce.com/",
        # Salesforce's own, but no host of this org's.
        "https://login.salesforce.com/",
        "https://na123.salesforce.com/",
    ],
)
def test_others_may_not(url: str) -> None:
    assert not may_receive_token(url, ACME)


@pytest.mark.parametrize("known", ["https://login.salesforce.com", "https://na123.salesforce.com"])
def test_a_host_of_many_orgs_names_none(known: str) -> None:
    assert not may_receive_token(ACME, known)


def test_plain_http_only_to_a_loopback_origin_itself() -> None:
    known = "http://127.0.0.1:8000"
    assert may_receive_token("http://127.0.0.1:8000/services", known)
    assert not may_receive_token("http://127.0.0.1:8001/services", known)
    assert not may_receive_token("http://localhost:8000/services", known)
    assert not may_receive_token(ACME, known)
    assert not may_receive_token("http://login.example/x", "http://login.example")


def test_a_login_origin_of_ones_own_may() -> None:
    assert may_receive_token("https://login.acme.example/x", "https://login.acme.example/")
    assert not may_receive_token("https://other.acme.example/x", "https://login.acme.example/")


@pytest.mark.parametrize(
    ("url", "org", "instance", "login"),
    [
        (f"{ACME}/x", True, False, False),
        ("https://na45.salesforce.com", False, True, False),
        ("https://usa123s.salesforce.com", False, True, False),
        ("https://login.salesforce.com/?ec=302", False, False, True),
        ("https://test.salesforce.com", False, False, True),
        ("https://help.salesforce.com", False, False, False),
        ("https://na45.salesforce.com.evil.example", False, False, False),
        ("https://evil.example", False, False, False),
        ("nonsense", False, False, False),
    ],
)
def test_what_a_host_is(url: str, org: bool, instance: bool, login: bool) -> None:
    assert (names_an_org(url), is_instance(url), is_login_page(url)) == (org, instance, login)


def test_an_origin_has_no_default_port_and_no_capitals() -> None:
    assert origin("HTTPS://Acme.My.Salesforce.com:0443/x") == "https://acme.my.salesforce.com"
    assert origin("http://[::1]:8000/") == "http://[::1]:8000"
    assert origin("ftp://acme.my.salesforce.com/") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/", True),
        ("http://127.8.0.1/", True),
        ("http://[::1]:1/", True),
        ("http://10.0.0.1/", False),
        ("https://localhost.evil.example/", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@given(st.text())
def test_what_may_receive_a_token_is_always_a_host_of_the_orgs(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}.my.salesforce.com/", f"{ACME}{text}"):
        if may_receive_token(url, ACME):
            own = origin(url)
            assert own in {ACME, "https://acme.lightning.force.com"}
            assert url.lower().startswith(own)
