"""Rounds in trouble: one account that isn't like the others, Redis away, Salesforce away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.follow_ups.followers import FollowUps
from services.follow_ups.model import Ended, FollowUp, ItemState
from services.follow_ups.observe import Look, observe
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    NotPermitted,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.records import AccountLock, NewLogins
from services.salesforce.soql import MOST_USERS
from services.store.errors import StoreUnavailableError
from tests.contract.follow_up_stores import rewrite
from tests.contract.follow_up_world import PAGE, World, a_round, reset_of, user
from tests.unit.follow_ups.examples import (
    CLOUD,
    DAYS,
    OFFICE,
    USER,
    a_login,
    after,
)


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
