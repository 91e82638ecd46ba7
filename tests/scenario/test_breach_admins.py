"""An account with admin rights: two different approvers, and the last admin is never frozen."""

from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.salesforce.users import User
from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_attempts import (
    Attempt,
    at_salesforce,
    idle,
    nothing_happens,
    refusals,
    refused,
    told_in_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    card,
    case_in,
    contained,
    denies,
    reported,
    states,
    step_of,
    the_case,
)
from tests.scenario.steps import PATIENCE, audit, newcomer
from tests.scenario.world import World

TWICE = "You have approved this already"
ONE_MORE = "One more approver is needed"
GROUP = f"<!subteam^{seed.APPROVERS}>"


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


def another_admin(world: World) -> User:
    return world.org.add_user(
        "zoe@acme.example.prod", "zoe@acme.example", "Zoe Ek", profile="System Administrator"
    )


async def test_two_different_approvers_are_needed_and_the_card_says_who_was_first(
    world: World,
) -> None:
    another_admin(world)
    seen = await reported(world, whom="ben")
    assert "System Administrator" in seen.plain
    assert "2 different approvers, because this account has admin rights" in seen.plain
    before = at_salesforce(world)
    await approves(world, seen, "ivan")
    first = await card(world, _says(ONE_MORE))
    assert first.ts == seen.ts
    assert "*Approved by* @Ivan Petrov" in first.plain
    assert "Nothing has been done yet" in first.plain
    called = await world.person("iris").sees_soon(
        lambda shown: "it takes another approver" in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert GROUP in called.text
    await idle(world)
    assert at_salesforce(world) == before
    await approves(world, first, "iris")
    case = await contained(world, seen)
    assert {one.by.user_id for one in case.approvals} == {
        world.slack.person(name).id for name in ("ivan", "iris")
    }
    assert set(states(case).values()) == {StepState.DONE}
    assert world.org.person("ben").is_frozen
    decided = await _card_says(world, "Approved* by @Iris Itou")
    assert "Approved* by @Ivan Petrov" in decided
    whats = [row.what for row in await audit(world)]
    assert whats.count("breach_first_approve") == whats.count("breach_approve") == 1


async def test_the_same_approver_twice_counts_once(world: World) -> None:
    seen = await reported(world, whom="ben")
    await approves(world, seen, "ivan")
    await card(world, _says(ONE_MORE))
    ivan = world.person("ivan")
    async with nothing_happens(world, seen):
        await ivan.presses("breach.approve", seen)
        await told_in_form(ivan, TWICE)
        await refused(world, seen, "ivan", Attempt("approve", is_form=True), TWICE)
    assert await refusals(world, "ivan") == [("refused:breach_approve", "same_approver")] * 2
    await denies(world, seen, "ivan", why="I was wrong")  # one is enough to deny, the same too
    await case_in(world, (await the_case(world, seen)).id, CaseState.DENIED)
    assert world.org.resets == []


async def test_how_many_it_takes_is_a_setting(redis_url: str) -> None:
    async with a_breach_world(redis_url, BREACH_ADMIN_APPROVERS="3") as world:
        third = newcomer(world, "ines", "ines@acme.example")
        world.slack.groups[seed.APPROVERS].members.append(third.id)
        world.slack.channel(seed.IT_CHANNEL).members.append(third.id)
        another_admin(world)
        seen = await reported(world, whom="ben")
        for name, then in (("ivan", "2 more are needed"), ("iris", ONE_MORE)):
            await approves(world, seen, name)
            await card(world, _says(then))
        await idle(world)
        assert not world.org.person("ben").is_frozen
        await approves(world, seen, "ines")
        await contained(world, seen)
        assert world.org.person("ben").is_frozen


def _alone(_: World) -> None:
    """Ben is Acme's only admin."""


def _beside_a_frozen_one(world: World) -> None:
    another_admin(world).is_frozen = True


def _beside_a_former_one(world: World) -> None:
    another_admin(world).is_active = False


@pytest.mark.parametrize("how", [_alone, _beside_a_frozen_one, _beside_a_former_one])
async def test_the_last_active_admin_is_never_frozen_and_the_rest_goes_on(
    world: World, how: Callable[[World], None]
) -> None:
    how(world)
    ben = world.org.person("ben")
    seen = await reported(world, whom="ben")
    for name in ("ivan", "iris"):
        await approves(world, seen, name)
    case = await contained(world, seen)
    assert not ben.is_frozen
    freeze = step_of(case, StepKind.FREEZE)
    assert (freeze.state, freeze.code) == (StepState.FAILED, "last_admin")
    rest = {kind: state for kind, state in states(case).items() if kind is not StepKind.FREEZE}
    assert set(rest.values()) == {StepState.DONE}
    assert len(world.org.resets) == 1
    thread = await world.person("ivan").sees_soon(
        lambda shown: "steps have ended" in shown.plain and "❌" in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert "this is the last active admin that I can see" in thread.plain
    assert "Make a second user an admin in Salesforce, then try again" in thread.plain


def _says(words: str) -> Callable[[Shown], bool]:
    return lambda shown: words in shown.plain


async def _card_says(world: World, words: str) -> str:
    shown = await world.person("ivan").sees_soon(words, PATIENCE, channel=seed.IT_CHANNEL)
    assert shown.buttons == []
    return shown.plain
