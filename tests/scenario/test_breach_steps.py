"""What approval does, step by step: what is chosen, in which order, and how it is shown."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from sandbox.salesforce import faults
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from services.cases.model import Problem
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.salesforce.http import Timeouts
from services.store import keys
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    SUSPECTED,
    idle,
    joins_channel,
    nothing_happens,
    told_in_form,
    value_of,
    whole_form,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    contained,
    form,
    reported,
    states,
    the_case,
)
from tests.scenario.containment_steps import (
    ENDED,
    at_salesforce,
    contains,
    forge,
    line,
    suspected,
    thread,
)
from tests.scenario.steps import PATIENCE, has
from tests.scenario.world import World

SOON = timedelta(milliseconds=20)
WORDS = {
    "freeze": "freeze the user",
    "sessions": "end open sessions",
    "grants": "revoke OAuth grants",
    "password": "reset password and token",
}


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


async def test_each_step_is_shown_as_it_goes_in_one_message(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.containment.GAP", SOON)
    short = Timeouts(connect=1, read=5, effect=1.5)
    monkeypatch.setattr("services.salesforce.org.Timeouts", lambda: short)
    async with a_breach_world(redis_url) as world:
        seen = await reported(world)
        world.org.faults.add("userlogin", faults.hang(after_effect=True))
        await approves(world, seen)
        running = await thread(world, seen, "⏳ *Freeze the user:* running since")
        assert "▰▱▱▱▱▱ 1 of 6 steps have ended" in running.plain
        assert "how it ends isn't known yet" in line(running, StepKind.FREEZE)
        assert line(running, StepKind.EVIDENCE).startswith("✅")
        for kind in (StepKind.SESSIONS, StepKind.GRANTS, StepKind.PASSWORD, StepKind.CHECK):
            assert line(running, kind).startswith("⏳")
            assert "about to begin" in line(running, kind)
        for early in ("is frozen", "What is true now", "no longer work"):
            assert early not in running.plain
        assert not has("breach.retry")(running)
        assert "1 of 6" in running.text, "a screen reader hears it too"
        await contained(world, seen)
        over = await thread(world, seen, "▰▰▰▰▰▰ 6 of 6 steps have ended")
        assert over.ts == running.ts
        assert line(over, StepKind.FREEZE).startswith("✅")
        assert "What is true now" in over.plain
        posted = [
            call
            for call in world.slack.calls.to("chat.postMessage")
            if ENDED in str(call.args["text"])
        ]
        assert len(posted) == 1


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["sessions", "grants", "password"], (False, 0, 0, 1)),
        (["freeze"], (True, 5, 2, 0)),
        (["sessions"], (False, 0, 2, 0)),
        (["grants"], (False, 3, 0, 0)),
        (["password"], (False, 5, 2, 1)),
    ],
    ids=lambda given: "-".join(map(str, given)),
)
async def test_what_isnt_chosen_isnt_done(
    world: World, chosen: list[str], expected: tuple[bool, int, int, int]
) -> None:
    seen = await reported(world)
    case = await contains(world, seen, steps=chosen)
    assert list(states(case)) == ["evidence", *chosen, "check"]
    assert at_salesforce(world) == expected
    decided = await world.person("ivan").sees_soon("*Not done:*", channel=seed.IT_CHANNEL)
    left_out = next(one for one in decided.plain.splitlines() if "*Not done:*" in one)
    for kind, words in WORDS.items():
        assert (words in left_out) is (kind not in chosen)
    told = await world.person("ada").sees_soon("may be in other hands", PATIENCE, channel="dm")
    assert ("frozen" in told.plain) is ("freeze" in chosen)
    assert ("logged out" in told.plain) is ("sessions" in chosen)
    assert ("no longer work" in told.plain) is ("password" in chosen)
    following = await thread(world, seen, "Next steps for IT")
    assert has("breach.unfreeze")(following) is ("freeze" in chosen)


async def test_evidence_is_kept_first_for_its_days_and_without_a_token(redis_url: str) -> None:
    async with a_breach_world(redis_url, BREACH_EVIDENCE_DAYS="7") as world:
        ada = world.org.person("ada")
        sessions = {one.id for one in world.org.sessions.values() if one.user is ada}
        tokens = [
            text for one in world.org.grants for text in (one.delete_token, one.refresh_token)
        ]
        seen = await reported(world)
        before = len(world.org.calls)
        case = await contains(world, seen)
        order = [call.endpoint for call in world.org.calls[before:] if call.endpoint != "token"]
        assert order[:4] == ["composite", "query", "composite", "userlogin"]
        kept = await world.web.stores.evidence.get(case.id)
        assert kept is not None
        assert {one.id for one in kept.sessions or ()} == sessions
        assert {one.app for one in kept.grants or ()} == {"Outlook", "dataloader.io"}
        assert kept.lock is not None
        assert not kept.lock.is_frozen
        assert kept.user is not None
        assert kept.user.email == "ada@acme.example"
        async with Valkey.from_url(redis_url, decode_responses=True) as raw:
            key = keys.evidence(case.id)
            days = await raw.pttl(key) / timedelta(days=1).total_seconds() / 1000
            assert 6.9 < days <= 7
            text = await raw.get(key)
            stored = await raw.hget(keys.case(case.id), "d")
        assert not [one for one in tokens if one in text]
        assert not [one for one in sessions if one in stored]


async def test_evidence_is_shown_to_approvers_only(world: World) -> None:
    joins_channel(world, "eve")
    seen = await reported(world, whom="iris")
    case = await contains(world, seen)
    shown = await thread(world, seen, ENDED, "Show evidence")
    for name, words in (("eve", NOT_APPROVER), ("iris", SUSPECTED)):
        person = world.person(name)
        await person.presses("breach.evidence", shown)
        await told_in_form(person, words)
    ivan = world.person("ivan")
    await ivan.presses("breach.evidence", shown)
    assert "`iris@acme.example`" in await evidence_seen(world)
    await ivan.closes()
    async with Valkey.from_url(world.redis_url) as raw:
        await raw.delete(keys.evidence(case.id))  # as when its time is over
    await ivan.presses("breach.evidence", shown)
    assert "I don't have the evidence" in await evidence_seen(world)


async def evidence_seen(world: World) -> str:
    """Wait until Ivan's form is filled."""
    ivan = world.person("ivan")
    await world.slack.until(lambda: ivan.modal and "The reports, as typed" in ivan.modal.plain)
    assert ivan.modal is not None
    return ivan.modal.plain


