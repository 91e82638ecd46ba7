"""Which hosts may be sent a token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.salesforce.hosts import is_loopback, may_receive_token, origin

LOGIN = "https://login.salesforce.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://login.salesforce.com/services/oauth2/token",
        "https://acme.my.salesforce.com",
        "https://acme.my.salesforce.com:443/x?y#z",
        "https://ACME--uat.sandbox.my.Salesforce.com/",
        "https://acme.lightning.force.com/",
        "https://acme.my.salesforce.mil",
    ],
)
def test_salesforces_own_hosts_may(url: str) -> None:
    assert may_receive_token(url, LOGIN)


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
        "https://acme..salesforce.com/",
        "https://.salesforce.com/",
        f"https://{'a' * 64}.salesforce.com/",
        "https://acme.my.salesforce.com:0/",
        "https://acme.my.salesforce.com:99999/",
        "https://acmе.salesforce.com/",  # noqa: RUF001 - a Cyrillic letter, on purpose
        "//acme.my.salesforce.com/",
        "javascript:alert(1)//.salesforce.com",
        "http://127.0.0.1:8000/",
        "",
    ],
)
def test_others_may_not(url: str) -> None:
    assert not may_receive_token(url, LOGIN)


def test_plain_http_only_to_a_loopback_login_origin_itself() -> None:
    login = "http://127.0.0.1:8000"
    assert may_receive_token("http://127.0.0.1:8000/services", login)
    assert not may_receive_token("http://127.0.0.1:8001/services", login)
    assert not may_receive_token("http://localhost:8000/services", login)
    assert not may_receive_token("http://login.example/x", "http://login.example")


def test_a_login_origin_of_ones_own_may() -> None:
    assert may_receive_token("https://login.acme.example/x", "https://login.acme.example/")
    assert not may_receive_token("https://other.acme.example/x", "https://login.acme.example/")


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
def test_what_may_receive_a_token_is_always_a_salesforce_host(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}.salesforce.com/"):
        if may_receive_token(url, LOGIN):
            own = origin(url)
            assert own is not None
            assert own.startswith("https://")
            assert own.endswith((".salesforce.com", ".force.com", ".salesforce.mil"))
            assert url.lower().startswith(own)
