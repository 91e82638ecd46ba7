"""Rounds: many accounts, few requests, whatever Salesforce and people do meanwhile."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from valkey.asyncio import Valkey

from services.follow_ups.followers import FollowUps
from services.follow_ups.model import AlertKind, Ended, FollowUp, ItemState
from services.follow_ups.observe import Look, observe
from services.follow_ups.policy import dismiss
from services.follow_ups.reading import MOST_REQUESTS
from services.resets.model import Reset
from services.resets.states import State
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.records import AccountLock, Login, NewLogins
from services.salesforce.soql import MOST_USERS
from services.store import keys
from services.store.errors import StaleError, StoreUnavailableError
from services.store.follow_ups import FollowUpChange, FollowUpStore
from tests.contract.follow_up_stores import jobs, open_store, rewrite
from tests.factories import NOW, FakeClock, an_account
from tests.unit.follow_ups.examples import (
    CLOUD,
    DAYS,
    OFFICE,
    USER,
    a_done_reset,
    a_login,
    after,
    an_integration,
)

PAGE = 2000


class FakeOrg:
    """Login histories of many users, read as `Org` reads them."""

    def __init__(self) -> None:
        self.logins: list[Login] = []
        self.locks: dict[str, AccountLock] = {}
        self.asked: list[tuple[list[str], datetime]] = []
        self.forbidden: str | None = None
        self.error: SalesforceError | None = None

    async def read_new_logins(self, user_ids: Sequence[str], since: datetime) -> NewLogins:
        assert 0 < len(user_ids) <= MOST_USERS
        assert len(set(user_ids)) == len(user_ids)
        self.asked.append((list(user_ids), since))
        if self.error:
            raise self.error
        locks = {user[:15]: self.locks[user] for user in user_ids if user in self.locks}
        if self.forbidden:
            return NewLogins(logins=None, locks=locks, needs=self.forbidden)
        wanted, whole = set(user_ids), since.replace(microsecond=0)
        rows = sorted(
            (one for one in self.logins if one.user_id in wanted and one.time >= whole),
            key=lambda one: (one.time, one.id),
        )
        return NewLogins(logins=tuple(rows[:PAGE]), cut=len(rows) > PAGE, locks=locks)


class World:
    """Followers of one org, with a clock that is moved by hand."""

    def __init__(self, store: FollowUpStore, raw: Valkey) -> None:
        self.store, self.raw = store, raw
        self.clock, self.org = FakeClock(), FakeOrg()
        self.follow_ups = FollowUps(store, {"production": self.org}, self.clock, days=DAYS)

    async def start(self, reset: Reset | None = None) -> FollowUp:
        follow_up = await self.follow_ups.start(
            reset or a_done_reset(an_integration(), an_integration("Acme ETL"))
        )
        assert follow_up is not None
        return follow_up

    async def round(self, at: datetime | None = None, *, clock: datetime | None = None) -> None:
        """Run the round of that moment, where the worker's clock may show another time."""
        if at:
            self.clock.now = clock or at
        self.org.asked.clear()
        await self.raw.delete(keys.OUTBOX)
        await self.follow_ups.run_round("production", at or self.clock.now)

    async def read(self, follow_up: FollowUp) -> FollowUp:
        found = await self.follow_ups.get(follow_up.id)
        assert found is not None
        return found

    async def jobs(self) -> list[tuple[str, str]]:
        return await jobs(self.raw)

    async def audited(self) -> list[str]:
        rows = await self.raw.xrange(keys.AUDIT)
        return [json.loads(fields["row"])["what"] for _, fields in rows]


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with (
        open_store(redis_url) as store,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        yield World(store, raw)


def user(number: int) -> str:
    return f"005{number:012d}AAA"


def reset_of(number: int, began_at: datetime = NOW) -> Reset:
    return a_done_reset(
        an_integration(), account=an_account(user_id=user(number)), intent_at=began_at
    )


def a_round(at: datetime) -> tuple[str, str]:
    return ("follow_round", f"production:{at.timestamp():.0f}")


# Beginning


async def test_it_is_started_once_and_reads_back(world: World) -> None:
    reset = a_done_reset(an_integration())
    first = await world.start(reset)
    world.clock.forward(minutes=10)
    assert await world.start(reset) == first
    assert await world.audited() == ["follow_up_started"]
    assert await world.jobs() == [a_round(after(minutes=1))]


@pytest.mark.parametrize(
    "reset",
    [
        a_done_reset(state=State.FAILED),
        a_done_reset(account=None),
        a_done_reset(intent_at=NOW - timedelta(days=DAYS)),
    ],
)
async def test_there_is_nothing_to_follow(world: World, reset: Reset) -> None:
    assert await world.follow_ups.start(reset) is None
    assert await world.jobs() == []


async def test_a_newer_reset_takes_over(world: World) -> None:
    older = await world.start()
    world.clock.forward(minutes=30)
    newer = await world.start(a_done_reset(an_integration(), intent_at=after(minutes=30)))
    ended = await world.read(older)
    assert (ended.ended, ended.ended_at) == (Ended.TAKEN_OVER, after(minutes=30))
    assert ("follow_show", older.id) in await world.jobs()
    await world.round(after(days=1))
    assert [asked for asked, _ in world.org.asked] == [[USER]]
    assert (await world.read(newer)).round == 1


async def test_an_older_reset_that_comes_late_takes_nothing_over(world: World) -> None:
    newer = await world.start(a_done_reset(intent_at=after(minutes=5)))
    assert await world.follow_ups.start(a_done_reset()) is None
    assert (await world.read(newer)).ended is None


async def test_one_that_was_taken_over_before_a_kill_ends_in_its_next_round(world: World) -> None:
    older = await world.start()
    await world.raw.set(keys.following("production", USER), "1769868300000:another")
    await world.round(after(minutes=1))
    assert (await world.read(older)).ended is Ended.TAKEN_OVER
    assert world.org.asked == []


# Looking


async def test_a_round_ticks_and_asks_for_the_next(world: World) -> None:
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40))]
    await world.round(after(minutes=1))
    seen = await world.read(follow_up)
    assert [item.state for item in seen.items] == [ItemState.WORKS, ItemState.OPEN]
    assert world.org.asked == [([USER], NOW)]
    shown = ("follow_show", follow_up.id)
    # The look's own timer, and the round's: the same job.
    assert await world.jobs() == [shown, a_round(after(minutes=3)), a_round(after(minutes=3))]
    world.org.logins.append(a_login(after(minutes=2), application="Acme ETL"))
    await world.round(after(minutes=3))
    assert (await world.read(follow_up)).ended is Ended.ALL_DONE
    assert world.org.asked == [([USER], NOW)]
    assert await world.jobs() == [("follow_show", follow_up.id)]
    assert await world.audited() == ["follow_up_started", "follow_up_ended"]


