from datetime import timedelta
from ipaddress import ip_network

import pytest

from services.impact.assess import MOST_GRANTS, assess, unreadable
from services.impact.model import (
    MOST_ADDRESSES,
    MOST_LISTED,
    Note,
    Place,
    Sureness,
    Verdict,
    Way,
    Why,
)
from services.orgs import ResetMethod
from services.salesforce.records import AccountLock, AppGrant
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
    only,
)

OFFICE = (ip_network("203.0.113.0/24"),)


def test_logins_of_one_kind_are_one_integration() -> None:
    seen = only(
        assessed(
            a_login(time=ago(days=3), source_ip="198.51.100.1", status="Success"),
            a_login(time=ago(days=1), source_ip="203.0.113.7", status="Invalid Password"),
            a_login(time=ago(days=2), source_ip="198.51.100.1", status=None),
            a_login(time=ago(days=2), source_ip=None, api_version="v61.0", status="success "),
        )
    )
    assert (seen.logins, seen.failures, seen.at_least) == (4, 1, False)
    assert seen.last_login == ago(days=1)
    assert [one.ip for one in seen.addresses] == ["203.0.113.7", "198.51.100.1"]
    assert seen.place is Place.API_CLIENT


@pytest.mark.parametrize(
    "other",
    [
        {"application": "Other"},
        {"api_type": "SOAP Enterprise"},
        {"client_version": "62.0"},
        {"login_subtype": "OauthUsernamePassword"},
    ],
)
def test_logins_of_another_kind_are_another_integration(other: dict[str, str]) -> None:
    assert len(assessed(a_login(), a_login(**other)).integrations) == 2


@pytest.mark.parametrize("name", [None, "", "  ", "N/A"])
def test_an_application_without_a_name_is_called_so(name: str | None) -> None:
    assert only(assessed(a_login(application=name))).name == "Unnamed application"


def test_blanks_and_na_make_no_second_integration() -> None:
    seen = assessed(
        a_login(client_version=None),
        a_login(client_version="N/A"),
        a_login(client_version=" ", application=" Loader "),
    )
    assert only(seen).logins == 3
    assert only(seen).client_version is None


@pytest.mark.parametrize(
    ("method", "address", "verdict"),
    [
        (ResetMethod.TOKEN, "198.51.100.1", Verdict.BREAKS),
        (ResetMethod.TOKEN, "203.0.113.7", Verdict.NOT_AFFECTED),
        (ResetMethod.GUIDED, None, Verdict.BREAKS_UNLESS_TRUSTED),
        (ResetMethod.PASSWORD, "203.0.113.7", Verdict.BREAKS),
    ],
)
def test_a_verdict_heeds_the_method_and_the_address(
    method: ResetMethod, address: str | None, verdict: Verdict
) -> None:
    reading = a_reading(a_login(source_ip=address))
    seen = only(assess(reading, USER, method=method, trusted_networks=OFFICE))
    assert seen.verdict is verdict


def test_addresses_are_marked_only_where_networks_are_set() -> None:
    reading = a_reading(
        a_login(source_ip="203.0.113.7"),
        a_login(source_ip="198.51.100.1"),
        a_login(source_ip="Salesforce.com IP"),
    )
    marked = only(assess(reading, USER, method=ResetMethod.TOKEN, trusted_networks=OFFICE))
    assert {one.ip: one.trusted for one in marked.addresses} == {
        "203.0.113.7": True,
        "198.51.100.1": False,
        "Salesforce.com IP": None,
    }
    unmarked = only(assess(reading, USER, method=ResetMethod.TOKEN))
    assert {one.trusted for one in unmarked.addresses} == {None}


def test_an_address_beyond_those_kept_still_counts() -> None:
    inside = [a_login(source_ip=f"203.0.113.{n}") for n in range(MOST_ADDRESSES)]
    reading = a_reading(*inside, a_login(source_ip="198.51.100.1", time=ago(days=1)))
    seen = only(assess(reading, USER, method=ResetMethod.TOKEN, trusted_networks=OFFICE))
    assert (len(seen.addresses), seen.more_addresses) == (MOST_ADDRESSES, 1)
    assert seen.verdict is Verdict.BREAKS_UNLESS_TRUSTED


def test_what_hurts_first_comes_first() -> None:
    def some(name: str, how: dict[str, str], times: int = 1, days: int = 0) -> list[object]:
        row = a_login(how, application=name, time=ago(days=days), source_ip="198.51.100.1")
        return [row] * times

    rows = [
        *some("Refreshing", REFRESH, 50),
        *some("Unknown", {"login_type": "New"}, 20),
        *some("Quiet", SOAP, 40, days=31),
        *some("Rare", SOAP, 1, days=2),
        *some("Rare and newer", SOAP, 1, days=1),
        *some("Often", OAUTH_PASSWORD, 9),
    ]
    reading = a_reading().model_copy(update={"logins": tuple(rows)})
    seen = assess(reading, USER, method=ResetMethod.TOKEN, trusted_networks=OFFICE)
    assert [one.name for one in seen.integrations] == [
        "Often",
        "Rare and newer",
        "Rare",
        "Quiet",
        "Unknown",
        "Refreshing",
    ]
    assert seen.token_logins_seen


