"""What holds of every sequence of looks, whatever Salesforce says."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.follow_ups.alerts import PAUSE
from services.follow_ups.model import AlertKind, Ended, FollowUp
from services.follow_ups.observe import Look, observe
from services.follow_ups.schedule import next_look
from services.salesforce.records import AccountLock, Login
from tests.factories import NOW
from tests.unit.follow_ups.examples import (
    CLOUD,
    DAYS,
    OFFICE,
    REFUSED,
    a_follow_up,
    an_integration,
    looked,
)

TEXT = st.none() | st.text(max_size=12)
START = a_follow_up(an_integration(), an_integration("Acme ETL"))


def logins(until: timedelta) -> st.SearchStrategy[list[Login]]:
    """Rows of every kind, from before the reset until after the look: clocks differ."""
    return st.lists(
        st.builds(
            Login,
            id=st.text("abcdef", min_size=6, max_size=6),
            time=st.integers(-90, int(until.total_seconds()) + 90).map(
                lambda seconds: NOW + timedelta(seconds=seconds)
            ),
            login_type=st.sampled_from(["Other Apex API", "Partner", "Application", "OAuth2", "?"])
            | TEXT,
            login_subtype=st.sampled_from([None, "OauthUsernamePassword"]) | TEXT,
            application=st.sampled_from(["Data Loader", "Acme ETL", "*<!here>* 🦊"]) | TEXT,
            api_type=st.sampled_from(["SOAP Partner", None]) | TEXT,
            client_version=st.sampled_from(["60.0", "61.0", None]) | TEXT,
            source_ip=st.sampled_from([OFFICE, CLOUD, "2001:db8::1", "Salesforce.com IP", None]),
            status=st.sampled_from(["Success", REFUSED, "Invalid Password", "", None]) | TEXT,
        ),
        max_size=30,
        unique_by=lambda login: login.id,
    )


LOCKS = st.none() | st.builds(
    AccountLock,
    is_frozen=st.booleans(),
    is_password_locked=st.booleans(),
    changed_at=st.none() | st.just(NOW + timedelta(days=2)) | st.just(NOW - timedelta(days=400)),
)

MINUTES = st.integers(1, 20).map(lambda minutes: timedelta(minutes=minutes))


@given(st.data(), MINUTES)
def test_the_order_of_rows_does_not_matter(data: st.DataObject, until: timedelta) -> None:
    rows = data.draw(logins(until))
    shuffled = data.draw(st.permutations(rows))
    now = NOW + until
    assert looked(START, now, *rows) == looked(START, now, *shuffled)


@given(st.data(), MINUTES)
def test_the_same_rows_again_change_nothing(data: st.DataObject, until: timedelta) -> None:
    rows = data.draw(logins(until))
    now = NOW + until
    once = looked(START, now, *rows)
    again = observe(
        once.model_copy(update={"ended": None, "ended_at": None}),
        Look((*rows, *rows), None, read_to=now),
        now=now,
        days=DAYS,
    )
    assert (again.items, again.alerts, again.more) == (once.items, once.alerts, once.more)
    assert again.recent == once.recent


@given(st.data(), MINUTES)
def test_what_is_read_in_parts_is_what_is_read_at_once(
    data: st.DataObject, until: timedelta
) -> None:
    """Pages of one round, and rounds of one part each, count the same."""
    now = NOW + until
    rows = sorted(data.draw(logins(until)), key=lambda login: (login.time, login.id))
    cut = data.draw(st.integers(0, len(rows)))
    middle = rows[cut - 1].time if cut else NOW
    first = looked(START, now, *rows[:cut], read_to=min(middle, now), whole=False)
    if first.ended:
        return
    assert looked(first, now, *rows).items == looked(START, now, *rows).items


@given(st.data())
def test_a_follow_up_ends_and_is_quiet(data: st.DataObject) -> None:
    follow_up: FollowUp = START
    now, looks = NOW, 0
    while follow_up.ended is None:
        assert follow_up.next_at is not None
        now = max(follow_up.next_at, now) + timedelta(seconds=data.draw(st.integers(0, 90_000)))
        rows = data.draw(st.none() | logins(now - NOW))
        follow_up = observe(
            follow_up,
            Look(rows, data.draw(LOCKS), read_to=now),
            now=now,
            days=DAYS,
        )
        looks += 1
        assert looks <= 13 + 24 * 4, "as planned, and each quarter of an hour while it fails"
    assert follow_up.next_at is None
    if follow_up.ended is Ended.TIME_IS_UP:
        assert next_look(follow_up.began_at, after=now, days=DAYS) is None
    failing = [alert.at for alert in follow_up.alerts if alert.kind is AlertKind.FAILING]
    assert all(later - earlier >= PAUSE for earlier, later in itertools.pairwise(failing))
    assert FollowUp.model_validate_json(follow_up.model_dump_json()) == follow_up
