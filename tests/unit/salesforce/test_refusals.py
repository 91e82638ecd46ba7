"""Names for refusals, and how long to wait."""

import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from services.salesforce.assertion import Grant, audience
from services.salesforce.errors import (
    LimitReached,
    NotPermitted,
    OutcomeUnknown,
    PageRefused,
    SalesforceError,
    Unavailable,
)
from services.salesforce.refusals import broken, never_left, refusal, retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("9" * 400, 999999.0),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds


def test_retry_after_a_date_to_come() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    seconds = retry_after({"Retry-After": moment})
    assert seconds is not None
    assert 50 < seconds <= 60


@given(st.integers(300, 599), st.binary(max_size=200), st.text(max_size=30))
def test_any_refusal_has_a_name_of_ours(status: int, body: bytes, wait: str) -> None:
    error = refusal(status, {"Retry-After": wait}, body, needs="Manage Users")
    assert error.code == f"http_{status}"


# Hypothesis also tries words of our own source; no code of Salesforce's ends like this.
@given(st.text(max_size=40).map(lambda text: f"{text}_"))
def test_a_code_from_outside_is_passed_on_only_if_it_is_known(code: str) -> None:
    body = f'[{{"errorCode": "{code.encode("unicode_escape").decode()}"}}]'.encode()
    assert refusal(400, {}, body, needs="x").code == "http_400"


@pytest.mark.parametrize(
    "error",
    [
        SalesforceError("x"),
        Unavailable("http_503", retry_after=2.0),
        LimitReached("REQUEST_LIMIT_EXCEEDED"),
        NotPermitted("http_403", needs="Manage Users"),
        PageRefused("no_button"),
        OutcomeUnknown("read_timeout"),
    ],
)
def test_an_error_survives_pickling(error: SalesforceError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)


def test_only_a_connection_that_was_never_made_is_proof() -> None:
    refused = pytest.raises(requests.ConnectionError)
    with refused as caught:
        requests.get("http://127.0.0.1:1/", timeout=1)
    assert never_left(caught.value)
    assert never_left(requests.ConnectTimeout())
    for error in (
        requests.ReadTimeout(),
        requests.ConnectionError("reset"),
        requests.exceptions.SSLError(),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ProxyError(),
    ):
        assert not never_left(error)
        assert broken(error).code in {"read_timeout", "connection_broken", "tls_failed"}


@pytest.mark.parametrize(
    ("login_url", "expected"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://LOGIN.salesforce.com/", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--uat.my.salesforce.com", "https://test.salesforce.com"),
        ("https://cs42.salesforce.com", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_the_audience_is_the_authorization_server(login_url: str, expected: str) -> None:
    assert audience(login_url) == expected


def test_a_grant_does_not_show_its_token() -> None:
    assert "SECRET" not in repr(Grant("SECRET", "https://acme.my.salesforce.com"))
