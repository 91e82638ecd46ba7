"""The link for a new password goes to nobody whose address nobody has confirmed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.store.changes import JobName
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    OWN,
    SUSPECTED,
    idle,
    joins_channel,
    told_in_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    contained,
    form,
    reported,
    states,
    step_of,
    the_case,
)
from tests.scenario.containment_steps import (
    at_salesforce,
    line,
    suspected,
    thread,
    victim,
)
from tests.scenario.steps import eventually, has
from tests.scenario.world import World

SLACKS = "ada@acme.example"
THEIRS = "attacker@elsewhere.example"
HOW = "Phoned her on the number in the staff list"
WAITING = "1 waiting for somebody"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


async def held(world: World, seen: Shown) -> tuple[Case, Shown]:
    """Wait until only the reset of the password is left, and waits; the case and its thread."""
    case_id = (await the_case(world, seen)).id
    found: list[Case] = []

    async def waits() -> bool:
        found[:] = [one for one in [await world.web.stores.cases.get(case_id)] if one]
        rest = set(states(found[0]).values())
        return rest == {StepState.DONE, StepState.HELD}

    await eventually(waits)
    assert found[0].state is CaseState.APPROVED
    assert step_of(found[0], StepKind.PASSWORD).state is StepState.HELD
    shown = await thread(world, seen, WAITING, "What is true now")
    assert line(shown, StepKind.PASSWORD).startswith("⏸")
    await idle(world)
    assert world.org.resets == []
    assert world.org.mails == []
    return found[0], shown


async def confirms(world: World, shown: Shown, who: str, *words: str) -> None:
    """Press *Confirm the address…*, read the form, and say how."""
    person = world.person(who)
    await person.presses("breach.address", shown)
    await form(person, "breach.address")
    assert person.modal is not None
    for one in words:
        assert one in person.modal.plain
    assert not (await person.submits({"how": HOW})).errors


async def test_an_address_that_differs_waits_for_a_form_that_shows_both(world: World) -> None:
    joins_channel(world, "eve")
    seen = await reported(world, by="ivan", whom="dana")
    assert "*That isn't the address that Slack has for this person.*" in seen.plain
    await approves(world, seen, "iris")
    _, shown = await held(world, seen)
    assert "`d…@elsewhere.example`" in line(shown, StepKind.PASSWORD)
    assert "d.miller@elsewhere.example" not in shown.plain
    assert world.org.person("dana").is_frozen
    following = await thread(world, seen, "Ask the person whether `d…@elsewhere.example` is theirs")
    assert following.buttons == [], "neither unfrozen nor closed before"
    dana = world.person("dana")
    told = await dana.sees_soon("Your password has not been reset yet", channel="dm")
    for name, words in (("ivan", OWN), ("eve", NOT_APPROVER)):
        person = world.person(name)
        await person.presses("breach.address", shown)
        await told_in_form(person, words)
    await idle(world)
    assert world.org.resets == []
    await confirms(
        world, shown, "iris", "`d.miller@elsewhere.example`", "`dana@acme.example`", "by phone"
    )
    await contained(world, seen)
    over = await thread(
        world, seen, "6 of 6 steps have ended", f"Address confirmed by @Iris Itou: “{HOW}”"
    )
    assert over.ts == shown.ts
    assert not has("breach.address")(over)
    assert at_salesforce(world, "dana")[3] == 1
    assert [mail.to for mail in world.org.mails] == ["d.miller@elsewhere.example"]
    again = await dana.sees_soon("no longer work", channel="dm")
    assert again.ts == told.ts
    assert has("breach.unfreeze")(await thread(world, seen, "Next steps for IT", "[ Close ]"))


async def test_a_second_confirmation_repeats_nothing(world: World) -> None:
    seen = await reported(world, whom="dana")
    await approves(world, seen)
    _, shown = await held(world, seen)
    ivan, iris = world.person("ivan"), world.person("iris")
    for person in (ivan, iris):
        await person.presses("breach.address", shown)
        await form(person, "breach.address")
    await iris.submits({"how": HOW})
    await contained(world, seen)
    await ivan.submits({"how": HOW})
    await ivan.sees_soon("isn't waiting for that any more")
    await idle(world)
    assert len(world.org.resets) == 1


async def test_a_suspected_approver_confirms_no_address(world: World) -> None:
    world.org.person("iris").email = THEIRS
    world.org.person("iris").federation_identifier = "iris@acme.example"
    seen = await reported(world, whom="iris")
    await approves(world, seen)
    _, shown = await held(world, seen)
    await world.person("iris").presses("breach.address", shown)
    await told_in_form(world.person("iris"), SUSPECTED)
    assert world.org.resets == []


async def test_nobody_in_slack_to_compare_with_is_held_too(world: World) -> None:
    user = victim(world, "zed")
    seen = await suspected(world, user.username)
    assert "*I can't compare that address:*" in seen.plain
    await approves(world, seen)
    _, shown = await held(world, seen)
    assert user.is_frozen
    following = await thread(world, seen, "I couldn't find Zed, `zed@acme.example.prod` in Slack")
    assert "> *Your Salesforce account in Production may be in other hands." in following.plain
    await confirms(world, shown, "ivan", "`zed@acme.example`", "I know no address of theirs")
    await contained(world, seen)
    assert [mail.to for mail in world.org.mails] == ["zed@acme.example"]


@pytest.mark.parametrize("new", [THEIRS, "anna@acme.example"])
async def test_an_address_that_was_changed_since_the_card_is_held(world: World, new: str) -> None:
    """Both had been the same, so nobody would have been asked; the second one's mask is too."""
    ada = world.org.person("ada")
    seen = await reported(world)
    assert "Slack has the same address" in seen.plain
    ada.email = new
    await approves(world, seen)
    case, shown = await held(world, seen)
    assert case.target is not None
    assert case.target.address_differs
    assert step_of(case, StepKind.PASSWORD).code == "address_changed"
    said = line(shown, StepKind.PASSWORD)
    assert f"`a…@{new.partition('@')[2]}`" in said
    assert "It isn't the address that was there when the card was written" in said
    ada.email = SLACKS  # corrected by hand
    await confirms(world, shown, "ivan", f"*Salesforce mails the link to:* `{SLACKS}`")
    await contained(world, seen)
    assert [mail.to for mail in world.org.mails] == [SLACKS]
    over = await thread(world, seen, "6 of 6 steps have ended")
    assert "to `a…@acme.example`" in line(over, StepKind.PASSWORD)


