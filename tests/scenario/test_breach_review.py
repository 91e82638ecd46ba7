"""*Review together*: one decision about many, a claim each; never about admins or own reports."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.cases.steps import StepState
from tests.scenario.breach_attempts import (
    ALL,
    NOT_APPROVER,
    OWN,
    SUSPECTED,
    WHY,
    forged_form,
    forged_press,
    hurried,
    idle,
    joins_channel,
    nothing_happens,
    refusals,
    told_in_form,
    value_of,
    whole_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    card,
    cards,
    contained,
    denies,
    form,
    reported,
    states,
    the_case,
)
from tests.scenario.steps import PATIENCE, answered, on_screen
from tests.scenario.test_breach_admins import another_admin
from tests.scenario.test_breach_many import alert, carded, flooded, staff, summary
from tests.scenario.world import World


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        built.slack.rate_limits.off()
        yield built


async def opens(world: World, who: str, leading: Shown) -> Actor:
    person = world.person(who)
    await person.presses("breach.review", leading)
    await form(person, "breach.review")
    return person


def offered(person: Actor) -> dict[str, str]:
    """The cards that may be chosen, by what is read."""
    assert person.modal is not None
    (field,) = [one for one in person.modal.blocks if one.get("block_id") == "cases"]
    return {one["text"]["text"]: one["value"] for one in field["element"]["options"]}


async def state_of(world: World, seen: Shown) -> CaseState:
    return (await the_case(world, seen)).state


async def test_up_to_twenty_are_denied_together_without_admins_and_own_reports(
    world: World,
) -> None:
    another_admin(world)
    await flooded(world, *staff(world, 22))
    ben, dana = await reported(world, whom="ben"), await reported(world, by="ivan", whom="dana")
    ivan = await opens(world, "ivan", await summary(world, "24 reports wait"))
    options = offered(ivan)
    assert len(options) == 20
    assert not [one for one in options if "ben@" in one or "dana@" in one]
    assert {value_of(ben), value_of(dana)}.isdisjoint(options.values())
    before = on_screen(ivan)
    sent = await ivan.submits({"decision": "deny", "reason": "One false rule in the SIEM"})
    assert not sent.errors
    await idle(world)
    await answered(ivan, "20 of 20 decided", before)
    assert len(cards(world)) == 4
    assert [await state_of(world, one) for one in (ben, dana)] == [CaseState.AWAITING_APPROVAL] * 2
    assert len(await world.web.stores.cases.newest_open(50)) == 4
    shown = [one for one in ivan.sees(seed.IT_CHANNEL) if "One false rule in the SIEM" in one.plain]
    assert len(shown) == 20, "each card says so"
    assert world.org.resets == []


async def test_each_of_several_approvals_is_a_claim_of_its_own(world: World) -> None:
    people = staff(world, 11)
    people[-1].is_active = False  # nothing to freeze there, and on top of the form
    await carded(world, *people[:-1])
    await flooded(world, people[-1])
    first, second, third, *others = cards(world)
    ivan = await opens(world, "ivan", await summary(world, "11 reports wait"))
    await denies(world, second, "iris", why="Mine: a test")
    await idle(world)
    before = on_screen(ivan)
    chosen = [value_of(one) for one in (first, second, third)]
    left_alone = [await the_case(world, one) for one in others]
    sent = await ivan.submits({"cases": chosen, "steps": ["freeze"], "reason": WHY})
    assert not sent.errors
    await idle(world)
    told = await answered(ivan, "2 of 3 decided", before)
    done = [await contained(world, one) for one in (first, third)]
    assert "This was already denied" in told.plain
    assert [await the_case(world, one) for one in others] == left_alone
    assert await refusals(world, "ivan") == [("refused:breach_review", "already_decided")]
    frozen = {one.username for one in people if one.is_frozen}
    assert frozen == {one.target.username for one in done if one.target}
    assert [set(states(one).values()) for one in done] == [{StepState.DONE}] * 2
    assert await state_of(world, second) is CaseState.DENIED


async def test_who_it_is_about_is_looked_up_before_many_are_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cases.preparation.LOOKUPS", 1)
    ada, people = world.org.person("ada"), staff(world, 11)
    await alert(world, people[0])
    await card(world)  # the look-up was theirs
    leading = await flooded(world, *people[1:], ada)
    (hers,) = [one for one in cards(world) if "`ada@acme.example`" in one.plain]
    assert "I couldn't yet look up who has this address in Slack" in hers.plain
    ivan = await opens(world, "ivan", leading)
    chosen = {"cases": [value_of(hers)], "steps": ["password"], "reason": WHY}
    assert not (await ivan.submits(chosen)).errors
    await contained(world, hers)
    assert [one.user_id for one in world.org.resets] == [ada.id]
    await world.person("ada").sees_soon("may be in other hands", PATIENCE, channel="dm")


async def test_whoever_may_not_decide_reviews_nothing(world: World) -> None:
    joins_channel(world, "eve")
    leading = await flooded(world, *staff(world, 11))
    seen = cards(world)
    eve = world.person("eve")
    async with nothing_happens(world, *seen):
        await eve.presses("breach.review", leading)
        await told_in_form(eve, NOT_APPROVER)
        for decision in ("approve", "deny"):
            before = on_screen(eve)
            await eve.presses_raw(_forged(world, "eve", decision, seen))
            told = await answered(eve, "0 of 11 decided", before)
            assert NOT_APPROVER in told.plain
    assert set(await refusals(world, "eve")) == {("refused:breach_review", "not_approver")}


async def test_a_forged_review_decides_neither_about_admins_nor_own_reports(world: World) -> None:
    own, ben = await reported(world, by="ivan", whom="dana"), await reported(world, whom="ben")
    mine = await reported(world, whom="ivan")
    ivan = world.person("ivan")
    async with nothing_happens(world, own, ben, mine):
        for decision in ("approve", "deny"):
            before = on_screen(ivan)
            await ivan.presses_raw(_forged(world, "ivan", decision, [own, ben, mine]))
            told = await answered(ivan, "*0 of 3 decided.* Nothing has changed.", before)
            for words in (OWN, SUSPECTED, "the account has admin rights"):
                assert words in told.plain
    assert sorted(await refusals(world, "ivan")) == [
        ("refused:breach_review", why)
        for why in ("nothing_to_review", "own_report", "suspected")
        for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("who", "words"), [("ivan", "I don't know the report"), ("eve", NOT_APPROVER)]
)
async def test_a_review_of_reports_that_nobody_has_says_so(
    world: World, who: str, words: str
) -> None:
    person = world.person(who)
    nobodys = ["0" * 32, "1" * 32]
    held: dict[str, Any] = {"cases": nobodys, "steps": ALL, "decision": "approve", "reason": WHY}
    before = on_screen(person)
    await person.presses_raw(forged_form(world, who, "breach.review", "", **held))
    told = await person.sees_soon(lambda shown: shown.ts not in before and words in shown.plain)
    assert "0 of 0" not in told.plain


async def test_where_nothing_can_be_decided_together_no_form_comes(world: World) -> None:
    leading = await flooded(world, *staff(world, 11))
    iris = world.person("iris")
    for one in cards(world):
        await iris.presses_raw(whole_form(world, "iris", "breach.deny", value_of(one)))
    await idle(world)
    press = forged_press(world, "ivan", "breach.review", "0" * 32, leading)
    await world.person("ivan").presses_raw(press)
    await told_in_form(world.person("ivan"), "There is nothing here to decide together")


def _forged(world: World, who: str, decision: str, seen: Sequence[Shown]) -> dict[str, Any]:
    chosen = [value_of(one) for one in seen]
    held: dict[str, Any] = {"cases": chosen, "steps": ALL, "decision": decision, "reason": WHY}
    return forged_form(world, who, "breach.review", "", **held)
