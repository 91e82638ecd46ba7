"""A follow-up whose account IT has frozen, or whose password it has reset, on a real Valkey."""

from datetime import datetime, timedelta

import pytest

from services.cases.acted import Acted
from services.follow_ups.model import Ended, FollowUp, ItemState
from services.follow_ups.policy import dismiss
from services.resets.model import Reset
from services.resets.states import State
from services.store import keys
from services.store.acted import put_acted
from services.store.errors import StaleError
from tests.contract.follow_up_world import World
from tests.factories import NOW
from tests.unit.follow_ups.examples import USER, a_done_reset, after, an_integration


async def overtakes(world: World, at: datetime, *, quietly: bool = False) -> None:
    await world.follow_ups.leave("production", USER, at, may_read=lambda _: not quietly)


async def it_acts(world: World, at: datetime) -> None:
    put = put_acted("production", USER, Acted(case_id="c" * 32, at=at))
    await world.raw.set(put.key, put.value, px=put.milliseconds)


async def shows(world: World) -> int:
    return [name for name, _ in await world.jobs()].count("follow_show")


async def test_what_it_did_ends_it_once(world: World) -> None:
    followed = await world.start()
    await overtakes(world, after(minutes=3))
    ended = await world.read(followed)
    assert (ended.ended, ended.next_at, ended.quiet) == (Ended.IT_ACTED, None, False)
    assert await shows(world) == 1
    await overtakes(world, after(minutes=4))
    assert await world.read(followed) == ended
    assert (await world.audited()).count("follow_up_ended") == 1
    await world.round(after(days=1))
    assert world.org.asked == []


async def test_it_is_asked_about_whoever_is_followed(world: World) -> None:
    followed, asked = await world.start(), []

    def may_read(user_id: str) -> bool:
        asked.append(user_id)
        return True

    await world.follow_ups.leave("production", USER[:15], after(minutes=3), may_read=may_read)
    assert asked == [followed.requester.user_id]


async def test_a_reset_after_what_it_did_is_followed_on(world: World) -> None:
    newer = await world.start(a_done_reset(an_integration(), intent_at=after(minutes=5)))
    await overtakes(world, after(minutes=3))
    assert (await world.read(newer)).ended is None


async def test_nobody_reads_in_the_message_that_it_ended_quietly(world: World) -> None:
    followed = await world.start()
    await overtakes(world, after(minutes=3), quietly=True)
    ended = await world.read(followed)
    assert (ended.ended, ended.quiet) == (Ended.IT_ACTED, True)
    assert (ended.as_told.ended, ended.as_told.ended_at) == (None, None)
    assert await shows(world) == 0
    await overtakes(world, after(minutes=3), quietly=True)
    assert await world.read(followed) == ended


async def test_what_ended_quietly_still_takes_presses_as_if_it_went_on(world: World) -> None:
    followed = await world.start(a_done_reset(an_integration(), an_integration("Acme ETL")))
    await overtakes(world, after(minutes=3), quietly=True)
    ended = await world.read(followed)
    first, *others = ended.items
    assert others
    pressed = dismiss(ended, first.id, after(minutes=4))
    assert isinstance(pressed, FollowUp)
    assert pressed.items[0].state is ItemState.NOT_MINE
    assert (pressed.ended, pressed.as_told.ended) == (Ended.IT_ACTED, None)
    for item in others:
        pressed = dismiss(pressed, item.id, after(minutes=5))
        assert isinstance(pressed, FollowUp)
    assert pressed.as_told.ended is Ended.ALL_DONE, "as a live one would end"


async def test_what_ended_quietly_stays_so_whatever_it_does_next(world: World) -> None:
    followed = await world.start()
    await overtakes(world, after(minutes=3), quietly=True)
    ended = await world.read(followed)
    await overtakes(world, after(minutes=5))
    assert await world.read(followed) == ended
    assert await shows(world) == 0


async def test_a_newer_reset_tells_of_one_that_ended_quietly(world: World) -> None:
    older = await world.start()
    await overtakes(world, after(minutes=3), quietly=True)
    newer = await world.start(a_done_reset(an_integration(), intent_at=after(minutes=30)))
    assert (await world.read(older)).as_told.ended is Ended.TAKEN_OVER
    assert (await world.read(newer)).ended is None


async def test_an_account_that_nobody_follows_is_left_as_it_is(world: World) -> None:
    await overtakes(world, after(minutes=3))
    assert await world.audited() == []


async def test_it_comes_back_where_somebody_was_faster_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = await world.start()

    async def stale(*_: object) -> FollowUp:
        raise StaleError("changed")

    with monkeypatch.context() as busy:
        busy.setattr(world.store, "save", stale)
        with pytest.raises(StaleError):
            await overtakes(world, after(minutes=3))
    assert (await world.read(followed)).ended is None
    await overtakes(world, after(minutes=3))
    assert (await world.read(followed)).ended is Ended.IT_ACTED


@pytest.mark.parametrize(
    ("reset", "overtaken"),
    [
        (a_done_reset(intent_at=after(minutes=2)), True),
        (a_done_reset(intent_at=after(minutes=3)), True),
        (a_done_reset(intent_at=after(minutes=4)), False),
        (a_done_reset(state=State.UNKNOWN, intent_at=after(minutes=2)), True),
    ],
)
async def test_what_is_told_after_it_acted_ends_as_its_case_says(
    world: World, reset: Reset, overtaken: bool
) -> None:
    world.clock.now = NOW + timedelta(minutes=10)
    await it_acts(world, after(minutes=3))
    asked = ("leave_follow_up", "c" * 32)
    assert await world.follow_ups.start(reset) is not None
    assert (asked in await world.jobs()) is overtaken
    await world.raw.delete(keys.OUTBOX)
    await world.follow_ups.start(reset)  # whoever was killed before it asked
    assert (asked in await world.jobs()) is overtaken


@pytest.mark.parametrize(("asked_at", "followed"), [(2, False), (4, True)])
async def test_when_a_guided_one_was_pressed_isnt_known_so_its_request_counts(
    world: World, asked_at: int, followed: bool
) -> None:
    world.clock.now = NOW + timedelta(minutes=10)
    await it_acts(world, after(minutes=3))
    guided = a_done_reset(
        state=State.REPORTED, created_at=after(minutes=asked_at), intent_at=after(minutes=9)
    )
    assert (await world.follow_ups.start(guided) is not None) is followed
