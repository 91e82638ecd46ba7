"""Beginning afresh: all of it is built anew, and the windows come back by themselves."""

import asyncio

import pytest
from playwright.async_api import Browser

from bot import sandbox_command
from tests.browser.window import Windows, that

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_was_done_is_gone_and_the_window_is_live_again(browser: Browser) -> None:
    stopped, addresses = asyncio.Event(), asyncio.Queue[str]()
    showing = asyncio.create_task(
        sandbox_command.show(stopped, addresses.put_nowait, fixed_ports=False)
    )
    windows = Windows(browser, await addresses.get())
    ada = await windows.open("ada")
    await ada.types("before")
    await ada.sees("before")
    await ada.page.get_by_role("button", name="Start afresh").click()
    await that(ada.page.locator(".message")).to_have_count(0)
    await that(ada.page.locator("#connection")).to_have_text("Live")
    await ada.types("after")
    await ada.sees("after")
    await windows.close()
    stopped.set()
    await showing
    assert addresses.empty(), "people are welcomed once"
