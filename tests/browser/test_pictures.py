"""The pictures in the guides are those that the stories reach."""

from sandbox.page.stories import STORIES
from tests.browser.pictures import PLACE, THEMES


def test_the_stories_pictures_are_there_and_no_others() -> None:
    taken = {step.picture for story in STORIES for step in story.steps if step.picture}
    assert {path.name for path in PLACE.glob("*.png")} == {
        f"{name}-{theme}.png" for name in taken for theme in THEMES
    }
