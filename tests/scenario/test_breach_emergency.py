"""*Emergency override*: an approver acts alone on their own report, and everybody hears of it."""

from collections.abc import AsyncIterator

import pytest

from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_attempts import (
    OWN,
    SUSPECTED,
    WHY,
    Attempt,
    can_do_nothing,
    forged_form,
    hurried,
    idle,
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
    states,
    the_case,
)
from tests.scenario.steps import PATIENCE, answered, audit, audited, on_screen, replaced
from tests.scenario.test_breach_admins import another_admin
from tests.scenario.world import World

EVERYBODY = "<!channel>"
ALONE = ["freeze", "sessions"]


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url) as built:
        yield built


async def overrides(
    world: World, seen: Shown, *, why: str = WHY, steps: list[str] | None = None
) -> None:
    """Press *Approve…* on one's own report, and send the form that comes instead."""
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.override")
    entries: dict[str, str | list[str]] = {"reason": why}
    if steps is not None:
        entries["steps"] = steps
    assert not (await ivan.submits(entries)).errors


async def told_to_all(world: World) -> Shown:
    """What the whole channel is told."""
    return await world.person("iris").sees_soon(
        lambda shown: EVERYBODY in shown.text, PATIENCE, channel=seed.IT_CHANNEL
    )


async def begun(world: World, seen: Shown) -> Case:
    """Wait until what could be done alone on an admin is done, and the rest waits."""
    await idle(world)
    case = await case_in(world, (await the_case(world, seen)).id, CaseState.AWAITING_APPROVAL)
    assert states(case) == {
        StepKind.EVIDENCE: StepState.DONE,
        StepKind.FREEZE: StepState.DONE,
        StepKind.SESSIONS: StepState.DONE,
        StepKind.GRANTS: StepState.WAITING,
        StepKind.PASSWORD: StepState.WAITING,
        StepKind.CHECK: StepState.DONE,
    }
    return case


async def test_an_approver_acts_alone_with_a_reason_and_the_whole_channel_is_told(
    world: World,
) -> None:
    seen = await reported(world, by="ivan")
    assert "choose *Emergency override* there" in seen.plain
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.override")
    assert ivan.modal is not None
    for words in ("You reported this yourself", "The whole channel is told", "3 times an hour"):
        assert words in ivan.modal.plain
    async with nothing_happens(world, seen):
        assert (await ivan.submits({"reason": " "})).errors == {"reason": "Say why, in a line."}
    assert not (await ivan.submits({"reason": WHY})).errors
    case = await contained(world, seen)
    assert [(one.by.user_id, one.override) for one in case.approvals] == [(ivan.person.id, True)]
    assert len(world.org.resets) == 1
    assert world.org.person("ada").is_frozen
    told = await told_to_all(world)
    assert told.thread_ts is None
    for words in ("@Ivan Petrov", "alone, on their own report", WHY, "@Ada Lovelace"):
        assert words in told.plain
    row = await audited(world, "breach_override")
    assert (row.slack_user, row.why) == (ivan.person.id, "override")
    over = await world.person("iris").sees_soon(
        replaced(seen, "*Emergency override* by @Ivan Petrov"), PATIENCE, channel=seed.IT_CHANNEL
    )
    assert over.buttons == []


async def test_others_get_the_usual_form_and_no_override(world: World) -> None:
    seen = await reported(world, by="ivan")
    iris = world.person("iris")
    await iris.presses("breach.approve", seen)
    await form(iris, "breach.approve")
    await iris.closes()
    async with nothing_happens(world, seen):
        await refused(world, seen, "iris", Attempt("override", is_form=True), "isn't for you here")
    assert await refusals(world, "iris") == [("refused:breach_override", "override_off")]


async def test_it_is_never_for_whoever_reports_themselves(world: World) -> None:
    seen = await reported(world, by="ivan", whom="ivan")
    await can_do_nothing(world, seen, "ivan", SUSPECTED, "suspected")


async def test_an_approval_forged_on_ones_own_report_is_none(world: World) -> None:
    seen = await reported(world, by="ivan")
    async with nothing_happens(world, seen):
        await refused(world, seen, "ivan", Attempt("approve", is_form=True), OWN)
        await refused(world, seen, "ivan", Attempt("deny", is_form=False), OWN)
        await refused(world, seen, "ivan", Attempt("deny", is_form=True), OWN)