async def test_nobody_is_due_nothing_is_asked(world: World) -> None:
    await world.start()
    await world.round(after(seconds=30))
    assert world.org.asked == []
    assert await world.jobs() == [a_round(after(minutes=1))]


async def test_a_clock_that_is_behind_strands_nobody(world: World) -> None:
    """The timer was set by a worker whose clock is ahead of this one's."""
    follow_up = await world.start()
    await world.round(after(minutes=1), clock=after(seconds=59, milliseconds=980))
    seen = await world.read(follow_up)
    assert (seen.round, seen.next_at) == (1, after(minutes=3))
    assert set(await world.jobs()) == {a_round(after(minutes=3))}


async def test_after_every_round_the_next_is_asked_for(world: World) -> None:
    """Whatever became of its own timer."""
    await world.start(reset_of(1))
    await world.start(reset_of(2, after(minutes=30)))
    await world.round(after(minutes=2))
    assert await world.jobs() == [a_round(after(minutes=3)), a_round(after(minutes=3))]
    await world.raw.delete(keys.follow_ups_due("production"))
    await world.round(after(minutes=4))
    assert await world.jobs() == []


async def test_a_worker_that_starts_asks_for_the_rounds_that_were_lost(world: World) -> None:
    both = {"production": world.org, "sandbox": world.org}
    follow_ups = FollowUps(world.store, both, world.clock, days=DAYS)
    await follow_ups.wake()
    assert await world.jobs() == []
    await world.start()
    await world.raw.delete(keys.OUTBOX)
    world.clock.forward(days=1)
    await follow_ups.wake()
    assert await world.jobs() == [a_round(after(minutes=1))]


