"""Many at once, late, again or with other ids: one decision, and everybody else is told."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.store.changes import JobName
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    OVER,
    Attempt,
    can_do_nothing,
    forged_press,
    hurried,
    idle,
    joins_channel,
    nothing_happens,
    refusals,
    refused,
    told_in_form,
    value_of,
    whole_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    card,
    case_in,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.steps import answered, audit, on_screen, restarted
from tests.scenario.world import World

BY_WHOM_AND_WHEN = r"This was already {} by @{}, today at \d\d:\d\d\. This press changed nothing"
GONE = "I don't know the report that this button belongs to"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def opens(person: Actor, seen: Shown, which: str) -> None:
    await person.presses(which, seen)
    await form(person, which)


async def ended(world: World, seen: Shown) -> Case:
    """Wait until nothing is under way; return the case."""
    await idle(world)
    return await the_case(world, seen)


def answers(person: Actor, words: str) -> list[str]:
    """What somebody alone was told in IT's channel that has these words."""
    seen = person.sees(seed.IT_CHANNEL)
    return [shown.plain for shown in seen if shown.ephemeral and re.search(words, shown.plain)]


async def decisions(world: World) -> Counter[str]:
    wanted = {"breach_approve", "breach_deny", "breach_first_approve"}
    return Counter(row.what for row in await audit(world) if row.what in wanted)


async def test_two_approvers_at_once_are_one_decision(world: World) -> None:
    seen = await reported(world)
    ivan, iris = world.person("ivan"), world.person("iris")
    for one in (ivan, iris):
        await opens(one, seen, "breach.approve")
    await asyncio.gather(ivan.submits({}), iris.submits({}))
    case = await ended(world, seen)
    assert case.state is CaseState.CONTAINED
    assert len(world.org.resets) == 1
    assert await decisions(world) == {"breach_approve": 1}
    (approval,) = case.approvals
    first, second = (ivan, iris) if approval.by.user_id == ivan.person.id else (iris, ivan)
    words = BY_WHOM_AND_WHEN.format("approved", first.person.real_name)
    assert len(answers(second, words)) == 1
    assert answers(first, "This was already") == []


async def test_an_approval_and_a_denial_at_once_are_one_decision(world: World) -> None:
    seen = await reported(world)
    ivan, iris = world.person("ivan"), world.person("iris")
    await opens(ivan, seen, "breach.approve")
    await opens(iris, seen, "breach.deny")
    await asyncio.gather(ivan.submits({}), iris.submits({"reason": "It was a drill"}))
    case = await ended(world, seen)
    if case.state is CaseState.DENIED:
        told, words = ivan, BY_WHOM_AND_WHEN.format("denied", "Iris Itou")
        assert world.org.resets == []
        assert not world.org.person("ada").is_frozen
    else:
        told, words = iris, BY_WHOM_AND_WHEN.format("approved", "Ivan Petrov")
        assert case.state is CaseState.CONTAINED
        assert len(world.org.resets) == 1
    assert len(answers(told, words)) == 1
    assert sum((await decisions(world)).values()) == 1


async def test_fifty_approvals_at_once_are_one_decision_and_everybody_is_answered(
    world: World,
) -> None:
    for name in ("eve", "carl"):
        joins_channel(world, name)
    seen = await reported(world, by="dana")
    names = ["ivan", "iris", "eve", "carl"] * 13
    sent = [(one, whole_form(world, one, "breach.approve", value_of(seen))) for one in names[:50]]
    acks = await asyncio.gather(*(world.person(one).presses_raw(form) for one, form in sent))
    assert {(ack.status, ack.error) for ack in acks} == {(200, None)}
    case = await ended(world, seen)
    assert case.state is CaseState.CONTAINED
    assert len(world.org.resets) == 1
    assert await decisions(world) == {"breach_approve": 1}
    (approval,) = case.approvals
    first = world.slack.person(approval.by.user_id)
    already = BY_WHOM_AND_WHEN.format("approved", first.real_name)
    count = Counter(one for one, _ in sent)
    for name in ("ivan", "iris"):
        assert len(answers(world.person(name), already)) == count[name] - (name == first.name)
    for name in ("eve", "carl"):
        assert len(answers(world.person(name), NOT_APPROVER)) == count[name]
        assert await refusals(world, name) == (
            [("refused:breach_approve", "not_approver")] * count[name]
        )


async def test_a_decision_that_came_late_is_told_who_was_first_and_when(world: World) -> None:
    seen = await reported(world)
    iris = world.person("iris")
    press = iris.press_payload("breach.approve", seen)
    await opens(iris, seen, "breach.deny")
    await approves(world, seen, "ivan")
    await contained(world, seen)
    before = on_screen(iris)
    async with nothing_happens(world, seen):
        assert not (await iris.submits({"reason": "Late"})).errors
        told = await answered(iris, "This was already approved", before)
        assert re.search(BY_WHOM_AND_WHEN.format("approved", "Ivan Petrov"), told.plain)
        # From a screen that still has the buttons; Slack gives the press an id of its own.
        trigger_id = world.slack.triggers.give(iris.person.id, world.slack.clock())
        await iris.presses_raw(press | {"trigger_id": trigger_id})
        await told_in_form(iris, "This was already approved by @Ivan Petrov")
    assert await refusals(world, "iris") == [
        ("refused:breach_deny", "already_decided"),
        ("refused:breach_approve", "already_decided"),
    ]


