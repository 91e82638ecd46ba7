"""`make pictures`: the pictures of the guides, taken of the stories as they are played."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, async_playwright

from bot import logs
from bot.embedded import EmbeddedValkey
from sandbox.page.steps import Step, Story
from sandbox.page.stories import STORIES
from tests.browser import browsers
from tests.browser.player import do_step, open_all, watcher
from tests.browser.window import Window, Windows
from tests.browser.worlds import with_bot

PLACE = Path(__file__).parents[2] / "docs" / "pictures"
THEMES = ("light", "dark")

_WIDTH = 1000
_TALLEST = 1800
_AROUND = 56 + 49 + 66
"""Pixels above and below the messages."""


async def take(window: Window, step: Step, place: Path) -> None:
    """Take a step's picture in both themes: Slack alone, as tall as what is said there."""
    assert step.seen is not None
    page = window.page
    before: ViewportSize = page.viewport_size or {"width": 1440, "height": 900}
    await window.opens(step.seen.where)
    panels = page.get_by_role("button", name="Panels")
    await panels.click()
    await page.set_viewport_size({"width": _WIDTH, "height": 600})
    tall = int(await page.locator("#messages").evaluate("element => element.scrollHeight"))
    await page.set_viewport_size({"width": _WIDTH, "height": min(tall + _AROUND, _TALLEST)})
    for theme in THEMES:
        await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await page.locator(".window").screenshot(path=place / f"{step.picture}-{theme}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(before)
    await panels.click()


async def _picture(browser: Browser, redis_url: str, story: Story) -> None:
    """Play a story as far as its last picture."""
    last = max(number for number, step in enumerate(story.steps) if step.picture)
    async with with_bot(redis_url) as place:
        windows = Windows(browser, place.address, scale=1.5)
        cast = await open_all(windows, story)
        await next(iter(cast.values())).begins(story.title)
        for number, step in enumerate(story.steps[: last + 1]):
            await do_step(cast[step.who], step, number)
            if step.picture:
                await take(cast[watcher(step)], step, PLACE)
        await windows.close()


async def main() -> None:
    """Take all pictures."""
    logs.configure("WARNING", "console")
    path = browsers.executable()
    if path is None:
        raise SystemExit("There is no Chromium here. Install one: apt-get install chromium")
    PLACE.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await browsers.launch(playwright, path)
        for story in STORIES:
            if any(step.picture for step in story.steps):
                with tempfile.TemporaryDirectory() as data, EmbeddedValkey(Path(data)) as url:
                    await _picture(browser, url, story)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
