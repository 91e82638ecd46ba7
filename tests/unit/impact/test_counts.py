"""Where more logins were there than can be read one by one."""

import pytest

from services.impact.assess import assess
from services.impact.model import Verdict, Way
from services.orgs import ResetMethod
from tests.unit.impact.readings import (
    JWT,
    NOW,
    OAUTH_PASSWORD,
    REFRESH,
    SOAP,
    SSO,
    USER,
    a_count,
    a_login,
    a_reading,
    ago,
    assessed,
    only,
)


def test_counts_are_not_needed_where_every_row_was_read() -> None:
    seen = assessed(a_login(), groups=[a_count(7), a_count(9, application="Elsewhere")])
    assert only(seen).logins == 1
    assert seen.read_back_to is None


def test_a_weekly_job_is_seen_behind_one_of_every_minute() -> None:
    seen = assessed(
        *(a_login(REFRESH, application="Minutely", time=ago(minutes=n)) for n in range(20)),
        logins_cut=True,
        groups=[
            a_count(129_600, REFRESH, application="Minutely"),
            a_count(13, application="Weekly", last=ago(days=6)),
        ],
    )
    assert [(one.name, one.logins, one.at_least) for one in seen.integrations] == [
        ("Weekly", 13, False),
        ("Minutely", 129_600, False),
    ]
    weekly = seen.integrations[0]
    assert (weekly.way, weekly.verdict) == (Way.SOAP_PASSWORD, Verdict.BREAKS_UNLESS_TRUSTED)
    assert weekly.last_login == ago(days=6)
    assert seen.read_back_to is None


def test_several_ways_in_one_count_are_at_least_what_was_read() -> None:
    rows = [a_login(REFRESH), a_login(REFRESH), a_login(OAUTH_PASSWORD)]
    cut = assessed(*rows, logins_cut=True, groups=[a_count(90, REFRESH)])
    assert {one.way: (one.logins, one.at_least) for one in cut.integrations} == {
        Way.OAUTH_PASSWORD: (1, True),
        Way.OAUTH_REFRESH_TOKEN: (2, True),
    }
    whole = assessed(*rows, logins_cut=True, groups=[a_count(3, REFRESH)])
    assert not any(one.at_least for one in whole.integrations)


@pytest.mark.parametrize(
    ("how", "way"),
    [
        (SOAP, Way.SOAP_PASSWORD),
        (SSO, Way.SSO),
        (REFRESH, Way.UNKNOWN),
        (JWT, Way.UNKNOWN),
        ({"login_type": "Oauth"}, Way.UNKNOWN),
        ({"login_type": "Partner", "api_type": "REST API"}, Way.UNKNOWN),
        ({"login_type": None}, Way.UNKNOWN),
    ],
)
def test_a_count_without_rows_is_told_by_its_type(how: dict[str, str], way: Way) -> None:
    seen = only(assessed(logins_cut=True, groups=[a_count(5, how)]))
    assert (seen.way, seen.logins, seen.addresses) == (way, 5, ())


def test_a_type_as_value_and_as_label_is_counted_once() -> None:
    rows = [a_login(login_type="Other Apex API"), a_login(login_type="Partner Product")]
    groups = [a_count(4, login_type="OtherApi"), a_count(5, login_type="Partner")]
    assert only(assessed(*rows, logins_cut=True, groups=groups)).logins == 9


def test_a_count_taken_before_the_last_login_is_never_less_than_what_was_read() -> None:
    rows = [a_login(), a_login(time=ago(days=1))]
    seen = only(assessed(*rows, logins_cut=True, groups=[a_count(1, last=ago(days=1))]))
    assert (seen.logins, seen.last_login) == (2, NOW)


def test_without_counts_it_says_how_far_back_it_read() -> None:
    rows = [a_login(), a_login(time=ago(days=2))]
    seen = assessed(*rows, logins_cut=True)
    assert seen.read_back_to == ago(days=2)
    assert only(seen).at_least
    assert assessed(logins_cut=True).read_back_to == NOW


def test_counts_that_were_cut_too_say_how_far_back_they_go() -> None:
    seen = assessed(
        a_login(time=ago(days=2)),
        logins_cut=True,
        groups=[a_count(1, last=ago(days=2)), a_count(1, application="Old", last=ago(days=40))],
        groups_cut=True,
    )
    assert seen.read_back_to == ago(days=40)


def test_counts_that_may_hold_our_own_logins_are_left_out() -> None:
    ours = {"login_type": "Partner", "login_subtype": "OauthWebServer", "api_type": "SOAP Partner"}
    reading = a_reading(
        a_login(JWT, application="Reset Token"),
        a_login(OAUTH_PASSWORD, application="Reset Token"),
        a_login(ours, application="Reset Token"),
        logins_cut=True,
        groups=[
            a_count(99, JWT, application="Reset Token"),
            a_count(98, ours, application="Reset Token"),
            a_count(97, SSO, application="Reset Token"),
        ],
    )
    seen = assess(reading, USER, method=ResetMethod.TOKEN, own_apps=["Reset Token"])
    assert [(one.way, one.logins, one.at_least) for one in seen.integrations] == [
        (Way.OAUTH_PASSWORD, 1, True),
        (Way.SSO, 97, False),
    ]