async def test_a_decision_whose_job_runs_again_is_made_once_and_refused_never(
    world: World,
) -> None:
    seen = await reported(world)
    await approves(world, seen)
    await ended(world, seen)
    (approval,) = (await the_case(world, seen)).approvals
    async with nothing_happens(world, seen):
        for _ in range(3):
            await world.run_job(JobName.DECIDE_CASE, approval.press)
    assert await decisions(world) == {"breach_approve": 1}
    assert await refusals(world, "ivan") == []
    assert answers(world.person("ivan"), "") == []


async def test_a_card_that_was_posted_afresh_decides_nothing_any_more(world: World) -> None:
    old = await reported(world)
    ivan = world.person("ivan")
    press = ivan.press_payload("breach.approve", old)
    await opens(ivan, old, "breach.deny")
    world.clock.forward(hours=4)
    await world.run_job(JobName.RENEW_CARD, (await the_case(world, old)).id)
    new = await card(world, lambda shown: shown.ts != old.ts)
    async with nothing_happens(world, new):
        before = on_screen(ivan)
        await ivan.submits({"reason": "Late"})
        await answered(ivan, OVER, before)
        await refused(world, old, "ivan", Attempt("approve", is_form=True), OVER)
        fresh = {**press, "trigger_id": ivan.press_payload("breach.deny", new)["trigger_id"]}
        await ivan.presses_raw(fresh)
        await told_in_form(ivan, "the newest card about it has the buttons")
    assert [why for _, why in await refusals(world, "ivan")] == ["card_over"] * 3
    await denies(world, new)
    await case_in(world, (await the_case(world, new)).id, CaseState.DENIED)


async def test_a_form_that_is_sent_after_expiry_decides_nothing(world: World) -> None:
    seen = await reported(world)
    ivan = world.person("ivan")
    await opens(ivan, seen, "breach.approve")
    world.clock.forward(hours=4)
    async with nothing_happens(world, seen):
        before = on_screen(ivan)
        await ivan.submits({})
        await answered(ivan, OVER, before)
    await can_do_nothing(world, seen, "ivan", OVER, "card_over")


async def test_a_press_and_a_form_outlive_a_restart_of_web_and_worker(redis_url: str) -> None:
    async with a_breach_world(redis_url, worker=False) as world:
        ivan, iris = world.person("ivan"), world.person("iris")
        async with world.worker():
            seen = await reported(world)
            await opens(ivan, seen, "breach.approve")
        await iris.presses("breach.approve", seen)
        assert iris.modal is not None
        assert "One moment" in iris.modal.plain, "no worker is there"
        async with restarted(world), world.worker():
            await form(iris, "breach.approve")
            assert not (await ivan.submits({})).errors
            await contained(world, seen)
            before = on_screen(iris)
            await iris.submits({})
            await answered(iris, "This was already approved by @Ivan Petrov", before)
        assert len(world.org.resets) == 1


async def test_ids_of_anything_else_decide_nothing(world: World) -> None:
    seen, other = await reported(world), await reported(world, whom="dana")
    case, elsewhere = await the_case(world, seen), await the_case(world, other)
    ivan = world.person("ivan")
    ids = (case.id, elsewhere.id, "0" * 32, "f" * 32, "", "../" + value_of(seen), "é" * 64)
    async with nothing_happens(world, seen, other):
        for one in ids:
            for name in ("breach.approve", "breach.deny"):
                await ivan.presses_raw(forged_press(world, "ivan", name, one, seen))
                await told_in_form(ivan, GONE)
            for name in ("breach.approve", "breach.deny", "breach.override", "breach.address"):
                before = on_screen(ivan)
                await ivan.presses_raw(whole_form(world, "ivan", name, one))
                words = "isn't waiting" if name == "breach.address" and one in ids[:2] else GONE
                await answered(ivan, words, before)
        for name in ("breach.retry", "breach.unfreeze", "breach.close", "breach.evidence"):
            for one in (value_of(seen), "0" * 32):
                before = on_screen(ivan)
                await ivan.presses_raw(forged_press(world, "ivan", name, one, seen))
                if name == "breach.evidence":
                    await told_in_form(ivan, GONE)
                else:
                    await answered(ivan, GONE, before)


async def test_a_card_decides_about_its_own_case_alone(world: World) -> None:
    seen, other = await reported(world), await reported(world, whom="dana")
    async with nothing_happens(world, other):
        await denies(world, seen)
        await case_in(world, (await the_case(world, seen)).id, CaseState.DENIED)
    assert (await the_case(world, other)).state is CaseState.AWAITING_APPROVAL
