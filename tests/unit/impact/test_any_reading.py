"""Whatever Salesforce answers, every login is counted once and nothing breaks."""

from datetime import timedelta
from ipaddress import ip_network
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.impact.assess import Networks, assess
from services.impact.model import MOST_LISTED, Impact, Verdict
from services.orgs import ResetMethod
from services.salesforce.records import AccountReading, AppGrant, Login, LoginGroup
from tests.unit.impact.readings import NOW, USER, a_login, a_reading

MARKUP = ["<!channel>", "*Loader*", "🦊" * 90, "Reset Token", "a|b", "\u202eevil", "N/A"]

names = st.none() | st.text(max_size=90) | st.sampled_from(MARKUP)
types = st.sampled_from(
    [None, "", "OtherApi", "Partner Product", "Oauth2", "Oauth", "Saml2", "Application", "🦊"]
)
subtypes = st.sampled_from([None, "", "OauthUsernamePassword", "OauthRefreshToken", "New"])
api_types = st.sampled_from([None, "N/A", "SOAP Partner", "REST API", "🦊"])
statuses = st.sampled_from([None, "", "Success", "Invalid Password", "Restricted IP"])
addresses = st.none() | st.ip_addresses().map(str) | st.text(max_size=90)
# Few moments, so that many rows share one.
moments = st.integers(-3, 60).map(lambda days: NOW - timedelta(days=days))

rows = st.builds(
    Login,
    id=st.sampled_from(["", "0Ya1", "0Ya2"]),
    time=moments,
    login_type=types,
    login_subtype=subtypes,
    application=names,
    api_type=api_types,
    client_version=st.none() | st.text(max_size=5),
    source_ip=addresses,
    status=statuses,
)
counts = st.builds(
    LoginGroup,
    application=names,
    api_type=api_types,
    login_type=types,
    client_version=st.none() | st.text(max_size=5),
    logins=st.integers(0, 10**9),
    last=moments,
)
grants = st.builds(AppGrant, app=st.text(max_size=90), last_used=st.none() | moments)
readings = st.builds(
    AccountReading,
    days=st.just(90),
    read_at=st.just(NOW),
    logins=st.none() | st.lists(rows, max_size=25).map(tuple),
    logins_cut=st.booleans(),
    groups=st.none() | st.lists(counts, max_size=8).map(tuple),
    groups_cut=st.booleans(),
    groups_unread=st.booleans(),
    grants=st.none() | st.lists(grants, max_size=12).map(tuple),
)
methods = st.sampled_from(ResetMethod)
networks: st.SearchStrategy[Networks] = st.lists(st.ip_addresses().map(ip_network), max_size=2)


def judged(reading: AccountReading, method: ResetMethod, trusted: Networks = ()) -> Impact:
    own = ("Reset Token",)
    return assess(reading, USER, method=method, trusted_networks=trusted, own_apps=own)


@given(readings, methods, networks)
def test_any_reading_can_be_judged_and_stored(
    reading: AccountReading, method: ResetMethod, trusted: Networks
) -> None:
    impact = judged(reading, method, trusted)
    assert impact.readable is (reading.logins is not None)
    assert Impact.model_validate_json(impact.model_dump_json()) == impact
    assert all(one.name and one.last_login <= NOW for one in impact.integrations)
    assert all(one.failures <= one.read <= one.logins for one in impact.integrations)
    assert not (impact.read_back_to and impact.details_back_to)


@given(st.lists(rows, max_size=25), methods)
def test_every_login_is_counted_once(logins: list[Login], method: ResetMethod) -> None:
    impact = assess(a_reading(*logins), USER, method=method)
    assert sum(one.logins for one in impact.integrations) == len(logins)


NAMES_OF_TYPES = {"OtherApi": "Other Apex API", "Oauth2": "Remote Access 2.0", "Saml2": "SAML"}


@given(st.lists(rows, max_size=25), st.integers(0, 25), methods)
def test_what_was_only_counted_is_counted_once_too(
    logins: list[Login], how_many: int, method: ResetMethod
) -> None:
    logins.sort(key=lambda one: one.time, reverse=True)
    whole = assess(a_reading(*logins), USER, method=method)
    cut = assess(
        a_reading(*logins[:how_many], logins_cut=True, groups=[counted(one) for one in logins]),
        USER,
        method=method,
    )
    assert sum(one.logins for one in cut.integrations) == len(logins)
    assert sum(one.read for one in cut.integrations) == min(how_many, len(logins))
    assert not any(one.at_least for one in cut.integrations)
    # Less read is never more spared.
    spared = {(one.name, one.way) for one in whole.with_verdict(Verdict.NOT_AFFECTED)}
    assert spared >= {(one.name, one.way) for one in cut.with_verdict(Verdict.NOT_AFFECTED)}


def counted(login: Login) -> LoginGroup:
    """Salesforce counts by the label, where the row has the value."""
    return LoginGroup(
        application=login.application,
        api_type=login.api_type,
        login_type=NAMES_OF_TYPES.get(login.login_type or "", login.login_type),
        client_version=login.client_version,
        logins=1,
        last=login.time,
    )


@given(st.lists(rows, max_size=25), methods, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_does_not_matter(
    logins: list[Login], method: ResetMethod, chance: Random, cut: bool
) -> None:
    shuffled = list(logins)
    chance.shuffle(shuffled)
    assert judged(a_reading(*shuffled, logins_cut=cut), method) == judged(
        a_reading(*logins, logins_cut=cut), method
    )


@settings(max_examples=5)
@given(methods, st.integers(MOST_LISTED + 1, 1000))
def test_a_thousand_integrations_are_all_counted(method: ResetMethod, how_many: int) -> None:
    logins = [a_login(application=f"App {n}") for n in range(how_many)]
    impact = judged(a_reading(*logins), method)
    assert len(impact.integrations) + impact.more == how_many
