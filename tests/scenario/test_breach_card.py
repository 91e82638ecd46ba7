"""The card in IT's channel: all that a decision takes, and the forms behind its two buttons."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from sandbox.slack import seed
from services.cases.steps import StepKind, StepState
from services.store.errors import StoreUnavailableError
from services.store.lease_queue import LeaseQueue
from tests.scenario.breach_attempts import ALL, value_of
from tests.scenario.breach_steps import (
    REASON,
    a_breach_world,
    contained,
    form,
    reported,
    states,
    the_case,
)
from tests.scenario.steps import PATIENCE
from tests.scenario.world import World


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


async def test_the_card_holds_all_that_a_decision_takes(world: World) -> None:
    seen = await reported(world)
    for words in (
        "@it-approvers\n",
        "@Ada Lovelace (Ada Park, `ada@acme.example`) in *Production*",
        "Nothing has changed in Salesforce yet",
        "Reported by @Eve Moreau by command",
        REASON,
        "Standard User, no admin rights",
        "*Last login:*",
        "from `192.0.2.44`",
        "5 sessions, 2 OAuth grants",
        "`a…@acme.example`. Slack has the same address",
        "*Data Loader*: with username and password",
        "*Acme Sync*: with OAuth",
        "*Keep evidence*",
        "*Freeze the user:*",
        "*End open sessions* (5 were there)",
        "*Revoke OAuth grants* (2 were there)",
        "*Reset password and token:*",
        "*A reset of the token alone is not containment:*",
        "*Who may decide:* one approver. Nobody who reported it (@Eve Moreau)",
        "These buttons hold until",
    ):
        assert words in seen.plain
    assert f"<!subteam^{seed.APPROVERS}>" in seen.text, "it calls them at once"
    assert [button.text for button in seen.buttons] == ["Approve…", "Deny…"]
    case = await the_case(world, seen)
    for button in seen.buttons:
        assert button.value == value_of(seen) != case.id
        assert len(button.value) == 32
        assert int(button.value, 16)


async def test_an_address_that_isnt_slacks_is_warned_of_and_the_reset_waits(world: World) -> None:
    seen = await reported(world, whom="dana")
    assert "`d…@elsewhere.example`" in seen.plain
    assert "That isn't the address that Slack has for this person" in seen.plain
    assert "An attacker may have changed it" in seen.plain
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    assert ivan.modal is not None
    assert "`d…@elsewhere.example`" in ivan.modal.plain
    assert not (await ivan.submits({})).errors
    waiting = await ivan.sees_soon(
        lambda shown: any(one.action_id == "breach.address" for one in shown.buttons),
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert waiting.thread_ts == seen.ts
    case = await the_case(world, seen)
    assert states(case)[StepKind.PASSWORD] is StepState.HELD
    # The thread offers the button at once, while the other steps are still under way.
    await world.org.until(lambda: world.org.person("dana").is_frozen, PATIENCE)
    assert world.org.resets == []


async def test_the_form_has_every_step_on_and_what_is_taken_off_isnt_done(world: World) -> None:
    ada = world.org.person("ada")
    hers = [one for one in world.org.sessions.values() if one.user is ada and one.app is None]
    seen = await reported(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    modal = ivan.modal
    assert modal is not None
    assert modal.private_metadata == value_of(seen)
    chosen = modal.state["steps"]["many"]["selected_options"]
    assert [one["value"] for one in chosen] == ALL
    assert "an attacker can log in again between the steps" in modal.plain
    assert not (await ivan.submits({"steps": ["grants"], "note": "Asked <@U0EVE00001>"})).errors
    case = await contained(world, seen)
    assert states(case) == {
        StepKind.EVIDENCE: StepState.DONE,
        StepKind.GRANTS: StepState.DONE,
        StepKind.CHECK: StepState.DONE,
    }
    assert not ada.is_frozen
    assert world.org.resets == []
    assert hers
    assert set(hers) <= set(world.org.sessions.values())
    decided = await ivan.sees_soon("*Not done:*", PATIENCE, channel=seed.IT_CHANNEL)
    assert "freeze the user, end open sessions, reset password and token" in decided.plain


async def test_a_worker_that_dies_once_the_card_has_left_the_queue_leaves_nobody_untold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes after it finds nothing in the queue to go by."""
    left: list[str] = []
    take_out = LeaseQueue.done

    async def dies(queue: LeaseQueue, item_id: str, *, lent_until: datetime | None = None) -> None:
        await take_out(queue, item_id, lent_until=lent_until)
        if lent_until is not None and not left:
            left.append(item_id)
            raise StoreUnavailableError("killed")

    monkeypatch.setattr(LeaseQueue, "done", dies)
    seen = await reported(world)
    await world.person("eve").sees_soon("has your report", PATIENCE, channel="dm")
    assert left == [(await the_case(world, seen)).id]
