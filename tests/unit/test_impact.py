from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.impact import MOST_APPLICATIONS, Place, needs_token, place_of, summarise, unreadable
from services.salesforce.records import Login, LoginWindow
from tests.factories import NOW


def a_login(**changes: object) -> Login:
    return Login.model_validate({"time": NOW, "application": "Data Loader"} | changes)


def a_window(*logins: Login, complete: bool = True) -> LoginWindow:
    return LoginWindow(
        logins=logins,
        days=90,
        read_at=NOW,
        complete=complete,
        read_back_to=NOW - timedelta(days=3),
    )


@pytest.mark.parametrize(
    ("login_type", "subtype", "needed"),
    [
        ("OtherApi", None, True),
        ("Other Apex API", None, True),
        ("Partner", None, True),
        ("Partner Product", "", True),
        ("AppExchange", None, True),
        ("Oauth2", "OauthUsernamePassword", True),
        ("Remote Access 2.0", "OauthUsernamePassword", True),
        ("Remote Access 2.0", "OauthRefreshToken", False),
        ("Remote Access 2.0", "OauthWebServer", False),
        ("Remote Access 2.0", "OauthClientCredentials", False),
        ("Remote Access 2.0", None, False),
        ("OtherApi", "OauthRefreshToken", False),
        ("Application", None, False),
        ("Application", "UsernamePasswordUiLogin", False),
        ("Saml2", None, False),
        ("Certificate", None, False),
        ("Something new", None, False),
        (None, None, False),
    ],
)
def test_a_login_with_a_password_over_the_api_needs_the_token(
    login_type: str | None, subtype: str | None, *, needed: bool
) -> None:
    assert needs_token(a_login(login_type=login_type, login_subtype=subtype)) is needed


@pytest.mark.parametrize(
    ("application", "login", "place"),
    [
        ("Data Loader", {"login_type": "OtherApi"}, Place.DATA_LOADER),
        ("dataloader.io", {"login_type": "Partner"}, Place.DATALOADER_IO),
        ("Workbench", {"login_type": "OtherApi"}, Place.WORKBENCH),
        ("Acme ETL", {"login_type": "OtherApi"}, Place.ETL),
        ("Reports", {"login_subtype": "OauthUsernamePassword"}, Place.OAUTH_PASSWORD),
        ("billing.py", {"login_type": "OtherApi"}, Place.API_CLIENT),
        ("Browser", {"login_type": "Application"}, Place.OTHER),
    ],
)
def test_where_the_token_goes(application: str, login: dict[str, str], place: Place) -> None:
    assert place_of(application, a_login(**login)) is place


def test_logins_are_grouped_by_application_and_those_that_need_the_token_come_first() -> None:
    seen = summarise(
        a_window(
            a_login(application="Browser", login_type="Application"),
            a_login(application="ETL", login_type="OtherApi", time=NOW - timedelta(days=7)),
            a_login(application="Data Loader", login_type="OtherApi", time=NOW - timedelta(days=1)),
            a_login(application="Data Loader", login_type="OtherApi", time=NOW - timedelta(days=2)),
        )
    )
    assert [(one.name, one.logins, one.needs_token) for one in seen.applications] == [
        ("Data Loader", 2, True),
        ("ETL", 1, True),
        ("Browser", 1, False),
    ]
    assert seen.applications[0].last_login == NOW - timedelta(days=1)
    assert seen.token_logins_seen


def test_an_application_that_logs_in_both_ways_needs_the_token() -> None:
    seen = summarise(
        a_window(
            a_login(login_type="Remote Access 2.0", login_subtype="OauthRefreshToken"),
            a_login(login_type="OtherApi"),
        )
    )
    assert [one.needs_token for one in seen.applications] == [True]


def test_a_window_that_was_cut_says_how_far_it_goes() -> None:
    assert summarise(a_window(a_login())).read_back_to is None
    cut = summarise(a_window(a_login(), complete=False))
    assert cut.read_back_to == NOW - timedelta(days=3)


def test_an_unreadable_history_is_not_an_empty_one() -> None:
    assert summarise(a_window()).readable
    assert not unreadable(days=90, at=NOW, needs="Manage Users").readable


def test_more_applications_than_anyone_reads_become_a_count() -> None:
    seen = summarise(a_window(*(a_login(application=f"App {n}") for n in range(1000))))
    assert len(seen.applications) == MOST_APPLICATIONS
    assert seen.more == 1000 - MOST_APPLICATIONS


texts = st.none() | st.text(max_size=300)


@given(
    st.lists(
        st.builds(
            Login,
            time=st.just(NOW),
            login_type=texts,
            login_subtype=texts,
            application=texts,
            api_type=texts,
            status=texts,
        ),
        max_size=40,
    )
)
def test_every_row_counts_once_whatever_it_holds(logins: list[Login]) -> None:
    seen = summarise(a_window(*logins))
    if seen.more == 0:
        assert sum(one.logins for one in seen.applications) == len(logins)
    assert all(one.name for one in seen.applications)