async def test_an_address_that_changes_after_it_was_confirmed_waits_again(world: World) -> None:
    dana = world.org.person("dana")
    seen = await reported(world, whom="dana")
    await approves(world, seen)
    _, shown = await held(world, seen)
    ivan = world.person("ivan")
    await ivan.presses("breach.address", shown)
    await form(ivan, "breach.address")
    dana.email = THEIRS
    await ivan.submits({"how": HOW})
    shown = await thread(world, seen, WAITING, "It isn't the address that was there")
    await held(world, seen)
    await confirms(world, shown, "ivan", f"`{THEIRS}`")
    await contained(world, seen)
    assert [mail.to for mail in world.org.mails] == [THEIRS]


async def test_a_reset_whose_address_nobody_knows_is_left_out(world: World) -> None:
    seen = await reported(world, whom="dana")
    await approves(world, seen)
    _, shown = await held(world, seen)
    ivan = world.person("ivan")
    await ivan.presses("breach.address", shown)
    await form(ivan, "breach.address")
    await ivan.submits({"how": "She doesn't know it", "decision": "deny"})
    case = await contained(world, seen)
    assert step_of(case, StepKind.PASSWORD).state is StepState.SKIPPED
    over = await thread(world, seen, "5 of 5 steps have ended")
    assert "left out" in line(over, StepKind.PASSWORD)
    assert not has("breach.address")(over)
    assert world.org.resets == []
    told = await world.person("dana").sees_soon("Your password was not reset", channel="dm")
    assert "no longer work" not in told.plain


async def test_an_address_that_cant_be_read_is_not_confirmed(world: World) -> None:
    seen = await reported(world, whom="dana")
    await approves(world, seen)
    _, shown = await held(world, seen)
    world.org.faults.add("query", faults.request_limit())
    ivan = world.person("ivan")
    await ivan.presses("breach.address", shown)
    await world.slack.until(
        lambda: ivan.modal is not None and "Salesforce doesn't say now" in ivan.modal.plain
    )
    assert ivan.modal is not None
    assert ivan.modal.menus == [], "nothing to send"
    await ivan.closes()
    await confirms(world, shown, "ivan", "`d.miller@elsewhere.example`")
    await contained(world, seen)
    assert len(world.org.resets) == 1


async def test_what_is_held_outlasts_jobs_that_run_again(world: World) -> None:
    seen = await reported(world, whom="dana")
    await approves(world, seen)
    case, _ = await held(world, seen)
    for job in (JobName.CONTAIN, JobName.TELL_CONTAINED, JobName.SHOW_STEPS):
        await world.run_job(job, case.id)
    again, _ = await held(world, seen)
    assert again == case
