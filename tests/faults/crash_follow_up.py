"""A look at the logins after a reset, in which a worker may die at any moment."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from valkey.asyncio import Valkey

from sandbox.slack.shown import Shown
from services.follow_ups.model import ItemState
from services.resets.states import Move
from services.store import keys
from services.store.changes import JobName
from tests.faults.crash_checks import each_once, is_a_way, nothing_is_left
from tests.faults.crashing import Death, Story
from tests.faults.points import PATIENCE
from tests.scenario.breach_attempts import idle
from tests.scenario.programs import programs_of
from tests.scenario.steps import audit, done, eventually
from tests.scenario.world import World, a_world

ALERT = "fails to log in to Production"

ROWS = ("follow_up_started", "integration_failing")
"""What the audit has of a look beside the moves of the reset."""


def follow_up_story() -> Story:
    """A look at the logins after a reset: one integration fails."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_world(url, worker=False) as world:
            await _has_reset(world)
            yield world

    return Story("a follow-up", opened, _looks, _no_intents, _look_is_right)


async def _has_reset(world: World) -> None:
    async with world.worker():
        programs = await programs_of(world)
        await done(world)
    assert not (await programs.log_in("Data Loader")).ok


async def _looks(world: World) -> None:
    ada, reset = world.person("ada"), await world.newest("ada")
    async with Valkey.from_url(world.redis_url) as raw:
        # Due now: a worker of its own process has the real clock.
        await raw.zadd(keys.follow_ups_due("production"), {reset.id: 0})
    await world.run_job(JobName.FOLLOW_ROUND, "production:0")
    await ada.sees_soon(_is_alert, PATIENCE, channel="dm")
    await ada.sees_soon("❌ *Data Loader*", PATIENCE, channel="dm")

    async def is_told() -> bool:
        async with Valkey.from_url(world.redis_url) as raw:
            return bool(await raw.hget(keys.reset(reset.id), "p:follow:1"))

    await eventually(is_told)
    await idle(world)


def _is_alert(shown: Shown) -> bool:
    return ALERT in shown.plain.split("\n")[0]


async def _no_intents(_: World) -> set[str]:
    return set()


async def _look_is_right(world: World, _: Death) -> None:
    ada, reset = world.person("ada"), await world.newest("ada")
    assert len([shown for shown in ada.sees("dm") if _is_alert(shown)]) == 1
    each_once(ada)
    follow_up = await world.web.stores.follow_ups.get(reset.id)
    assert follow_up is not None
    assert follow_up.round == 1
    (loader,) = [item for item in follow_up.items if item.name == "Data Loader"]
    assert (loader.state, loader.failing[0].count) == (ItemState.FAILS, 1)
    assert len(world.org.resets) == 1
    rows = [row for row in await audit(world) if row.reset_id == reset.id]
    is_a_way(rows, reset)
    assert Counter(row.what for row in rows if row.what not in set(Move)) == Counter(ROWS)
    await nothing_is_left(world)
