"""A containment in trouble: what is read back, and what isn't known, is told as it is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from bot.wiring_worker import build_worker
from sandbox.salesforce import faults
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from services.cases.model import Case
from services.cases.states import CaseMove
from services.cases.steps import StepKind, StepState
from services.store import keys
from services.store.case_changes import CaseChange
from services.store.cases import CaseStore
from services.store.holds import Holds
from tests.cancelling import cancel
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    contained,
    reported,
    states,
    step_of,
)
from tests.scenario.containment_steps import ALL_ENDED, contains, line, sessions_of, thread
from tests.scenario.steps import has
from tests.scenario.world import World

ADMIN = "System Administrator"
DONE, FAILED, UNKNOWN = StepState.DONE, StepState.FAILED, StepState.UNKNOWN


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built
        assert built.org.violations == []


async def test_an_unknown_freeze_says_what_the_last_look_shows(world: World) -> None:
    """Its own look back failed; the one at the end speaks for it."""
    seen = await reported(world)
    for _ in range(2):  # the evidence, and whom to freeze
        world.org.faults.add("composite", faults.late(0))
    world.org.faults.add("composite", faults.request_limit())
    world.org.faults.add("userlogin", faults.drop(after_effect=True))
    case = await contains(world, seen)
    freeze = step_of(case, StepKind.FREEZE)
    assert (freeze.state, freeze.proof) == (UNKNOWN, "unreadable")
    shown = await thread(world, seen, f"{ALL_ENDED}, 1 unknown")
    said = line(shown, StepKind.FREEZE)
    assert "*For it:* Salesforce shows the user frozen" in said
    assert "Against it" not in said
    assert has("breach.unfreeze")(await thread(world, seen, "Next steps for IT"))


async def test_a_freeze_that_somebody_undoes_is_not_told_as_done(world: World) -> None:
    ada = world.org.person("ada")
    seen = await reported(world)
    for seconds in (0, 0, 0.2):  # the third looks back
        world.org.faults.add("composite", faults.late(seconds))
    await approves(world, seen)
    await world.org.until(lambda: ada.is_frozen)
    ada.is_frozen = False
    case = await contained(world, seen)
    freeze = step_of(case, StepKind.FREEZE)
    assert (freeze.state, freeze.code) == (FAILED, "not_frozen")
    shown = await thread(world, seen, f"{ALL_ENDED}, 1 not done", "The user is not frozen")
    assert "but read back, the user is not frozen" in line(shown, StepKind.FREEZE)
    told = await world.person("ada").sees_soon("may be in other hands", channel="dm")
    assert "frozen" not in told.plain


async def test_what_changes_after_its_step_is_told_as_it_is_at_the_end(world: World) -> None:
    ada = world.org.person("ada")
    seen = await reported(world)
    world.org.faults.add("password", faults.late(0.2))
    await approves(world, seen)
    await world.org.until(lambda: world.org.count(0, "password"))
    ada.is_frozen = False
    open_some_sessions(world.org, ada)
    case = await contained(world, seen)
    assert set(states(case).values()) == {DONE}
    assert case.truth is not None
    assert (case.truth.is_frozen, case.truth.sessions) == (False, sessions_of(world, ada))
    shown = await thread(world, seen, "What is true now", "The user is not frozen")
    assert f"{sessions_of(world, ada)} open sessions" in shown.plain
    assert not has("breach.unfreeze")(await thread(world, seen, "Next steps for IT"))
    told = await world.person("ada").sees_soon("may be in other hands", channel="dm")
    assert "You can't log in" not in told.plain


async def test_evidence_that_cant_be_kept_stops_nothing_and_is_told(world: World) -> None:
    seen = await reported(world)
    world.org.faults.add("composite", faults.request_limit())
    case = await contains(world, seen)
    assert list(states(case).values()) == [FAILED, DONE, DONE, DONE, DONE, DONE]
    shown = await thread(world, seen, f"{ALL_ENDED}, 1 not done")
    assert "used up its Salesforce requests" in line(shown, StepKind.EVIDENCE)
    assert not has("breach.evidence")(shown)
    assert await world.web.stores.evidence.get(case.id) is None


async def test_without_a_look_back_nothing_is_claimed_to_be_true(world: World) -> None:
    seen = await reported(world)
    for _ in range(2):
        world.org.faults.add("composite", faults.late(0))
    world.org.faults.add("composite", faults.request_limit())  # after the freeze
    for _ in range(4):
        world.org.faults.add("composite", faults.late(0))
    world.org.faults.add("composite", faults.request_limit())  # at the end
    case = await contains(world, seen)
    assert list(states(case).values()) == [DONE, DONE, DONE, DONE, DONE, FAILED]
    shown = await thread(world, seen, f"{ALL_ENDED}, 1 not done")
    assert "I couldn't read back whether the user is frozen" in line(shown, StepKind.FREEZE)
    assert "*What is true now* isn't known" in shown.plain


async def test_sessions_that_can_be_neither_ended_nor_counted_are_not_told_as_left(
    world: World,
) -> None:
    seen = await reported(world)
    for _ in range(4):
        world.org.faults.add("composite", faults.late(0))
    world.org.faults.add("composite", faults.request_limit())  # after the sessions
    world.org.faults.add("authsession", faults.drop(after_effect=True))
    case = await contains(world, seen)
    step = step_of(case, StepKind.SESSIONS)
    assert (step.state, step.count, step.left) == (FAILED, 4, None)
    said = line(await thread(world, seen, f"{ALL_ENDED}, 1 not done"), StepKind.SESSIONS)
    assert "not all of it done, as far as I know: Salesforce didn't answer" in said
    assert "4 ended. How many are left isn't known." in said


async def test_an_admin_is_frozen_after_four_requests_at_the_most(redis_url: str) -> None:
    async with a_breach_world(redis_url, BREACH_ADMIN_APPROVERS="1") as world:
        world.org.add_user("zoe@acme.example", "zoe@acme.example", "Zoe", profile=ADMIN)
        seen = await reported(world, whom="ben")
        before = len(world.org.calls)
        await contains(world, seen)
        asked = [call.endpoint for call in world.org.calls[before:]]
        assert asked.index("userlogin") <= 4
        assert world.org.person("ben").is_frozen


@pytest.mark.parametrize(
    "fault",
    [
        Fault(latency=0.5),
        Fault(latency=0.5, times=1, when=lambda call: call.method == "chat.postMessage"),
        Fault(latency=0.5, times=1, when=lambda call: call.method == "chat.update"),
    ],
    ids=["all", "first", "edit"],
)
async def test_a_slow_slack_gets_each_message_once_and_the_newest_last(
    world: World, fault: Fault
) -> None:
    seen = await reported(world)
    await approves(world, seen)
    world.slack.faults.add("*", fault)
    await contained(world, seen)
    await thread(world, seen, f"{ALL_ENDED}\n")
    await thread(world, seen, "Next steps for IT")
    await idle(world)
    below = [one for one in world.person("ivan").sees(seed.IT_CHANNEL) if one.thread_ts == seen.ts]
    assert [ALL_ENDED in one.plain for one in below] == [True, False]
    assert len(world.person("ada").sees("dm")) == 1


async def test_a_cancellation_that_gets_lost_leaves_no_case_held(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python 3.11's `asyncio.wait_for` may lose it, by which the client of Redis writes."""
    renewed = asyncio.Event()

    async def renew(_: Holds, __: str, ___: str) -> bool:
        renewed.set()
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            return True
        return True

    monkeypatch.setattr(Holds, "renew", renew)
    async with a_breach_world(redis_url, worker=False) as world:
        worker = build_worker(
            world.settings, redis_url, world.clock, redelivery=timedelta(seconds=1)
        )
        worker.stores.case_runs.life = timedelta(seconds=1)
        running = asyncio.create_task(worker.run())
        seen = await reported(world)
        worker.stores.case_runs.life = timedelta(milliseconds=3)
        await contains(world, seen)
        assert renewed.is_set()
        await idle(world)  # no job goes on holding it
        await cancel(running)
        await worker.aclose()


async def test_a_worker_that_dies_before_it_says_the_end_holds_it_up_and_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, died = CaseStore.move, asyncio.Event()

    async def dies(self: CaseStore, case: Case, change: CaseChange) -> Case:
        if change.move is not CaseMove.FINISH or died.is_set():
            return await move(self, case, change)
        died.set()
        async with Valkey.from_url(world.redis_url) as raw:  # a hold that nobody lets go of
            await raw.set(keys.case_run(case.id), "of the dead", px=2500)
        raise ConnectionResetError

    monkeypatch.setattr(CaseStore, "move", dies)
    seen = await reported(world)
    await contains(world, seen)
    assert died.is_set()
    await thread(world, seen, "Next steps for IT", "[ Close ]")