async def test_a_lock_and_a_failure_are_told_within_the_round(world: World) -> None:
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40 + n), ok=False) for n in range(10)]
    world.org.locks = {
        USER: AccountLock(is_frozen=False, is_password_locked=True, changed_at=after(seconds=49))
    }
    await world.round(after(minutes=1))
    seen = await world.read(follow_up)
    assert [alert.kind for alert in seen.alerts] == [AlertKind.LOCKED]  # which names what fails
    assert seen.locked_since == after(seconds=49)
    assert seen.items[0].failing[0].count == 10
    assert (await world.audited())[1:] == ["account_locked"]
    assert ("follow_show", follow_up.id) in await world.jobs()


async def test_a_program_that_nobody_named_gets_buttons(world: World) -> None:
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40), ok=False, application="Quarterly")]
    await world.round(after(minutes=1))
    surprise = (await world.read(follow_up)).items[-1]
    assert await world.store.owner_of(surprise.id) == follow_up.id
    assert await world.store.owner_of(surprise.dismiss_id) == follow_up.id


async def test_a_press_during_the_round_is_kept(world: World) -> None:
    """The person presses while Salesforce is read: the look counts on top of the press."""
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40), application="Acme ETL")]
    read = world.org.read_new_logins

    async def slowly(user_ids: Sequence[str], since: datetime) -> NewLogins:
        pressed = dismiss(follow_up, follow_up.items[0].id, NOW)
        assert isinstance(pressed, FollowUp)
        await world.store.save(follow_up, FollowUpChange(pressed, NOW))
        return await read(user_ids, since)

    world.org.read_new_logins = slowly  # type: ignore[method-assign]  # a race, made to happen
    await world.round(after(minutes=1))
    seen = await world.read(follow_up)
    assert [item.state for item in seen.items] == [ItemState.NOT_MINE, ItemState.WORKS]
    assert seen.ended is Ended.ALL_DONE


async def test_the_end_during_the_round_stands(world: World) -> None:
    """A newer reset takes over while Salesforce is read."""
    follow_up = await world.start()
    read = world.org.read_new_logins

    async def slowly(user_ids: Sequence[str], since: datetime) -> NewLogins:
        await world.start(a_done_reset(an_integration(), intent_at=after(seconds=50)))
        return await read(user_ids, since)

    world.org.read_new_logins = slowly  # type: ignore[method-assign]  # a race, made to happen
    await world.round(after(minutes=1))
    assert (await world.read(follow_up)).ended is Ended.TAKEN_OVER


async def test_two_workers_that_start_the_same_one_agree(world: World) -> None:
    reset = a_done_reset(an_integration())
    started = await asyncio.gather(*(world.follow_ups.start(reset) for _ in range(5)))
    assert {one.id for one in started if one} == {reset.id}
    assert None not in started
    assert await world.audited() == ["follow_up_started"]


