"""A worker that dies between two of its commands, at which another one goes on in another world.

`tests/faults` kills at each command, while nobody else does anything; here somebody presses.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from handlers.ask_it import CARD, AskItJobs
from handlers.breach_reporters import BreachReporterJobs
from handlers.card_places import card_slot
from handlers.message import Message
from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.preparation import LATER
from services.cases.states import CaseMove, CaseState
from services.cases.steps import StepKind
from services.resets.model import Reset
from services.store.case_changes import CaseChange
from services.store.cases import CaseStore
from services.store.changes import JobName
from services.store.posts import Place, PostLog
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, card, cards, case_in, denies, the_case
from tests.scenario.breach_steps import reported as reports
from tests.scenario.containment_steps import contains, line, thread
from tests.scenario.steps import PATIENCE, done, eventually, on_screen
from tests.scenario.test_ask_it import asked
from tests.scenario.test_breach_trouble import comes_again
from tests.scenario.world import World

WAIT = "asks you to wait"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Callable[..., asyncio.Event]:
    """Let the first call of a method that fits die, once `goes_on` is set or at once."""

    def set_up(
        owner: type, name: str, fits: Callable[..., bool], *, at_once: bool = False
    ) -> asyncio.Event:
        method: Callable[..., Awaitable[Any]] = getattr(owner, name)
        died, goes_on = asyncio.Event(), asyncio.Event()

        async def cut_off(*args: Any) -> Any:  # noqa: ANN401 - whatever it takes
            if died.is_set() or not fits(*args):
                return await method(*args)
            died.set()
            if not at_once:
                await goes_on.wait()
            raise ConnectionResetError

        monkeypatch.setattr(owner, name, cut_off)
        return died if at_once else goes_on

    return set_up


async def waits(world: World, seen: Shown) -> None:
    ivan = world.person("ivan")
    await ivan.presses("Please wait", seen)
    await world.slack.until(lambda: ivan.modal is not None and "wait" in str(ivan.modal.blocks))
    await ivan.submits({"wait": "The nightly load runs until noon."})

    async def is_decided() -> bool:
        question = (await world.newest("ada")).question
        return question is not None and question.answered_by is not None

    await eventually(is_decided)


def ends(kind: StepKind) -> Callable[..., bool]:
    def fits(_: CaseStore, __: Case, change: CaseChange) -> bool:
        ended = str(change.detail).partition(":")[0]
        return change.move is CaseMove.END_STEP and ended == kind

    return fits


async def test_what_was_ended_before_a_death_isnt_said_to_have_never_been(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    died = dies(CaseStore, "move", ends(StepKind.SESSIONS), at_once=True)
    seen = await reports(world)
    await contains(world, seen, steps=[StepKind.SESSIONS])
    assert died.is_set()
    shown = await thread(world, seen, "3 of 3 steps have ended")
    said = line(shown, StepKind.SESSIONS)
    assert "ended; how many I can't say, as I was stopped in the middle of it" in said
    assert "none left" in said
    told = await world.person("ada").sees_soon(
        "You and your programs may have been logged out", PATIENCE, channel="dm"
    )
    assert "Nothing has been changed" not in told.plain


async def test_evidence_that_is_read_anew_after_a_death_is_whole(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    died = dies(CaseStore, "move", ends(StepKind.EVIDENCE), at_once=True)
    seen = await reports(world)
    case = await contains(world, seen, steps=[StepKind.FREEZE])
    assert died.is_set()
    assert not any(step.taken_over for step in case.steps)
    shown = await thread(world, seen, "3 of 3 steps have ended")
    assert "kept: " in line(shown, StepKind.EVIDENCE)


async def test_a_card_of_which_nobody_knows_loses_its_buttons_once_it_is_pressed(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    def is_card(_: PostLog, __: str, slot: str, ___: Place) -> bool:
        return slot == card_slot(1)

    died = dies(PostLog, "posted", is_card, at_once=True)
    seen = await reports(world)
    await asyncio.wait_for(died.wait(), PATIENCE)
    case = await the_case(world, seen)
    await denies(world, seen)
    await case_in(world, case.id, CaseState.DENIED)
    over = await world.person("ivan").sees_soon(
        lambda shown: shown.ts == seen.ts and "*Denied* by" in shown.plain,
        PATIENCE,
        channel=seed.IT_CHANNEL,
    )
    assert over.buttons == []
    await idle(world)
    assert cards(world) == []


async def test_a_decision_before_the_first_news_answers_this_wasnt_me(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = BreachReporterJobs._news

    async def none_before(self: BreachReporterJobs, case: Case) -> tuple[str, Message] | None:
        return None if case.state is CaseState.AWAITING_APPROVAL else await news(self, case)

    monkeypatch.setattr(BreachReporterJobs, "_news", none_before)
    steps = await done(world)
    ada = world.person("ada")
    await ada.presses("reset.not_me", steps)
    seen = await card(world)
    await idle(world)
    assert [one for one in ada.sees("dm") if one.thread_ts == steps.ts] == []
    await denies(world, seen)
    await ada.sees_soon(
        lambda shown: shown.thread_ts == steps.ts and "this reset wasn't you" in shown.plain,
        PATIENCE,
        channel="dm",
    )


async def is_told_no_wait(world: World, seen: Shown, words: str) -> None:
    """In the end the person was told nothing of it, and the card stands settled."""
    await idle(world)
    assert not [shown for shown in world.person("ada").sees("dm") if WAIT in shown.plain]
    (stands,) = [one for one in world.person("ivan").sees(seed.IT_CHANNEL) if one.ts == seen.ts]
    assert words in stands.plain
    assert stands.buttons == []


async def test_please_wait_isnt_told_once_somebody_has_said_go_ahead(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    goes_on = dies(AskItJobs, "_update_card", lambda *_: True)
    seen = await asked(world)
    await waits(world, seen)
    await world.person("iris").presses("Go ahead", seen)
    ada = world.person("ada")
    await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    goes_on.set()
    await is_told_no_wait(world, seen, "*Go ahead*, says")


async def test_please_wait_isnt_told_where_go_ahead_comes_during_its_edit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody dies: Slack makes the edit wait."""
    edit, edits, goes_on = AskItJobs._update_card, asyncio.Event(), asyncio.Event()

    async def late(self: AskItJobs, reset: Reset, message: Message) -> None:
        if not edits.is_set():
            edits.set()
            await goes_on.wait()
        await edit(self, reset, message)

    monkeypatch.setattr(AskItJobs, "_update_card", late)
    seen = await asked(world)
    await waits(world, seen)
    await asyncio.wait_for(edits.wait(), PATIENCE)
    await world.person("iris").presses("Go ahead", seen)
    ada = world.person("ada")
    await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    goes_on.set()
    await is_told_no_wait(world, seen, "*Go ahead*, says")


