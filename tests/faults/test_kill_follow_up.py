"""A worker killed in the middle of a look: the checklist is right in the end, the alert is one."""

import pytest
from valkey.asyncio import Valkey

from services.follow_ups.model import ItemState
from services.store import keys
from services.store.changes import JobName
from tests.faults.test_kill import TIMEOUT, Point, arm, arrived, points, worker
from tests.scenario.programs import programs_of
from tests.scenario.steps import done, eventually
from tests.scenario.world import World, a_world

ALERT = "fails to log in to Production"
IN_A_LOOK = [
    ("salesforce", "composite", 1),
    ("slack", "chat.update", 1),
    ("slack", "chat.postMessage", 1),
]


async def is_due(world: World, reset_id: str) -> None:
    """Let the first look be due now: a worker of its own process has the real clock."""
    async with Valkey.from_url(world.redis_url) as raw:
        await raw.zadd(keys.follow_ups_due("production"), {reset_id: 0})
    await world.run_job(JobName.FOLLOW_ROUND, "production:0")


async def hold_is_over(world: World) -> None:
    """Let the dead worker's hold run out, which takes a minute."""
    async with Valkey.from_url(world.redis_url) as raw:
        await raw.delete(keys.follow_round("production"))


@pytest.mark.parametrize("point", points(IN_A_LOOK), ids=str)
async def test_killed_in_a_look(redis_url: str, point: Point) -> None:
    async with a_world(redis_url, worker=False) as world:
        ada = world.person("ada")
        async with world.worker():
            programs = await programs_of(world)
            steps = await done(world)
        assert not (await programs.log_in("Data Loader")).ok
        reset = await world.newest("ada")
        reached = arm(world, point)
        await is_due(world, reset.id)
        async with worker(world):
            await arrived(world, reached)
        await hold_is_over(world)
        async with worker(world):
            await ada.sees_soon(
                lambda shown: ALERT in shown.plain.split("\n")[0], TIMEOUT, channel="dm"
            )
            await ada.sees_soon(
                lambda shown: shown.ts == steps.ts and "❌ *Data Loader*" in shown.plain,
                TIMEOUT,
                channel="dm",
            )

            async def is_told() -> bool:
                async with Valkey.from_url(world.redis_url) as raw:
                    return bool(await raw.hget(keys.reset(reset.id), "p:follow:1"))

            await eventually(is_told)
        alerts = [shown for shown in ada.sees("dm") if ALERT in shown.plain.split("\n")[0]]
        assert len(alerts) == 1
        after = await world.web.stores.follow_ups.get(reset.id)
        assert after is not None
        (loader,) = [item for item in after.items if item.name == "Data Loader"]
        assert (loader.state, loader.failing[0].count) == (ItemState.FAILS, 1)
        assert after.round == 1