@pytest.mark.parametrize("times", [2, 99])
async def test_what_can_not_be_saved_stays_due(
    world: World, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    follow_up = await world.start()
    save, left = world.store.save, itertools.count(times, -1)

    async def late(before: FollowUp, change: FollowUpChange) -> FollowUp:
        if next(left) > 0:
            raise StaleError("stale")
        return await save(before, change)

    monkeypatch.setattr(world.store, "save", late)
    await world.round(after(minutes=1))
    assert (await world.read(follow_up)).round == (1 if times < 4 else 0)
    due = await world.store.due("production", after(minutes=1), 1)
    assert due == ([] if times < 4 else [follow_up.id])
    assert (a_round(after(seconds=75)) in await world.jobs()) is (times >= 4)


async def test_taking_over_decides_anew_when_somebody_was_faster(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = await world.start()
    save, left = world.store.save, itertools.count(2, -1)

    async def late(before: FollowUp, change: FollowUpChange) -> FollowUp:
        if next(left) > 0:
            raise StaleError("stale")
        return await save(before, change)

    monkeypatch.setattr(world.store, "save", late)
    await world.start(a_done_reset(intent_at=after(minutes=5)))
    assert (await world.read(older)).ended is Ended.TAKEN_OVER


async def test_one_that_is_gone_is_forgotten(world: World) -> None:
    follow_up = await world.start()
    await world.raw.delete(keys.follow_up(follow_up.id))
    await world.round(after(minutes=1))
    assert world.org.asked == []
    assert await world.raw.zcard(keys.follow_ups_due("production")) == 0


async def test_a_round_that_meets_another_leaves_the_rest_to_the_next(world: World) -> None:
    await world.start()
    token = await world.store.rounds.take("production")
    assert token is not None
    await world.round(after(minutes=1))
    assert world.org.asked == []
    assert await world.jobs() == [a_round(after(seconds=75))]
    await world.store.rounds.release("production", token)
    await world.round()
    assert len(world.org.asked) == 1


async def test_a_round_whose_hold_another_took_stops(world: World) -> None:
    """Its request took longer than the hold lasts: it asks for no more, and saves what it has."""
    for number in range(MOST_USERS + 1):
        await world.start(reset_of(number))
    read = world.org.read_new_logins

    async def slowly(user_ids: Sequence[str], since: datetime) -> NewLogins:
        await world.raw.set(keys.follow_round("production"), "another")
        return await read(user_ids, since)

    world.org.read_new_logins = slowly  # type: ignore[method-assign]  # a race, made to happen
    await world.round(after(minutes=1))
    assert len(world.org.asked) == 1
    assert len(await world.store.due("production", after(minutes=1), 999)) == 1
    assert await world.raw.get(keys.follow_round("production")) == "another"
    assert (await world.jobs())[-1] == a_round(after(seconds=75))


async def test_requests_that_all_outlive_the_hold_get_somewhere(world: World) -> None:
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40), ok=False)]
    read = world.org.read_new_logins

    async def slowly(user_ids: Sequence[str], since: datetime) -> NewLogins:
        page = await read(user_ids, since)
        await world.raw.delete(keys.follow_round("production"))
        assert await world.store.rounds.take("production")
        return page

    world.org.read_new_logins = slowly  # type: ignore[method-assign]  # a race, made to happen
    for second in range(3):
        await world.round(after(minutes=1, seconds=15 * second))
        await world.raw.delete(keys.follow_round("production"))
    seen = await world.read(follow_up)
    assert (seen.round, seen.next_at) == (1, after(minutes=3))
    assert seen.items[0].failing[0].count == 1


async def test_two_rounds_that_read_the_same_count_it_once(world: World) -> None:
    """The other took the hold, read and saved, before this one saves."""
    follow_up = await world.start()
    world.org.logins = [a_login(after(seconds=40 + n), ok=False) for n in range(3)]
    read = world.org.read_new_logins

    async def overtaken(user_ids: Sequence[str], since: datetime) -> NewLogins:
        page = await read(user_ids, since)
        world.org.read_new_logins = read  # type: ignore[method-assign]  # slow only once
        await world.raw.delete(keys.follow_round("production"))
        await world.follow_ups.run_round("production", after(minutes=1))
        assert (await world.read(follow_up)).round == 1
        return page

    world.org.read_new_logins = overtaken  # type: ignore[method-assign]  # a race, made to happen
    await world.round(after(minutes=1))
    seen = await world.read(follow_up)
    assert len(world.org.asked) == 2
    assert seen.items[0].failing[0].count == 3
    assert [alert.kind for alert in seen.alerts] == [AlertKind.FAILING]


# One that is not like the others


