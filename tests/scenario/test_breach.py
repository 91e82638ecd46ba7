"""A suspected breach from the report to the end: IT approves, and the account is contained."""

from collections.abc import AsyncIterator

import pytest

from sandbox.salesforce.records import ResetKind
from sandbox.slack import seed
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    approves,
    contained,
    reported,
    states,
)
from tests.scenario.steps import PATIENCE, has
from tests.scenario.world import World


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


async def test_an_approved_breach_is_contained_and_each_step_is_read_back(world: World) -> None:
    ada = world.org.person("ada")
    seen = await reported(world)
    assert REASON in seen.plain
    await approves(world, seen)
    case = await contained(world, seen)
    assert states(case) == {
        StepKind.EVIDENCE: StepState.DONE,
        StepKind.FREEZE: StepState.DONE,
        StepKind.SESSIONS: StepState.DONE,
        StepKind.GRANTS: StepState.DONE,
        StepKind.PASSWORD: StepState.DONE,
        StepKind.CHECK: StepState.DONE,
    }
    assert ada.is_frozen
    assert [s for s in world.org.sessions.values() if s.user is ada] == []
    assert [g for g in world.org.grants if g.user is ada] == []
    assert [(r.kind, r.user_id) for r in world.org.resets] == [(ResetKind.PASSWORD, ada.id)]
    assert world.org.violations == []
    truth = case.truth
    assert truth is not None
    assert (truth.is_frozen, truth.sessions, truth.grants) == (True, 0, 0)
    await world.person("ivan").sees_soon(
        lambda shown: shown.thread_ts == seen.ts and has("breach.unfreeze")(shown),
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    await world.person("ada").sees_soon("frozen", PATIENCE, channel="dm")
