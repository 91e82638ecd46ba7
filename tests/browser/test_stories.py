"""Each story of the tour, by hand, from the first keystroke to the last message."""

from pathlib import Path

import pytest

from sandbox.page.steps import DM, FillIn, Story
from sandbox.page.stories import STORIES
from tests.browser.pictures import THEMES, take
from tests.browser.player import do_step, open_all, watcher
from tests.browser.window import Windows, that
from tests.browser.worlds import Place

RESETS = {"lost-token": 1, "breach": 1, "not-me": 2, "salesforce-down": 1}
"""How often something is really reset in each."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_story_reaches_its_end_and_its_pictures(
    windows: Windows, sandbox: Place, story: Story, tmp_path: Path
) -> None:
    cast = await open_all(windows, story)
    stranger = await windows.open("eve")
    await stranger.begins(story.title)
    for number, step in enumerate(story.steps):
        await do_step(cast[step.who], step, number)
        if step.picture:
            await take(cast[watcher(step)], step, tmp_path)
            names = {path.name for path in tmp_path.iterdir()}  # noqa: ASYNC240
            assert names >= {f"{step.picture}-{theme}.png" for theme in THEMES}
    await that(stranger.page.locator("#tour")).to_contain_text(story.ends)
    await that(stranger.page.locator(".message")).to_have_count(0)
    assert DM in {step.seen.where for step in story.steps if step.seen}
    assert len(sandbox.org.resets) == RESETS[story.name], "nothing is done twice"


async def test_the_tour_can_do_every_step_by_itself(windows: Windows) -> None:
    ada = await windows.open("ada")
    for story in STORIES:
        await ada.begins(story.title)
        for number, step in enumerate(story.steps):
            await ada.tour_is_at(number)
            # A modal covers the page, and has the tour's words in it.
            place = ".modal-tour" if isinstance(step.deed, FillIn) else "#tour .tour-buttons"
            await ada.page.locator(place).get_by_role("button").first.click()
        await that(ada.page.locator("#tour")).to_contain_text(story.ends)
        await ada.page.get_by_role("button", name="More stories").click()