async def test_one_that_can_not_be_read_holds_up_nobody(world: World) -> None:
    good, bad = await world.start(reset_of(1)), await world.start(reset_of(2))
    way, newer = '"soap_password"', '"brand_new_way"'
    await rewrite(world.raw, bad.id, "d", way, newer)
    await world.round(after(minutes=1))
    assert (await world.read(good)).round == 1
    await world.round(after(minutes=3))
    assert (await world.read(good)).round == 2
    await rewrite(world.raw, bad.id, "d", newer, way)
    await world.round(after(hours=1))
    assert (await world.read(bad)).round == 0
    await world.round(after(hours=1, minutes=1))
    assert (await world.read(bad)).round == 1


async def test_one_that_fails_in_its_own_way_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await world.start(reset_of(1)), await world.start(reset_of(2))

    def fails_for_one(follow_up: FollowUp, look: Look, **others: Any) -> FollowUp:  # noqa: ANN401
        if follow_up.id == bad.id:
            raise ValueError("what Salesforce says")
        return observe(follow_up, look, **others)

    monkeypatch.setattr("services.follow_ups.rounds.observe", fails_for_one)
    with capture_logs() as logs:
        await world.round(after(minutes=1))
    failed = {"event": "follow_up.look_failed", "reset_id": bad.id, "error": "ValueError"}
    assert logs == [{**failed, "log_level": "error"}]
    assert (await world.read(good)).round == 1
    assert await world.store.due("production", after(minutes=59), 9) == [good.id]
    assert await world.store.due("production", after(hours=2), 9) == [good.id, bad.id]


