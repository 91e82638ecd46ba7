"""A deploy: an older and a newer version of web and worker side by side, on the same Redis.

The newer one is this one, and adds to what it writes: a job, a field of each document, a state.
The older one is this one as it is.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest
from valkey.asyncio import Valkey

from bot.wiring_worker import build_worker
from sandbox.salesforce.seed import RESETTABLE
from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.results import PressResult
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.jobs import queue
from services.resets.states import State
from services.store import keys
from tests.cancelling import cancel
from tests.contract.case_stores import fields_of, write
from tests.counting import Count
from tests.scenario.breach_attempts import forged_press
from tests.scenario.breach_steps import (
    a_breach_world,
    card,
    case_in,
    form,
    reported,
    the_case,
)
from tests.scenario.steps import (
    PATIENCE,
    TOKEN_MAIL,
    answered,
    done,
    ended,
    eventually,
    has,
    newcomer,
    offered,
    on_screen,
    refused,
    restarted,
)
from tests.scenario.test_ask_it import QUESTION
from tests.scenario.world import World, a_world

PEOPLE = 8
NEW_JOB = "of_tomorrow"
NEW_FIELD = "of_tomorrow"
NEWER = "I'm being updated"


@contextlib.asynccontextmanager
async def a_newer_worker(world: World, ran: Counter[str]) -> AsyncIterator[None]:
    """Run a worker that knows one job more."""
    worker = build_worker(
        world.settings, world.redis_url, world.clock, redelivery=timedelta(seconds=1)
    )

    async def run(item_id: str) -> None:
        ran[item_id] += 1

    worker.queue.register(NEW_JOB, run)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await cancel(task)
        await worker.aclose()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "UNKNOWN_AGAIN", timedelta(milliseconds=100))


def people_of(world: World) -> list[Actor]:
    for number in range(PEOPLE):
        person = newcomer(world, f"p{number}", f"p{number}@acme.example")
        user = world.org.add_user(f"{person.email}.prod", person.email or "", person.name)
        world.org.assign(user, RESETTABLE)
    return [world.person(f"p{number}") for number in range(PEOPLE)]


async def newest_key(world: World, person: Actor) -> str:
    return keys.reset((await world.newest(person.person.name)).id)


async def add_to_it(raw: Valkey, key: str) -> None:
    """Write as a newer version does: a field more in the document, and in one of its parts."""
    document: dict[str, Any] = json.loads((await fields_of(raw, key))["d"])
    document[NEW_FIELD] = "<!channel> of tomorrow"
    document["account"][NEW_FIELD] = {"deep": True}
    await write(raw, key, d=json.dumps(document))


async def test_old_buttons_work_while_both_run_and_nothing_is_lost(
    redis_url: str, count: Count
) -> None:
    ran: Counter[str] = Counter()
    async with (
        a_world(redis_url) as world,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        world.slack.rate_limits.off()
        people = people_of(world)
        # The messages are the older version's, and so are their buttons.
        warnings = await asyncio.gather(*(offered(world, person.person.name) for person in people))
        async with a_newer_worker(world, ran):
            documents = [await newest_key(world, person) for person in people]
            for number, document in enumerate(documents):
                await add_to_it(raw, document)
                await raw.xadd(keys.OUTBOX, {"job": NEW_JOB, "id": str(number), "at": 0})
            half = PEOPLE // 2
            for person, warning in zip(people[:half], warnings[:half], strict=True):
                assert (await person.presses("reset.confirm", warning)).error is None
            async with restarted(world):  # the newer web takes the others
                for person, warning in zip(people[half:], warnings[half:], strict=True):
                    assert (await person.presses("reset.confirm", warning)).error is None
            for person in people:
                await person.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")
                reset = await ended(world, person.person.name)
                assert reset.state is State.DONE

            async def all_ran() -> bool:
                return len(ran) == PEOPLE

            await eventually(all_ran)
        for person, document in zip(people, documents, strict=True):
            outcomes = [one for one in person.sees("dm") if has("reset.not_me")(one)]
            assert len(outcomes) == 1
            assert not any("of tomorrow" in str(one.blocks) for one in person.sees())
            stored = json.loads((await fields_of(raw, document))["d"])
            assert stored[NEW_FIELD] == "<!channel> of tomorrow"
            assert stored["account"][NEW_FIELD] == {"deep": True}
        assert len(world.org.resets) == PEOPLE
        assert set(ran.values()) == {1}, "each of the newer one's jobs ran, and once"
    count("resets through a deploy with two versions, none lost, none twice", PEOPLE)
    count("jobs of a newer version, of which an older one dropped none", PEOPLE)


async def test_an_older_web_asks_to_try_again_what_a_newer_one_has_moved_on(
    redis_url: str,
) -> None:
    async with (
        a_world(redis_url) as world,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        ada = world.person("ada")
        warning = await offered(world)
        key = await newest_key(world, ada)
        await write(raw, key, s="checked_twice")
        before = on_screen(ada)
        assert (await ada.presses("reset.confirm", warning)).error is None
        told = await answered(ada, NEWER, before)
        assert "This press changed nothing" in told.plain
        assert (await ada.types("/reset-token status")).error is None
        await write(raw, key, s=State.AWAITING_USER)  # the newer one has gone on with it
        await ada.presses("reset.confirm", warning)
        await ada.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")
        assert (await ended(world)).state is State.DONE


async def test_an_older_worker_leaves_a_job_about_what_it_can_not_read(redis_url: str) -> None:
    async with (
        a_world(redis_url, worker=False) as world,
        Valkey.from_url(redis_url, decode_responses=True) as raw,
    ):
        ada = world.person("ada")
        async with world.worker():
            warning = await offered(world)
        await ada.presses("reset.confirm", warning)
        key = await newest_key(world, ada)
        was = (await fields_of(raw, key))["s"]
        await write(raw, key, s="checked_twice")
        async with world.worker():

            async def put_back() -> bool:
                return bool(await raw.zcard("resets:queue"))

            await eventually(put_back)
            assert len(world.org.resets) == 0
            await write(raw, key, s=was)
            await ada.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")
            assert (await ended(world)).state is State.DONE
        assert len(world.org.resets) == 1


def as_released(
    world: World, who: str, action_id: str, value: str, on: Shown
) -> Awaitable[PressResult]:
    """Press a button as it was released, whatever the message's buttons are now.

    Names written out: a message that stands in Slack keeps them for as long as it stands.
    """
    assert len(bytes.fromhex(value)) == 16, "one opaque 128-bit id and nothing else"
    return world.person(who).presses_raw(forged_press(world, who, action_id, value, on))


@pytest.mark.parametrize(
    ("action_id", "words", "resets"),
    [
        ("reset.confirm", "Done. Your old token no longer works", 1),
        ("reset.cancel", "Cancelled. Nothing has changed.", 0),
    ],
)
async def test_a_button_as_it_was_released_works(
    redis_url: str, action_id: str, words: str, resets: int
) -> None:
    async with a_world(redis_url) as world:
        warning = await offered(world)
        reset = await world.newest("ada")
        assert (await as_released(world, "ada", action_id, reset.id, warning)).error is None
        await world.person("ada").sees_soon(words, PATIENCE)
        assert len(world.org.resets) == resets


async def test_ask_it_as_it_was_released_asks_it(redis_url: str) -> None:
    async with a_world(redis_url) as world:
        ada = world.person("ada")
        warning = await offered(world)
        reset = await world.newest("ada")
        assert (await as_released(world, "ada", "reset.ask_it", reset.id, warning)).error is None
        await form(ada, "reset.ask_it")
        assert not (await ada.submits({"question": QUESTION})).errors
        asked = await world.person("ivan").sees_soon(QUESTION, PATIENCE, channel=seed.IT_CHANNEL)
        assert has("ask_it.go_ahead")(asked)
        assert (await world.newest("ada")).state is State.AWAITING_IT
        assert world.org.resets == []


async def test_no_email_as_it_was_released_says_what_to_check(redis_url: str) -> None:
    async with a_world(redis_url) as world:
        steps = await done(world)
        reset = await world.newest("ada")
        assert (await as_released(world, "ada", "reset.no_email", reset.id, steps)).error is None
        told = await world.person("ada").sees_soon("Check these first", PATIENCE, channel="dm")
        assert told.thread_ts == steps.ts
        assert (await world.newest("ada")).no_email_at is not None
        assert len(world.org.resets) == 1


async def test_not_me_as_it_was_released_tells_it_and_stops_self_service(redis_url: str) -> None:
    async with a_breach_world(redis_url) as world:
        steps = await done(world)
        reset = await world.newest("ada")
        assert (await as_released(world, "ada", "reset.not_me", reset.id, steps)).error is None
        seen = await card(world)
        assert "pressed This wasn't me" in seen.plain.replace("*", "")
        assert (await the_case(world, seen)).state is CaseState.AWAITING_APPROVAL
        told = await world.person("ada").sees_soon("I told IT", PATIENCE, channel="dm")
        assert told.thread_ts == steps.ts
        await refused(world, "ada", "IT is looking at this account")


async def test_approve_as_it_was_released_contains(redis_url: str) -> None:
    async with a_breach_world(redis_url) as world:
        seen = await reported(world)
        case = await the_case(world, seen)
        assert case.card is not None
        pressed = await as_released(world, "ivan", "breach.approve", case.card.id, seen)
        assert pressed.error is None
        await form(world.person("ivan"), "breach.approve")
        assert not (await world.person("ivan").submits({})).errors
        await case_in(world, case.id, CaseState.CONTAINED)
        assert world.org.person("ada").is_frozen
        assert len(world.org.resets) == 1


async def test_deny_as_it_was_released_denies(redis_url: str) -> None:
    async with a_breach_world(redis_url) as world:
        seen = await reported(world)
        case = await the_case(world, seen)
        assert case.card is not None
        pressed = await as_released(world, "ivan", "breach.deny", case.card.id, seen)
        assert pressed.error is None
        await form(world.person("ivan"), "breach.deny")
        assert not (await world.person("ivan").submits({"reason": "It was a drill"})).errors
        await case_in(world, case.id, CaseState.DENIED)
        await world.person("ivan").sees_soon(
            lambda shown: shown.ts == seen.ts and "It was a drill" in shown.plain,
            PATIENCE,
            channel=seed.IT_CHANNEL,
        )
        assert not world.org.person("ada").is_frozen
        assert world.org.resets == []
