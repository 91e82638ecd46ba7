"""Where more logins were there than can be read one by one."""

from ipaddress import ip_network

import pytest

from services.impact.assess import assess
from services.impact.model import Sureness, Verdict, Way, Why
from services.orgs import ResetMethod
from tests.unit.impact.guide import code, codes, table
from tests.unit.impact.readings import (
    JWT,
    NOW,
    OAUTH_PASSWORD,
    REFRESH,
    SSO,
    USER,
    a_count,
    a_login,
    a_reading,
    ago,
    assessed,
    only,
)

WRONG = {"status": "Invalid Password"}


def or_none(cell: str) -> list[str | None]:
    return [*([None] if cell.startswith(("none", "any")) else []), *codes(cell)]


def test_counts_are_not_needed_where_every_row_was_read() -> None:
    seen = assessed(a_login(), groups=[a_count(7), a_count(9, application="Elsewhere")])
    assert only(seen).logins == 1
    assert (seen.read_back_to, seen.details_back_to) == (None, None)


def test_a_weekly_job_is_seen_behind_one_of_every_minute() -> None:
    seen = assessed(
        *(a_login(application="Minutely", time=ago(minutes=n)) for n in range(20)),
        logins_cut=True,
        groups=[
            a_count(129_600, application="Minutely"),
            a_count(13, application="Weekly", last=ago(days=6)),
        ],
    )
    assert {one.name: (one.logins, one.read, one.at_least) for one in seen.integrations} == {
        "Minutely": (129_600, 20, False),
        "Weekly": (13, 0, False),
    }
    weekly = next(one for one in seen.integrations if one.name == "Weekly")
    assert (weekly.way, weekly.verdict) == (Way.SOAP_PASSWORD, Verdict.BREAKS_UNLESS_TRUSTED)
    assert weekly.sureness is Sureness.UNSURE
    assert weekly.last_login == ago(days=6)
    assert (seen.read_back_to, seen.details_back_to) == (None, ago(minutes=19))


def test_the_unread_rest_of_an_oauth_app_is_an_entry_of_its_own() -> None:
    rows = [
        a_login(REFRESH),
        a_login(REFRESH, time=ago(hours=1), **WRONG),
        a_login(OAUTH_PASSWORD, time=ago(hours=2)),
        a_login(SSO, application="Elsewhere", time=ago(hours=3)),
    ]
    seen = assessed(
        *rows,
        logins_cut=True,
        groups=[a_count(90, REFRESH), a_count(1, SSO, application="Elsewhere")],
    )
    of_it = {one.way: one for one in seen.integrations if one.name == "Loader"}
    assert {way: (one.logins, one.read, one.failures) for way, one in of_it.items()} == {
        Way.OAUTH_REFRESH_TOKEN: (2, 2, 1),
        Way.OAUTH_PASSWORD: (1, 1, 0),
        Way.UNKNOWN: (87, 0, 0),
    }
    assert not any(one.at_least for one in seen.integrations)
    rest = of_it[Way.UNKNOWN]
    assert (rest.verdict, rest.why) == (Verdict.CANT_TELL, Why.FLOW_NOT_READ)
    # All that is known of when: before the oldest that was read.
    assert rest.last_login == ago(hours=3)


def test_an_oauth_app_that_was_read_whole_has_no_rest() -> None:
    rows = [a_login(REFRESH), a_login(OAUTH_PASSWORD)]
    seen = assessed(*rows, logins_cut=True, groups=[a_count(2, REFRESH)])
    assert [(one.way, one.logins, one.at_least) for one in seen.integrations] == [
        (Way.OAUTH_PASSWORD, 1, False),
        (Way.OAUTH_REFRESH_TOKEN, 1, False),
    ]


@pytest.mark.parametrize("api_type", ["SOAP Partner", "REST API"])
def test_a_packaged_app_that_uses_oauth_is_not_taken_for_one_with_a_password(
    api_type: str,
) -> None:
    packaged = {"login_type": "Partner Product", "api_type": api_type}
    rows = [a_login(packaged, login_subtype="OauthRefreshToken")]
    seen = assessed(*rows, logins_cut=True, groups=[a_count(8, packaged, login_type="Partner")])
    assert [(one.way, one.why, one.logins) for one in seen.integrations] == [
        (Way.UNKNOWN, Why.FLOW_NOT_READ, 7),
        (Way.OAUTH_REFRESH_TOKEN, Why.REFRESH_TOKEN, 1),
    ]


