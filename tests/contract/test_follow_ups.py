"""A follow-up from its beginning through its looks, whatever people and workers do meanwhile."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from services.follow_ups.followers import FollowUps
from services.follow_ups.model import AlertKind, Ended, FollowUp, ItemState
from services.follow_ups.policy import dismiss
from services.resets.model import Reset
from services.resets.states import State
from services.salesforce.records import AccountLock, NewLogins
from services.salesforce.soql import MOST_USERS
from services.store import keys
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpChange
from tests.contract.follow_up_world import World, a_round, reset_of
from tests.factories import NOW
from tests.unit.follow_ups.examples import (
    DAYS,
    USER,
    a_done_reset,
    a_login,
    after,
    an_integration,
)


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
