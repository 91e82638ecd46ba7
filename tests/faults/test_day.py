"""A day in fast-forward: what is due happens at its time, and is told once to whom it is for."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from services.follow_ups.model import Ended, FollowUp
from services.follow_ups.schedule import FIRST_DAY, bucket
from tests.counting import Count
from tests.faults.day import IT_WAIT, Day
from tests.faults.fast_forward import STEP, in_fast_forward

HOURS = 24


def looks_until(follow_up: FollowUp, now: datetime) -> int:
    """How many looks were due by then."""
    return len({moment for one in FIRST_DAY if (moment := bucket(follow_up.began_at + one)) <= now})


async def test_a_day(redis_url: str, monkeypatch: pytest.MonkeyPatch, count: Count) -> None:
    settings = {"RESET_IT_WAIT_HOURS": str(IT_WAIT // timedelta(hours=1)), "RESET_FOLLOW_DAYS": "1"}
    async with in_fast_forward(redis_url, monkeypatch, **settings) as time:
        day = Day(time)
        for hour in range(HOURS):
            await day.hour(hour)
            for one in await day.follow_ups():
                assert one.next_at is None or one.next_at > time.now, "a look is late"
                if one.ended is None:
                    assert one.round == looks_until(one, time.now)
        await time.forward(hours=HOURS)
        for one in await day.follow_ups():
            assert one.ended_at is not None
            if one.ended is Ended.TIME_IS_UP:
                assert one.until is not None
                assert one.until <= one.ended_at <= one.until + STEP
            else:
                assert one.ended is Ended.TAKEN_OVER
        for who, words, at in day.expected:
            told = [one for one in day.told(who, words) if at <= one <= at + STEP]
            assert len(told) == 1, f"{who}: {words!r} at {at}, and not at {day.told(who, words)}"
        for (who, words), number in Counter(one[:2] for one in day.expected).items():
            assert len(day.told(who, words)) == number, f"{who} was told {words!r} too often"
    count("hours gone through in fast-forward", 2 * HOURS)
    count("moments gone to in fast-forward, each at which something was due", time.jumps)
    count("things told at their time in fast-forward", len(day.expected))
    count("resets with their follow-ups in fast-forward", len(day.resets) + 1)
