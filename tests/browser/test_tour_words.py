"""What the tour says beside its steps: what is to be typed, and how to get out of a dead end."""

import pytest

from sandbox.page.steps import Type
from sandbox.page.stories.breach import BREACH
from tests.browser.window import Windows, that

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_to_be_typed_stands_there_to_the_letter(stage_windows: Windows) -> None:
    ben = await stage_windows.open("ben")
    await ben.begins(BREACH.title)
    deed = BREACH.steps[0].deed
    assert isinstance(deed, Type)
    typed = ben.page.locator("#tour .tour-typed")
    await that(typed).to_contain_text(f"#{deed.channel}")
    await that(typed.locator("code")).to_have_text(deed.text)
    await ben.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await typed.get_by_role("button", name="Copy").click()
    await that(ben.page.locator("#notices")).to_contain_text("Copied")
    assert await ben.page.evaluate("navigator.clipboard.readText()") == deed.text


async def test_a_second_story_is_offered_a_fresh_world(stage_windows: Windows) -> None:
    ben = await stage_windows.open("ben")
    offer = ben.page.locator("#tour .tour-help").get_by_role("button", name="Start afresh")
    await ben.begins(BREACH.title)
    await that(offer).to_be_hidden()
    await ben.page.get_by_role("button", name="Leave the tour").click()
    await ben.begins(BREACH.title)
    await that(offer).to_be_visible()
    await that(ben.page.locator("#tour .tour-help")).to_contain_text("A story was played here")
