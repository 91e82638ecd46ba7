"""When an account is looked at."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.follow_ups.schedule import STEP, bucket, next_look
from tests.factories import NOW


def looks(days: int, began_at: datetime = NOW) -> list[timedelta]:
    at, found = began_at, []
    while (look := next_look(began_at, after=at, days=days)) is not None:
        found.append(look - began_at)
        at = look
    return found


def test_looks_are_frequent_at_first_and_daily_later() -> None:
    hours = [look.total_seconds() / 3600 for look in looks(7)]
    assert hours == [1 / 60, 3 / 60, 5 / 60, 0.25, 1, 4, 24, 48, 72, 96, 120, 144, 168]


@pytest.mark.parametrize("days", [1, 2, 30])
def test_the_last_look_is_at_the_end_of_the_days(days: int) -> None:
    assert looks(days)[-1] == timedelta(days=days)


def test_missed_looks_are_not_made_up_for() -> None:
    late = NOW + timedelta(hours=2)
    assert next_look(NOW, after=late, days=7) == NOW + timedelta(hours=4)


def test_while_something_fails_the_first_days_looks_are_close() -> None:
    def look(after: timedelta) -> timedelta | None:
        at = next_look(NOW, after=NOW + after, days=7, failing=True)
        return at - NOW if at else None

    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert look(timedelta(0)) == minute
    assert look(15 * minute) == 30 * minute
    assert look(5 * hour) == 5 * hour + 15 * minute
    assert look(24 * hour) == 48 * hour, "from then on it is one a day"
    assert look(168 * hour) is None


def test_nothing_is_after_the_last_look() -> None:
    assert next_look(NOW, after=NOW + timedelta(days=7), days=7) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  made aware below
def test_a_moment_is_rounded_up_and_never_by_a_whole_step(naive: datetime) -> None:
    at = naive.replace(tzinfo=NOW.tzinfo)
    rounded = bucket(at)
    assert rounded.timestamp() % STEP == 0
    assert timedelta(0) <= rounded - at < timedelta(seconds=STEP)


def test_people_whose_resets_are_seconds_apart_share_a_round() -> None:
    apart = [NOW + timedelta(seconds=seconds) for seconds in (1, 4, 14)]
    assert len({next_look(one, after=one, days=7) for one in apart}) == 1
