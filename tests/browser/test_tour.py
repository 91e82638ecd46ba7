"""The tour goes on when what a step leads to is seen, whoever did it, and not before."""

import pytest

from sandbox.page.sights import Sights
from sandbox.page.steps import Press, Seen, Step, Story, Type
from sandbox.page.switches import Switches
from sandbox.page.tour import Tour
from sandbox.page.world import World
from sandbox.slack import seed
from tests.browser.worlds import NoWorker, nothing

STORY = Story(
    "s",
    "S",
    "about",
    (
        Step("ada", "type", Type("hello"), Seen("general", "hello")),
        Step("ben", "look"),
        Step("ben", "press", Press("x", "dm"), Seen("dm", "hi", who="ada")),
    ),
    "end",
)


@pytest.fixture
def world() -> World:
    async def audit() -> list[dict[str, object]]:
        return []

    return World(seed.acme(), {}, {}, "", audit, NoWorker(), nothing)


@pytest.fixture
def tour(world: World) -> Tour:
    return Tour([STORY], Sights(world, Switches(world)))


async def test_it_goes_on_by_what_is_seen_anew(world: World, tour: Tour) -> None:
    ada, ben = world.workspace.actor("ada"), world.workspace.actor("ben")
    await ben.posts("hello before the story")
    tour.begin("s")
    tour.look()
    assert tour.shown()["number"] == 0, "that was there before"
    await ben.posts("hello, says somebody else")
    tour.look()
    assert tour.shown()["number"] == 1, "whoever did it"
    tour.look()
    assert tour.shown()["number"] == 1, "there is only something to look at"
    tour.go_on(1)
    tour.go_on(1)
    assert tour.shown()["number"] == 2, "two windows may say so"
    await ben.posts("hi", "dm")
    tour.look()
    assert tour.shown()["number"] == 2, "it isn't on Ada's screen"
    await ada.posts("hi", "dm")
    tour.look()
    assert tour.shown()["number"] == 3
    tour.look()
    tour.go_on(3)
    shown = tour.shown()
    assert (shown["story"], shown["number"]) == ("s", 3), "the end stays until somebody leaves"
    tour.leave()
    assert tour.shown()["story"] is None


async def test_a_step_that_leads_to_nothing_for_long_is_told_to_be_late(world: World) -> None:
    now = 0.0
    tour = Tour([STORY], Sights(world, Switches(world)), lambda: now)
    tour.begin("s")
    now = 19.0
    assert not tour.shown()["late"]
    now = 21.0
    assert tour.shown()["late"]
    await world.workspace.actor("ben").posts("hello")
    tour.look()
    now = 99.0
    assert not tour.shown()["late"], "there is only something to look at"


def test_a_world_in_which_a_story_was_played_is_told_to_be_used(tour: Tour) -> None:
    tour.begin("s")
    assert not tour.shown()["used"]
    tour.leave()
    tour.begin("s")
    assert tour.shown()["used"]


def test_there_is_no_such_story(tour: Tour) -> None:
    with pytest.raises(KeyError):
        tour.begin("none")


def test_a_deed_comes_with_what_is_seen_after_it() -> None:
    with pytest.raises(ValueError, match="comes with"):
        Step("ada", "type", Type("hello"))
    with pytest.raises(ValueError, match="comes with"):
        Step("ada", "look", seen=Seen("general", "hello"))