@pytest.mark.parametrize(
    "fault",
    [Fault(latency=2), Fault(status=429, retry_after=30), Fault(status=503), Fault(lost="before")],
    ids=["slow", "429", "503", "lost"],
)
async def test_slack_holds_up_no_step(world: World, fault: Fault) -> None:
    """From the approval on nothing waits for Slack: who may approve was asked for the form."""
    seen = await reported(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    await idle(world)
    world.slack.faults.add("*", fault)
    asked, called = len(world.org.calls), len(world.slack.calls)
    await ivan.submits({})
    await contained(world, seen)
    calls = world.slack.calls[called:]
    assert {call.method for call in calls} <= {"chat.postMessage", "chat.update"}
    assert "ok" not in {call.outcome for call in calls}
    before_freeze = [call.endpoint for call in world.org.calls[asked:]].index("userlogin")
    assert before_freeze <= 4
    assert at_salesforce(world) == (True, 0, 0, 1)
    world.slack.faults.clear()
    if fault.status != 429:
        await thread(world, seen, "6 of 6 steps have ended")


@pytest.mark.parametrize("named", ["username", "in_capitals", "id", "short_id"])
async def test_a_report_about_the_bots_own_user_leads_to_nothing(world: World, named: str) -> None:
    bot = world.org.bot_user
    given = {
        "username": bot.username,
        "in_capitals": bot.username.upper(),
        "id": bot.id,
        "short_id": bot.id[:15],
    }[named]
    seen = await suspected(world, given)
    case = await the_case(world, seen)
    assert case.problem is Problem.OWN_USER
    assert [one.action_id for one in seen.buttons] == ["breach.deny"]
    forged = whole_form(world, "ivan", "breach.approve", value_of(seen))
    async with nothing_happens(world, seen):
        await world.person("ivan").presses_raw(forged)
    assert (await the_case(world, seen)).state is CaseState.AWAITING_APPROVAL


@pytest.mark.parametrize("odd", ["own", "own_short", "address", "nobody"])
async def test_an_odd_account_in_the_store_touches_nobody(world: World, odd: str) -> None:
    bot = world.org.bot_user
    world.org.add_grant("Outlook", bot)
    seen = await reported(world)
    target = {
        "own": bot.id,
        "own_short": bot.id[:15],
        "address": "https://evil.example/005",
        "nobody": f"{bot.id[:10]}99999",
    }[odd]
    await forge(world, await the_case(world, seen), user_id=target)
    sessions, before = own_sessions(world), at_salesforce(world)
    asked = len(world.org.calls)
    case = await contains(world, seen)
    effects = [one for one in case.steps if one.kind.is_effect]
    assert {one.state for one in effects} == {StepState.FAILED}
    assert at_salesforce(world) == before
    assert not bot.is_frozen
    assert own_sessions(world) == sessions
    assert [one.app for one in world.org.grants if one.user is bot] == ["Outlook"]
    assert world.org.resets == []
    assert not {"userlogin", "authsession", "revoke", "password"} & {
        call.endpoint for call in world.org.calls[asked:]
    }
    if odd.startswith("own"):
        shown = await thread(world, seen, "4 not done")
        for one in effects:
            assert "the Salesforce user that I work with myself" in line(shown, one.kind)


def own_sessions(world: World) -> set[str]:
    bot = world.org.bot_user
    return {token for token, one in world.org.sessions.items() if one.user is bot}


async def test_an_inactive_user_has_only_what_is_open_to_be_ended(world: World) -> None:
    pia = world.org.person("pia")
    open_some_sessions(world.org, pia)
    world.org.add_grant("Outlook", pia)
    seen = await reported(world, whom="pia")
    assert "*Inactive in Salesforce:*" in seen.plain
    ivan = world.person("ivan")
    await ivan.presses("breach.approve", seen)
    await form(ivan, "breach.approve")
    assert ivan.modal is not None
    (boxes,) = [menu.options for menu in ivan.modal.menus]
    assert [one.split(".")[0] for one in boxes] == ["End open sessions", "Revoke OAuth grants"]
    # What isn't offered can't be chosen by a forged form either.
    await ivan.presses_raw(whole_form(world, "ivan", "breach.approve", value_of(seen)))
    case = await contained(world, seen)
    assert list(states(case)) == ["evidence", "sessions", "grants", "check"]
    assert set(states(case).values()) == {StepState.DONE}
    assert at_salesforce(world, "pia") == (False, 0, 0, 0)
    following = await thread(world, seen, "Next steps for IT")
    assert not has("breach.unfreeze")(following)