async def test_please_wait_isnt_told_once_the_question_is_over(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    goes_on = dies(AskItJobs, "_update_card", lambda *_: True)
    seen = await asked(world)
    await waits(world, seen)
    await question_lapses(world)
    goes_on.set()
    await is_told_no_wait(world, seen, "needs no answer any more")


async def question_lapses(world: World) -> None:
    reset = await world.newest("ada")
    assert reset.deadline is not None
    world.clock.forward(seconds=(reset.deadline - world.clock()).total_seconds() + 1)
    await world.run_job(JobName.EXPIRE, reset.id)
    await world.settled("ada", "expired")


def is_question(_: PostLog, __: str, slot: str, ___: Place) -> bool:
    return slot == CARD


async def test_a_question_of_which_nobody_knows_shows_the_answer_that_is_pressed_on_it(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    goes_on = dies(PostLog, "posted", is_question)
    seen = await asked(world)
    ivan = world.person("ivan")
    await ivan.presses("Go ahead", seen)
    answered = await ivan.sees_soon("*Go ahead*, says", channel=seed.IT_CHANNEL)
    assert (answered.ts, answered.buttons) == (seen.ts, [])
    goes_on.set()
    await idle(world)
    assert [one.ts for one in ivan.sees(seed.IT_CHANNEL) if not one.ephemeral] == [seen.ts]


async def test_a_question_of_which_nobody_knows_loses_its_buttons_once_it_is_pressed(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    goes_on = dies(PostLog, "posted", is_question)
    seen = await asked(world)
    await question_lapses(world)
    goes_on.set()
    await idle(world)
    ivan = world.person("ivan")
    before = on_screen(ivan)
    await ivan.presses("Go ahead", seen)
    over = await ivan.sees_soon("needs no answer any more", channel=seed.IT_CHANNEL)
    assert (over.ts, over.buttons) == (seen.ts, [])
    await world.slack.until(lambda: bool(on_screen(ivan) - before), PATIENCE)


async def test_a_report_that_has_joined_a_case_gets_no_card_once_that_is_decided(
    world: World, dies: Callable[..., asyncio.Event]
) -> None:
    def marks(_: CaseStore, __: Case, change: CaseChange) -> bool:
        return change.move is CaseMove.MERGE

    seen = await reports(world)
    first = await the_case(world, seen)
    died = dies(CaseStore, "move", marks, at_once=True)
    assert (
        await world.person("iris").types("/reset-token breach @ada A second look")
    ).error is None
    await asyncio.wait_for(died.wait(), PATIENCE)
    await idle(world)
    await denies(world, seen)
    await case_in(world, first.id, CaseState.DENIED)
    await comes_again(world, JobName.PREPARE_CASES, LATER)
    await idle(world)
    assert cards(world) == []
    joined = (await case_in(world, first.id, CaseState.DENIED)).reports[-1]
    assert (await case_in(world, joined.id, CaseState.MERGED)).merged_into == first.id