def test_more_than_anyone_reads_becomes_a_count() -> None:
    seen = assessed(*(a_login(application=f"App {n}") for n in range(1000)))
    assert (len(seen.integrations), seen.more) == (MOST_LISTED, 1000 - MOST_LISTED)


def test_a_login_from_the_future_counts_as_one_of_now() -> None:
    assert only(assessed(a_login(time=ago(minutes=-5)))).last_login == NOW


def test_long_texts_are_cut() -> None:
    seen = only(assessed(a_login(application="🦊" * 300, source_ip="x" * 300)))
    assert seen.name == "🦊" * 80
    assert seen.addresses[0].ip == "x" * 64


def test_our_own_logins_are_left_out_but_not_ones_with_a_password() -> None:
    rows = [
        a_login(JWT, application="Reset Token"),
        a_login(REFRESH, application="reset token as the user "),
        a_login(OAUTH_PASSWORD, application="Reset Token"),
        a_login(JWT, application="Reset Token 2"),
    ]
    reading = a_reading(*rows, grants=[AppGrant(app="RESET TOKEN"), AppGrant(app="Mail")])
    own = ("Reset Token", "Reset Token as the user")
    seen = assess(reading, USER, method=ResetMethod.TOKEN, own_apps=own)
    assert [(one.name, one.way) for one in seen.integrations] == [
        ("Reset Token", Way.OAUTH_PASSWORD),
        ("Reset Token 2", Way.OAUTH_UNNAMED),
    ]
    assert [one.app for one in seen.grants] == ["Mail"]


def test_no_logins_are_not_an_unreadable_history() -> None:
    assert assessed().readable
    assert assessed().integrations == ()
    reading = a_reading(logins=None, needs="Manage Users")
    assert assess(reading, USER, method=ResetMethod.TOKEN) == unreadable(
        days=90, at=NOW, needs="Manage Users"
    )


def test_what_else_is_known_is_told_of_an_unreadable_history_too() -> None:
    lock = AccountLock(is_frozen=False, is_password_locked=True)
    reading = a_reading(logins=None, lock=lock, grants=[AppGrant(app="Mail")])
    seen = assess(reading, USER, method=ResetMethod.TOKEN)
    assert not seen.readable
    assert seen.notes == (Note.LOCKED,)
    assert [one.app for one in seen.grants] == ["Mail"]


def test_grants_of_one_app_are_one_and_the_last_used_comes_first() -> None:
    grants = [
        AppGrant(app="Never"),
        AppGrant(app="Mail", last_used=ago(days=3), uses=2),
        AppGrant(app="Maps", last_used=ago(days=2), uses=1),
        AppGrant(app="Mail", last_used=ago(days=1), uses=3),
        AppGrant(app="Mail", uses=4),
    ]
    seen = assessed(grants=grants).grants
    assert [(one.app, one.last_used, one.uses) for one in seen] == [
        ("Mail", ago(days=1), 9),
        ("Maps", ago(days=2), 1),
        ("Never", None, 0),
    ]


def test_more_grants_than_anyone_reads_become_a_count() -> None:
    seen = assessed(grants=[AppGrant(app=f"{n} {'x' * 100}") for n in range(MOST_GRANTS + 3)])
    assert (len(seen.grants), seen.more_grants) == (MOST_GRANTS, 3)
    assert all(len(one.app) == 80 for one in seen.grants)


def test_each_way_has_its_place_and_reason() -> None:
    seen = assessed(
        a_login(BROWSER, application="Browser"),
        a_login(SSO, application="Okta"),
        a_login(JWT, application="Pipeline"),
    )
    assert {one.name: (one.place, one.why, one.sureness) for one in seen.integrations} == {
        "Browser": (Place.BROWSER, Why.PERSON_IN_BROWSER, Sureness.INFERRED),
        "Okta": (Place.OTHER, Why.SSO, Sureness.INFERRED),
        "Pipeline": (Place.OTHER, Why.PROBABLY_JWT, Sureness.UNSURE),
    }


def test_quiet_begins_after_thirty_days() -> None:
    seen = assessed(
        a_login(application="Just quiet", time=ago(days=30) - timedelta(seconds=1)),
        a_login(application="Not yet", time=ago(days=30)),
    )
    assert [one.name for one in seen.integrations] == ["Not yet", "Just quiet"]
    assert {one.verdict for one in seen.integrations} == {Verdict.BREAKS_UNLESS_TRUSTED}