def test_unread_logins_stand_with_those_that_were_read_and_not_recognised() -> None:
    odd = {"login_type": "Oauth2", "login_subtype": "Something New"}
    seen = only(assessed(a_login(odd), logins_cut=True, groups=[a_count(5, odd)]))
    assert (seen.way, seen.why, seen.logins, seen.read) == (
        Way.UNKNOWN,
        Why.NOT_RECOGNISED,
        5,
        1,
    )


@pytest.mark.parametrize(
    ("logins", "verdict"), [(1, Verdict.NOT_AFFECTED), (2, Verdict.BREAKS_UNLESS_TRUSTED)]
)
@pytest.mark.parametrize("groups", [True, False])
def test_addresses_are_trusted_only_where_all_were_read(
    logins: int, verdict: Verdict, *, groups: bool
) -> None:
    reading = a_reading(
        a_login(source_ip="203.0.113.7"),
        logins_cut=logins > 1 or groups,
        groups=[a_count(logins)] if groups else None,
    )
    office = (ip_network("203.0.113.0/24"),)
    seen = only(assess(reading, USER, method=ResetMethod.TOKEN, trusted_networks=office))
    assert (seen.verdict, seen.sureness is Sureness.UNSURE) == (
        verdict,
        verdict is Verdict.NOT_AFFECTED,
    )


def test_failures_are_of_what_was_read() -> None:
    rows = [a_login(**WRONG), a_login(time=ago(days=1), **WRONG)]
    never = only(assessed(*rows))
    assert (never.failures, never.read, never.logins) == (2, 2, 2)
    seen = only(assessed(*rows, logins_cut=True, groups=[a_count(9)]))
    assert (seen.failures, seen.read, seen.logins) == (2, 2, 9)


@pytest.mark.parametrize("row", table(below="### Where logins were only counted"))
def test_a_count_without_rows_is_told_as_the_guide_says(row: list[str]) -> None:
    types, api_types, way, why, sure = row
    for login_type in or_none(types):
        for api_type in or_none(api_types):
            counted = a_count(5, login_type=login_type, api_type=api_type)
            seen = only(assessed(logins_cut=True, groups=[counted]))
            told = seen.way, seen.why, seen.sureness
            assert told == (Way(code(way)), Why(code(why)), Sureness(code(sure)))
            assert (seen.logins, seen.read, seen.addresses) == (5, 0, ())


@pytest.mark.parametrize("api_type", ["SOAP Partner", "REST API", None])
@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("OtherApi", "Other Apex API"),
        ("Partner", "Partner Product"),
        ("Oauth", "Remote Access Client"),
        ("Oauth2", "Remote Access 2.0"),
        ("Certificate", "Certificate-based login"),
        ("ThirdPartySso", "Third Party SSO"),
        ("Something New", "something new "),
        ("N/A", None),
    ],
)
def test_a_type_as_value_and_as_label_is_counted_once(
    value: str, label: str | None, api_type: str | None
) -> None:
    rows = [a_login(login_type=label, api_type=api_type)]
    groups = [a_count(4, login_type=value, api_type=api_type)]
    seen = assessed(*rows, logins_cut=True, groups=groups)
    assert sum(one.logins for one in seen.integrations) == 4


def test_types_that_mean_the_same_are_counted_together() -> None:
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
    assert (seen.read_back_to, seen.details_back_to) == (ago(days=2), None)
    assert only(seen).at_least
    assert assessed(logins_cut=True).read_back_to == NOW


def test_counts_that_were_cut_too_say_how_far_back_they_go() -> None:
    seen = assessed(
        a_login(time=ago(days=2)),
        logins_cut=True,
        groups=[a_count(1, last=ago(days=2)), a_count(1, application="Old", last=ago(days=40))],
        groups_cut=True,
    )
    assert (seen.read_back_to, seen.details_back_to) == (ago(days=40), None)


@pytest.mark.parametrize("cut", [True, False])
def test_a_count_that_could_not_be_read_may_have_been_any(*, cut: bool) -> None:
    seen = assessed(
        a_login(time=ago(days=2)),
        logins_cut=True,
        groups=[a_count(1, last=ago(days=2)), a_count(1, application="Old", last=ago(days=40))],
        groups_unread=True,
        groups_cut=cut,
    )
    assert (seen.read_back_to, seen.details_back_to) == (ago(days=2), None)


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
