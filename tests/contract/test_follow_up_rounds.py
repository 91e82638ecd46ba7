"""Rounds: many accounts for few requests, and nothing is lost over the budget."""

from datetime import timedelta

from services.follow_ups.reading import MOST_REQUESTS
from services.salesforce.soql import MOST_USERS
from tests.contract.follow_up_world import PAGE, World, a_round, reset_of, user
from tests.unit.follow_ups.examples import (
    a_login,
    after,
)


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