async def test_without_redis_the_round_fails_as_a_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then its job is tried again."""
    follow_up = await world.start()

    async def away(*_: object) -> FollowUp:
        raise StoreUnavailableError("TimeoutError")

    monkeypatch.setattr(world.store, "save", away)
    with pytest.raises(StoreUnavailableError):
        await world.round(after(minutes=1))
    assert await world.store.due("production", after(minutes=1), 9) == [follow_up.id]
    assert await world.store.rounds.take("production") is not None


# What it costs


async def test_a_thousand_follow_ups_cost_at_most_ten_requests_a_round(world: World) -> None:
    for number in range(1000):
        await world.start(reset_of(number))
        for second in (40, 50):
            login = a_login(after(seconds=second), user_id=user(number), id=f"{number}:{second}")
            world.org.logins.append(login)
    await world.round(after(minutes=1))
    assert len(world.org.asked) == 3
    assert await world.store.due("production", after(minutes=1), 1) == []


async def test_over_the_budget_the_rest_waits_a_round_and_nothing_is_lost(world: World) -> None:
    """A program that logs in each second, beside a quiet account."""
    noisy, quiet = await world.start(reset_of(1)), await world.start(reset_of(2))
    count = PAGE * MOST_REQUESTS + 500
    world.org.logins = [
        a_login(after(minutes=1, seconds=n), ok=False, user_id=user(1), id=f"{n:06}")
        for n in range(count)
    ]
    world.org.logins.append(a_login(after(hours=1), ok=False, user_id=user(2)))
    await world.round(after(hours=4))
    assert len(world.org.asked) == MOST_REQUESTS
    partly = await world.read(noisy)
    assert partly.next_at == after(minutes=1)
    assert set(await world.jobs()) == {
        ("follow_show", noisy.id),
        ("follow_show", quiet.id),
        a_round(after(hours=4, seconds=15)),
    }
    world.clock.now = after(hours=6)
    while await world.store.due("production", world.clock(), 1):
        await world.round()
    whole = await world.read(noisy)
    assert whole.items[0].failing[0].count == count
    assert (await world.read(quiet)).items[0].failing[0].count == 1


async def test_what_is_more_than_a_round_can_read_is_read_on_in_the_next(
    world: World,
) -> None:
    """Were late rows looked for there, each round would read the same once more."""
    users, each = 200, 110  # too few logins of each to be stopped by how many ids are kept
    started = [await world.start(reset_of(number)) for number in range(users)]
    start = after(minutes=59)
    world.org.logins = [
        a_login(start + timedelta(seconds=n), ok=False, user_id=user(m), id=f"{m}:{n}")
        for m in range(users)
        for n in range(each)
    ]
    await world.round(after(hours=1, minutes=1))
    assert len(world.org.asked) == MOST_REQUESTS
    assert (await world.read(started[0])).round == 0
    await world.round(after(hours=1, minutes=1, seconds=15))
    assert len(world.org.asked) < MOST_REQUESTS
    for follow_up in started:
        seen = await world.read(follow_up)
        assert (seen.round, seen.items[0].failing[0].count) == (1, each)


async def test_every_account_is_looked_at_before_any_gets_a_second_page(world: World) -> None:
    for number in range(MOST_USERS + 1):
        await world.start(reset_of(number))
    world.org.logins = [
        a_login(after(minutes=1, seconds=n), ok=False, user_id=user(0), id=f"{n:06}")
        for n in range(PAGE * 20)
    ]
    await world.round(after(days=1))
    assert sum(len(asked) == 1 for asked, _ in world.org.asked) == 1
    assert len(world.org.asked) == MOST_REQUESTS


async def test_a_page_of_one_second_does_not_hold_up_the_reading(world: World) -> None:
    follow_up = await world.start(reset_of(1))
    world.org.logins = [
        a_login(after(seconds=40), ok=False, user_id=user(1), id=f"{n:06}") for n in range(PAGE + 1)
    ]
    await world.round(after(minutes=1))
    assert (await world.read(follow_up)).next_at == after(minutes=3)
    assert len(world.org.asked) == 3


# When Salesforce doesn't answer


@pytest.mark.parametrize("error", [Unavailable("timeout"), LimitReached("limit")])
async def test_while_salesforce_is_away_everything_waits(
    world: World, error: SalesforceError
) -> None:
    follow_up = await world.start()
    world.org.error = error
    await world.round(after(minutes=1))
    assert await world.read(follow_up) == follow_up
    assert await world.jobs() == [a_round(after(minutes=2))]
    world.org.error = None
    world.org.logins = [a_login(after(seconds=40), ok=False)]
    await world.round(after(minutes=2))
    assert (await world.read(follow_up)).items[0].state is ItemState.FAILS


async def test_what_stays_away_for_a_day_is_said_and_ends_in_time(world: World) -> None:
    follow_up = await world.start()
    world.org.error = Unavailable("timeout")
    await world.round(after(days=1, minutes=1))
    seen = await world.read(follow_up)
    assert seen.unreadable_since == after(days=1, minutes=1)
    assert seen.next_at == after(days=2)
    await world.round(after(days=8))
    assert (await world.read(follow_up)).ended is Ended.TIME_IS_UP


@pytest.mark.parametrize(
    ("error", "needs"),
    [
        (LoginRefused("invalid_grant"), None),
        (NotPermitted("INSUFFICIENT_ACCESS", needs="Manage Users"), "Manage Users"),
    ],
)
async def test_a_refusal_is_said_and_the_looks_go_on(
    world: World, error: SalesforceError, needs: str | None
) -> None:
    follow_up = await world.start()
    world.org.error = error
    await world.round(after(minutes=1))
    seen = await world.read(follow_up)
    assert (seen.unreadable_since, seen.needs) == (after(minutes=1), needs)
    assert seen.next_at == after(minutes=3)


@pytest.mark.parametrize("error", [Unexpected("unreadable_row"), NotFound("NOT_FOUND")])
async def test_an_answer_without_sense_is_said_of_those_it_was_about(
    world: World, error: SalesforceError
) -> None:
    started = [await world.start(reset_of(number)) for number in range(2 * MOST_USERS + 100)]
    read = world.org.read_new_logins

    async def at_first(user_ids: Sequence[str], since: datetime) -> NewLogins:
        world.org.error = None if world.org.asked else error
        return await read(user_ids, since)

    world.org.read_new_logins = at_first  # type: ignore[method-assign]  # only once
    with capture_logs() as logs:
        await world.round(after(minutes=1))
    assert len(world.org.asked) == 3
    seen = [await world.read(follow_up) for follow_up in started]
    unread = {one.user_id for one in seen if one.unreadable_since is not None}
    assert unread == set(world.org.asked[0][0])
    assert {one.next_at for one in seen} == {after(minutes=3)}
    assert [entry["code"] for entry in logs] == [error.code]
    world.org.read_new_logins = read  # type: ignore[method-assign]  # it answers again
    await world.round(after(minutes=3))
    assert (await world.read(started[0])).unreadable_since is None


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (NotPermitted("INSUFFICIENT_ACCESS"), 1),
        (LoginRefused("x"), 1),
        (LimitReached("limit"), 1),
        (Unavailable("timeout"), 2),
    ],
)
async def test_a_refusal_of_the_org_ends_the_round(
    world: World, error: SalesforceError, asked: int
) -> None:
    for number in range(2 * MOST_USERS + 1):
        await world.start(reset_of(number))
    world.org.error = error
    await world.round(after(minutes=1))
    assert len(world.org.asked) == asked


async def test_a_query_that_takes_too_long_holds_up_nobody_else(world: World) -> None:
    started = [await world.start(reset_of(number)) for number in range(2 * MOST_USERS + 100)]
    read = world.org.read_new_logins

    async def slow_for_some(user_ids: Sequence[str], since: datetime) -> NewLogins:
        world.org.error = Unavailable("QUERY_TIMEOUT") if user(0) in user_ids else None
        return await read(user_ids, since)

    world.org.read_new_logins = slow_for_some  # type: ignore[method-assign]  # for the first ones
    await world.round(after(minutes=1))
    assert len(world.org.asked) == 3
    (some,) = [users for users, _ in world.org.asked if user(0) in users]
    seen = [await world.read(follow_up) for follow_up in started]
    assert {one.user_id for one in seen if one.next_at == after(minutes=1)} == set(some)
    assert {one.unreadable_since for one in seen} == {None}
    assert a_round(after(minutes=2)) in await world.jobs(), "they are tried again soon"


async def test_a_second_page_without_sense_keeps_the_first(world: World) -> None:
    follow_up = await world.start(reset_of(1))
    world.org.logins = [
        a_login(after(minutes=1, seconds=n), ok=False, user_id=user(1), id=f"{n:06}")
        for n in range(PAGE + 1)
    ]
    read = world.org.read_new_logins

    async def once(user_ids: Sequence[str], since: datetime) -> NewLogins:
        world.org.error = Unexpected("unreadable_row") if world.org.asked else None
        return await read(user_ids, since)

    world.org.read_new_logins = once  # type: ignore[method-assign]  # only the first is good
    await world.round(after(hours=4))
    seen = await world.read(follow_up)
    assert seen.items[0].failing[0].count == PAGE
    assert (seen.round, seen.unreadable_since) == (0, None)
    assert a_round(after(hours=4, seconds=15)) in await world.jobs()


async def test_a_permission_lost_midway_is_said_once_and_the_lock_still_seen(world: World) -> None:
    follow_up = await world.start()
    world.org.forbidden = "Manage Users"
    await world.round(after(minutes=1))
    first = await world.read(follow_up)
    world.org.locks = {USER: AccountLock(is_frozen=False, is_password_locked=True)}
    await world.round(after(minutes=3))
    second = await world.read(follow_up)
    assert (first.needs, second.needs) == ("Manage Users", "Manage Users")
    assert second.unreadable_since == after(minutes=1)
    assert second.locked_since == after(minutes=3)
    world.org.forbidden = None
    world.org.logins = [a_login(after(seconds=40), ok=False, address=a) for a in (OFFICE, CLOUD)]
    await world.round(after(minutes=5))
    third = await world.read(follow_up)
    assert third.unreadable_since is None
    assert {one.address for one in third.items[0].failing} == {OFFICE, CLOUD}


async def test_an_org_that_left_the_settings_is_unreadable_and_ends(world: World) -> None:
    follow_up = await world.start()
    gone = FollowUps(world.store, {}, world.clock, days=DAYS)
    world.clock.now = after(minutes=1)
    await gone.run_round("production", world.clock())
    assert (await world.read(follow_up)).unreadable_since == after(minutes=1)
    world.clock.now = after(days=7)
    await gone.run_round("production", world.clock())
    assert (await world.read(follow_up)).ended is Ended.TIME_IS_UP
