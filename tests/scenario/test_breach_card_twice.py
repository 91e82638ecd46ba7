"""A card whose post was cut off stands twice in IT's channel; a press tells of the other one."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.store import keys
from services.store.posts import Place
from tests.counting import Count
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, cards, case_in, denies, form, the_case
from tests.scenario.steps import PATIENCE
from tests.scenario.world import World

GAP = timedelta(milliseconds=50)
DECIDED = "*Denied* by @Ivan Petrov"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("services.slack.client.TIMEOUT", 1)
    monkeypatch.setattr("handlers.breach_card.BUSY_AGAIN", GAP)
    monkeypatch.setattr("handlers.breach_card.GAP", GAP)
    async with a_breach_world(redis_url) as built:
        yield built


async def twice(world: World) -> tuple[Shown, Shown]:
    """Report Ada while Slack's answer to the card is lost; return both cards, the older first."""
    in_it = Fault(
        lost="after", times=1, when=lambda call: call.args.get("channel") == seed.IT_CHANNEL
    )
    world.slack.faults.add("chat.postMessage", in_it)
    assert (await world.person("eve").types("/reset-token breach @ada A login")).error is None
    await world.slack.until(lambda: len(cards(world)) == 2, PATIENCE)
    await idle(world)
    older, newer = sorted(cards(world), key=lambda shown: float(shown.ts))
    return older, newer


def decided(world: World) -> list[str]:
    return sorted(
        one.ts for one in world.person("ivan").sees(seed.IT_CHANNEL) if DECIDED in one.plain
    )


async def test_a_decision_on_the_one_that_isnt_known_is_shown_on_both(
    world: World, count: Count
) -> None:
    older, newer = await twice(world)
    case = await the_case(world, older)
    await denies(world, older)
    await case_in(world, case.id, CaseState.DENIED)
    await world.slack.until(lambda: decided(world) == [older.ts, newer.ts], PATIENCE)
    assert cards(world) == []
    count("cards that stood twice, of which no button was left", 1)


async def denied_on_the_newer(world: World) -> tuple[Case, Shown, Shown]:
    """Decide on the one that is known; returns the case, the older card and the newer."""
    older, newer = await twice(world)
    case = await the_case(world, newer)
    await denies(world, newer)
    await case_in(world, case.id, CaseState.DENIED)
    await world.slack.until(lambda: decided(world) == [newer.ts], PATIENCE)
    return case, older, newer


async def test_the_one_that_is_left_is_brought_up_to_date_by_a_press(world: World) -> None:
    _, older, newer = await denied_on_the_newer(world)
    ivan = world.person("ivan")
    assert [one.ts for one in cards(world)] == [older.ts], "nobody has told of it"
    await ivan.presses("breach.approve", older)
    await world.slack.until(
        lambda: ivan.modal is not None and "already" in ivan.modal.plain, PATIENCE
    )
    await world.slack.until(lambda: decided(world) == [older.ts, newer.ts], PATIENCE)


async def test_one_that_is_remembered_and_was_never_edited(world: World) -> None:
    """As where the worker that was told of it died before it asked for the edit."""
    case, older, newer = await denied_on_the_newer(world)
    await idle(world)
    place = Place(seed.IT_CHANNEL, older.ts)
    await world.web.stores.posts.posted(keys.case_posts(case.id), "card:1:twin", place)
    await world.person("ivan").presses("breach.approve", older)
    await world.slack.until(lambda: decided(world) == [older.ts, newer.ts], PATIENCE)


async def test_a_press_on_the_card_that_is_known_edits_nothing(world: World) -> None:
    assert (await world.person("eve").types("/reset-token breach @ada A login")).error is None
    await world.slack.until(lambda: len(cards(world)) == 1, PATIENCE)
    await idle(world)
    edits = len(world.slack.calls.to("chat.update"))
    (card,) = cards(world)
    await world.person("ivan").presses("breach.deny", card)
    await form(world.person("ivan"), "breach.deny")
    await idle(world)
    assert len(world.slack.calls.to("chat.update")) == edits
