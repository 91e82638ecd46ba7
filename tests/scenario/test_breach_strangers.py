"""Whatever those do who may not decide, on any button or form: an answer, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.slack.dispatcher import Kind
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseMove, CaseState
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_attempts import (
    ALL,
    WHY,
    at_salesforce,
    forged_form,
    forged_press,
    hurried,
    idle,
    joins_channel,
    value_of,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    contained,
    reported,
    states,
    the_case,
)
from tests.scenario.steps import audit
from tests.scenario.world import World

BUTTONS = ["approve", "deny", "review", "address", "evidence", "retry", "unfreeze", "close"]
FORMS = ["approve", "override", "deny", "address", "review"]
COMMANDS = ["", "help", "status", "breach", "breach @ada once more", "breach @nobody", "breach x@y"]
PEOPLE = ["eve", "ada", "carl", "ivan", "iris"]
"""The reporter, the suspected person, somebody; a suspected approver, one who reported."""
HARMLESS = {CaseMove.REPORT, CaseMove.PRESENT, CaseMove.MERGE, CaseMove.JOIN, CaseMove.RENEW}
"""What may follow from a report, which anybody may make."""


@dataclass
class Scene:
    """A world with cases at every stage, and the ids that are to be had in it."""

    world: World
    seen: list[Shown]
    cases: list[Case]
    ids: dict[str, list[str]]
    """By person: real and forged ones; for an approver those of the case that isn't theirs."""


@dataclass(frozen=True)
class Deed:
    """What somebody does: a press, a form or a command, and with which id."""

    how: str
    name: str
    which: int = 0
    steps: tuple[str, ...] = tuple(ALL)
    decision: str = "approve"
    words: str = WHY


@pytest.fixture
async def scene(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url, BREACH_EMERGENCY="false") as world:
        world.slack.rate_limits.off()
        for name in ("eve", "ada", "carl"):
            joins_channel(world, name)
        yield await _staged(world)


async def _staged(world: World) -> Scene:
    """Eve reports Ada; Ivan is suspected; Iris reports Ben; two of Eve's are approved."""
    ada, ivan, ben = (
        await reported(world, by="eve", whom="ada"),
        await reported(world, by="dana", whom="ivan"),
        await reported(world, by="iris", whom="ben"),
    )
    held, over = await reported(world, whom="dana"), await reported(world, whom="omar")
    await approves(world, held, "iris")
    await approves(world, over, "iris", steps=["freeze"])
    await contained(world, over)
    await idle(world)
    seen = [ada, ivan, ben, held, over]
    cases = [await the_case(world, one) for one in seen]
    assert [one.state for one in cases] == [
        *[CaseState.AWAITING_APPROVAL] * 3,
        CaseState.APPROVED,
        CaseState.CONTAINED,
    ]
    assert states(cases[3])[StepKind.PASSWORD] is StepState.HELD
    forged = ["0" * 32, "f" * 32, "", "no id"]
    ids = [
        [one.id, value_of(card), *(step.id for step in one.steps)]
        for one, card in zip(cases, seen, strict=True)
    ]
    everything = [*(one for each in ids for one in each), *forged]
    mine = {"ivan": [*ids[1], *forged], "iris": [*ids[2], *forged]}
    return Scene(world, seen, cases, {one: mine.get(one, everything) for one in PEOPLE})


async def does(scene: Scene, who: str, deed: Deed) -> None:
    """Do it, and be answered: by a line for them alone, a form, or what is wrong in theirs."""
    world, person = scene.world, scene.world.person(who)
    before = {shown.ts for shown in person.sees() if shown.ephemeral}
    if deed.how == "command":
        assert (await person.types(f"/reset-token {deed.name}".strip())).error is None
        said = None
    else:
        ack = await world.slack.dispatcher.deliver(Kind.INTERACTION, _payload(scene, who, deed))
        assert (ack.status, ack.error) == (200, None)
        said = ack.said
    await idle(world)
    new = [shown for shown in person.sees() if shown.ephemeral and shown.ts not in before]
    modal = person.modal
    if modal is not None:
        assert "One moment" not in modal.plain, f"{who}'s {deed} was left without an answer"
        await person.closes()
    assert new or modal or said, f"{who}'s {deed} was left without an answer"


def _payload(scene: Scene, who: str, deed: Deed) -> dict[str, Any]:
    ids = scene.ids[who]
    which = ids[deed.which % len(ids)]
    if deed.how == "press":
        on = scene.seen[deed.which % len(scene.seen)]
        return forged_press(scene.world, who, f"breach.{deed.name}", which, on)
    held: dict[str, Any] = {
        "steps": list(deed.steps),
        "cases": [which, *ids][:25],
        "decision": deed.decision,
        **dict.fromkeys(("reason", "how", "note", "username"), deed.words),
    }
    return forged_form(scene.world, who, f"breach.{deed.name}", which, **held)


async def nothing_came_of_it(scene: Scene, salesforce: dict[str, Any]) -> None:
    world = scene.world
    assert at_salesforce(world) == salesforce
    now = [await the_case(world, one) for one in scene.seen]
    assert list(map(_decided, now)) == list(map(_decided, scene.cases))
    open_ones = await world.web.stores.cases.newest_open(100)
    assert {one.state for one in open_ones} <= {CaseState.PREPARING, CaseState.AWAITING_APPROVAL}
    assert not any(one.approvals or one.steps or one.denial for one in open_ones)


def _decided(case: Case) -> dict[str, Any]:
    """All of a case but the reports, of which there may be more."""
    return case.model_dump(exclude={"version", "reports", "more_reports", "more_reporters"})


async def moves(world: World) -> list[str]:
    return [row.what for row in await audit(world) if row.what.startswith("breach_")]


@pytest.mark.parametrize("who", PEOPLE)
async def test_every_button_and_form_answers_and_does_nothing(scene: Scene, who: str) -> None:
    before, made = at_salesforce(scene.world), await moves(scene.world)
    for name in BUTTONS:
        for which in range(3):
            await does(scene, who, Deed("press", name, which))
    for name in FORMS:
        for which in range(3):
            await does(scene, who, Deed("form", name, which))
    await nothing_came_of_it(scene, before)
    assert await moves(scene.world) == made, "they didn't even report anything"


DEEDS = st.one_of(
    st.builds(
        Deed, st.just("press"), st.sampled_from([*BUTTONS, "plan_instead"]), st.integers(0, 99)
    ),
    st.builds(
        Deed,
        st.just("form"),
        st.sampled_from([*FORMS, "report", "plan"]),
        st.integers(0, 99),
        st.lists(st.sampled_from([*ALL, "check", "unfreeze", "x"]), unique=True).map(tuple),
        st.sampled_from(["approve", "deny", ""]),
        st.sampled_from([WHY, "ada@acme.example", "", " "]),
    ),
    st.builds(Deed, st.just("command"), st.sampled_from(COMMANDS)),
)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    # Nothing comes of what is done, so every example finds the scene as the first one did.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(PEOPLE), DEEDS), min_size=1, max_size=6))
async def test_no_sequence_of_deeds_has_an_effect(
    scene: Scene, deeds: list[tuple[str, Deed]]
) -> None:
    before, made = at_salesforce(scene.world), await moves(scene.world)
    for who, deed in deeds:
        await does(scene, who, deed)
    await nothing_came_of_it(scene, before)
    assert set((await moves(scene.world))[len(made) :]) <= HARMLESS