async def test_the_fourth_within_an_hour_is_told_when_it_is_possible_again(
    world: World,
) -> None:
    world.slack.rate_limits.off()  # four stories at once, at more than their pace
    seen = [await reported(world, by="ivan", whom=one) for one in ("ada", "eve", "dana", "omar")]
    for one in seen[:3]:
        await overrides(world, one, steps=["sessions"])
        await contained(world, one)
    ivan = world.person("ivan")
    async with nothing_happens(world, seen[3]):
        before = on_screen(ivan)
        await overrides(world, seen[3])
        told = await answered(ivan, "3 times within an hour", before)
    assert "It is possible again from" in told.plain
    assert "Phone another approver" in told.plain
    row = await audited(world, "refused:breach_override")
    assert (row.slack_user, row.why) == (ivan.person.id, "override_limit")
    world.clock.forward(minutes=61)
    await overrides(world, seen[3])
    await contained(world, seen[3])


async def test_it_can_be_turned_off(redis_url: str) -> None:
    async with a_breach_world(redis_url, BREACH_EMERGENCY="false") as world:
        seen = await reported(world, by="ivan")
        assert "Emergency override" not in seen.plain
        off = "Emergency overrides are turned off here"
        async with nothing_happens(world, seen):
            await world.person("ivan").presses("breach.approve", seen)
            await told_in_form(world.person("ivan"), OWN)
            await refused(world, seen, "ivan", Attempt("override", is_form=True), off)
        assert [why for _, why in await refusals(world, "ivan")] == ["own_report"] * 2


async def test_on_an_admin_it_freezes_and_ends_sessions_and_another_approves_the_rest(
    world: World,
) -> None:
    another_admin(world)
    seen = await reported(world, by="ivan", whom="ben")
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.override")
    assert ivan.modal is not None
    assert "Waits for a second approver" in ivan.modal.plain
    chosen = ivan.modal.state["steps"]["many"]["selected_options"]
    assert [one["value"] for one in chosen] == ALONE
    assert not (await ivan.submits({"reason": WHY})).errors
    await begun(world, seen)
    assert world.org.person("ben").is_frozen
    assert world.org.resets == []
    told = await told_to_all(world)
    assert "*Waits for another approver:* revoke OAuth grants, reset password" in told.plain
    waiting = await card(world, lambda shown: "The rest waits for somebody else" in shown.plain)
    assert waiting.ts == seen.ts
    await approves(world, waiting, "iris")
    case = await contained(world, seen)
    assert set(states(case).values()) == {StepState.DONE}
    assert len(world.org.resets) == 1
    rows = [row.what for row in await audit(world) if row.what.startswith("breach_override")]
    assert rows == ["breach_override_part"]


async def test_what_another_denies_of_the_rest_is_not_done_and_the_freeze_stays(
    world: World,
) -> None:
    another_admin(world)
    world.org.add_grant("Outlook", world.org.person("ben"))
    seen = await reported(world, by="ivan", whom="ben")
    await overrides(world, seen)
    await begun(world, seen)
    await denies(world, seen, "iris", why="He phoned: it was him")
    case = await contained(world, seen)
    assert states(case)[StepKind.GRANTS] is StepState.SKIPPED
    assert states(case)[StepKind.PASSWORD] is StepState.SKIPPED
    assert world.org.person("ben").is_frozen
    assert world.org.resets == []
    assert [one for one in world.org.grants if one.user is world.org.person("ben")]
    told = await world.person("ivan").sees_soon("The rest was denied", PATIENCE, channel="dm")
    assert "“He phoned: it was him”" in told.plain


async def test_what_an_override_left_waiting_isnt_for_whoever_made_it(world: World) -> None:
    another_admin(world)
    seen = await reported(world, by="ivan", whom="ben")
    await overrides(world, seen)
    await begun(world, seen)
    async with nothing_happens(world, seen):
        await world.person("ivan").presses("breach.approve", seen)
        await told_in_form(world.person("ivan"), "now it takes somebody else")
        for action in ("approve", "deny"):
            await refused(world, seen, "ivan", Attempt(action, is_form=True), OWN)
        await refused(
            world, seen, "ivan", Attempt("override", is_form=True), "now it takes somebody else"
        )


async def test_a_form_forged_for_more_does_no_more_on_an_admin(world: World) -> None:
    another_admin(world)
    seen = await reported(world, by="ivan", whom="ben")
    ivan = world.person("ivan")
    await ivan.presses_raw(whole_form(world, "ivan", "breach.override", value_of(seen)))
    await begun(world, seen)
    assert world.org.resets == []


async def test_a_form_forged_for_what_waits_alone_does_nothing_on_an_admin(world: World) -> None:
    seen = await reported(world, by="ivan", whom="ben")
    ivan = world.person("ivan")
    more = forged_form(
        world, "ivan", "breach.override", value_of(seen), reason=WHY, steps=["grants", "password"]
    )
    async with nothing_happens(world, seen):
        before = on_screen(ivan)
        await ivan.presses_raw(more)
        await answered(ivan, "Nothing was chosen", before)
