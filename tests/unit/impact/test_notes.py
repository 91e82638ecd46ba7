from typing import Any

import pytest

from services.impact.assess import assess
from services.impact.model import FailedLately, Note
from services.orgs import ResetMethod
from services.salesforce.records import AccountLock, Login, LoginRules
from tests.unit.impact.readings import (
    BROWSER,
    JWT,
    NOW,
    OAUTH_PASSWORD,
    REFRESH,
    SOAP,
    SSO,
    USER,
    a_login,
    a_reading,
    ago,
    assessed,
)

WRONG = {"status": "Invalid Password"}


@pytest.mark.parametrize(
    ("part", "notes"),
    [
        ({"lock": AccountLock(is_frozen=False, is_password_locked=True)}, (Note.LOCKED,)),
        ({"lock": AccountLock(is_frozen=True, is_password_locked=False)}, ()),
        ({"rules": LoginRules(mfa_for_api=True)}, (Note.MFA_FOR_API,)),
        ({"rules": LoginRules(is_sso_enabled=True)}, (Note.DELEGATED_SSO,)),
        ({"rules": LoginRules()}, ()),
        ({}, ()),
    ],
)
def test_what_is_special_about_an_account(part: dict[str, Any], notes: tuple[Note, ...]) -> None:
    assert assessed(**part).notes == notes


def test_notes_come_in_the_order_in_which_they_are_shown() -> None:
    reading = a_reading(
        a_login(SSO),
        a_login(SSO, status="Restricted IP"),
        lock=AccountLock(is_frozen=False, is_password_locked=True),
        rules=LoginRules(mfa_for_api=True, is_sso_enabled=True),
    )
    user = USER.model_copy(update={"is_api_only": True})
    assert assess(reading, user, method=ResetMethod.TOKEN).notes == tuple(Note)


@pytest.mark.parametrize(
    ("rows", "is_sso_only"),
    [
        ([a_login(SSO)], True),
        ([a_login(SSO), a_login(BROWSER, **WRONG)], True),
        ([a_login(SSO), a_login(REFRESH), a_login(JWT)], True),
        ([a_login(SSO), a_login(BROWSER)], False),
        ([a_login(SSO), a_login(BROWSER, status=None)], False),
        ([a_login(SSO), a_login(OAUTH_PASSWORD)], False),
        ([a_login(SSO), a_login({"login_type": "New"})], False),
        ([a_login(SSO, **WRONG)], False),
        ([a_login(SSO, status=None)], False),
        ([a_login(REFRESH)], False),
        ([], False),
    ],
)
def test_sso_only_is_said_when_every_login_shows_it(
    rows: list[Login], *, is_sso_only: bool
) -> None:
    assert (Note.SSO_ONLY in assessed(*rows).notes) is is_sso_only
    assert Note.SSO_ONLY not in assessed(*rows, logins_cut=True).notes


def test_failures_since_the_last_success_are_told() -> None:
    seen = assessed(
        a_login(time=ago(hours=3), status="Invalid Password"),
        a_login(REFRESH, time=ago(hours=1)),
        a_login(SOAP, time=ago(hours=1), source_ip="198.51.100.1", **WRONG),
        a_login(time=ago(hours=2), status="Success"),
        a_login(BROWSER, time=ago(minutes=90), **WRONG),
        a_login(SOAP, time=ago(minutes=80), status="Restricted IP"),
        a_login(REFRESH, time=ago(minutes=10), status="Failed: expired"),
        a_login(SOAP, time=ago(minutes=5), status=None),
    )
    assert seen.failed_lately == FailedLately(
        count=2, last_at=ago(hours=1), application="Loader", address="198.51.100.1"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [a_login(**WRONG)],
        [a_login(time=ago(hours=25), **WRONG), a_login(time=ago(hours=26), **WRONG)],
        [a_login(time=ago(hours=1)), *[a_login(time=ago(hours=2), **WRONG)] * 5],
        [a_login(REFRESH, **WRONG)] * 5,
        [a_login(status=None)] * 5,
        [a_login(status="Restricted IP")] * 5,
        [a_login(status="restricted device"), a_login(**WRONG)],
    ],
)
def test_failures_that_are_few_old_or_over_are_not(rows: list[Login]) -> None:
    assert assessed(*rows).failed_lately is None


def test_a_failure_from_the_future_is_one_of_now() -> None:
    seen = assessed(*[a_login(time=ago(minutes=-3), application="x" * 300, **WRONG)] * 2)
    assert seen.failed_lately == FailedLately(count=2, last_at=NOW, application="x" * 80)
