"""`doctor` against the sandbox's workspace and org, everything in order."""

from bot.doctor import lines
from bot.doctor_lines import Mark
from sandbox.salesforce.seed import RESETTABLE
from tests.scenario.world import World, a_world


async def marks(world: World, **changes: object) -> dict[Mark, list[str]]:
    found: dict[Mark, list[str]] = {mark: [] for mark in Mark}
    settings = world.settings.model_copy(update=changes)
    async for line in lines(settings, world.redis_url):
        found[line.mark].append(str(line))
    return found


async def test_the_sandbox_is_in_order_and_nothing_is_reset(redis_url: str) -> None:
    async with a_world(
        redis_url,
        RESET_DOCTOR_USERNAME="ada@acme.example",
        RESET_USER_PERMISSION_SET=RESETTABLE,
    ) as world:
        await world.worker_seen()
        found = await marks(world)
        # Tests don't wait for their disk; a deployment does.
        assert [line for line in found[Mark.FAULT] if "appendfsync" not in line] == []
        assert len(found[Mark.OK]) >= 10
        assert world.org.resets == []
        assert world.org.hazard_gets == 0


async def test_too_few_approvers_for_an_admin_are_said(redis_url: str) -> None:
    async with a_world(redis_url) as world:
        ivan, iris = (world.slack.person(name) for name in ("ivan", "iris"))
        two = await marks(world)
        assert [line for line in two[Mark.NOT_CHECKED] if "there are no more" in line]
        iris.deleted = True
        one = await marks(world, it_approvers=(ivan.id, iris.id))
        assert [line for line in one[Mark.FAULT] if "takes 2 approvers, and there are 1" in line]
