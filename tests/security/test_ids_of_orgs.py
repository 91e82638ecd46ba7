"""Ids of one org where another one's belong: nothing happens at either, and each click is answered.

Whoever presses may do all of it with the right id: what is tried is whether one org's leads to the
other. Ids that nobody was given are in `test_ids.py`.
"""

from collections.abc import AsyncIterator, Iterable

import pytest

from services.cases.model import Case
from services.cases.states import CaseState
from services.store import keys
from tests.counting import Count
from tests.scenario.breach_attempts import at_salesforce, hurried
from tests.scenario.breach_steps import a_breach_world, card, case_in, the_case
from tests.scenario.steps import PATIENCE, ended, has
from tests.scenario.world import World
from tests.security import authority_table as table
from tests.security.authority_actions import deed
from tests.security.authority_cast import Cast
from tests.security.authority_subjects import Subject
from tests.security.authority_table import Action
from tests.security.authority_watch import Watch, watching
from tests.security.test_authority import Attempt, nothing_comes_of
from tests.security.test_ids import actions

TRIED = "ids of another org, each with an action"
APPROVE = Action("form", "breach.approve", in_it_channel=True)

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
async def watch(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url, several_orgs=True) as world:
        world.slack.rate_limits.off()
        world.slack.own_events = False  # each edit in a DM would be one more request
        people = {"requester": world.slack.person("ada"), "approver": world.slack.person("ivan")}
        async with watching(Cast(world, people)) as watch:
            yield watch


async def lead_nowhere(
    watch: Watch, who: str, tried: list[Action], ids: Iterable[str], count: Count
) -> None:
    """Try each action with each id: all are refused, answered and audited, and change nothing."""
    for some_id in ids:
        await watch.settled()
        # The line in which reads of profiles stand goes by itself, at a moment of its own.
        await watch.raw.delete(keys.line("users.info"))
        about = {who: Subject("nothing", some_id)}

        async def subjects(about: dict[str, Subject] = about) -> dict[str, Subject]:
            return about

        await nothing_comes_of(watch, [Attempt(who, one) for one in tried], subjects)
        count(TRIED, len(tried))


def ids_at(world: World, org: str) -> list[str]:
    """What Salesforce and the settings call the org and its user."""
    user = world.orgs[org].person("ada")
    return [org, user.id, user.username, f"{org}:{user.id}"]


async def test_of_a_reset(watch: Watch, count: Count) -> None:
    world = watch.cast.world
    ada = world.person("ada")
    await ada.types("/reset-token")
    menu = await ada.sees_soon(lambda shown: bool(shown.menus), PATIENCE)
    choices = {one.org: one.id for one in (await world.newest("ada")).choices}
    assert set(choices) == {"production", "partner"}
    before = at_salesforce(world)["production"]
    await ada.selects("reset.choose", 1, menu)
    warning = await ada.sees_soon(has("reset.confirm"), PATIENCE)
    assert (await world.newest("ada")).org == "partner"
    ids = [choices["production"], *ids_at(world, "production")]
    await lead_nowhere(watch, "requester", actions(table.ABOUT_A_RESET), ids, count)
    assert (await world.newest("ada")).org == "partner"
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    assert len(world.orgs["partner"].resets) == 1
    await lead_nowhere(watch, "requester", actions(table.ABOUT_A_RESET), ids, count)
    assert at_salesforce(world)["production"] == before


async def test_of_a_case(watch: Watch, count: Count) -> None:
    world = watch.cast.world
    await world.person("eve").types("/reset-token breach @ada A login at night")
    ours = await the_case(world, await card(world, lambda one: "in *Production*" in one.plain))
    theirs = await the_case(world, await card(world, lambda one: "in *Partner*" in one.plain))
    assert ours.card
    before = at_salesforce(world)["partner"]
    contained = await approved(watch, ours)
    assert at_salesforce(world)["partner"] == before
    assert await world.web.stores.cases.get(theirs.id) == theirs
    ids = [ours.card.id, *(one.id for one in contained.steps), *ids_at(world, "production")]
    await lead_nowhere(watch, "approver", actions(table.ABOUT_A_CASE), ids, count)
    assert await world.web.stores.cases.get(theirs.id) == theirs
    before = at_salesforce(world)["production"]
    await approved(watch, theirs)
    assert at_salesforce(world)["production"] == before


async def approved(watch: Watch, case: Case) -> Case:
    """Let the approver approve it, and wait until its steps have ended."""
    assert case.card
    about, ivan = Subject("nothing", case.card.id), watch.cast.person("approver")
    sent = deed(watch.slack, ivan, APPROVE, about)
    assert (await watch.slack.dispatcher.deliver(sent.kind, sent.payload)).status == 200
    return await case_in(watch.cast.world, case.id, CaseState.CONTAINED)
