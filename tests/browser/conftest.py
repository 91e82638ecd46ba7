"""One browser for each test process; a fresh world and fresh windows for each test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser import browsers
from tests.browser.window import Windows
from tests.browser.worlds import Place, with_bot, without_bot


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave the tests out that need a browser where there is none.

    Here and not in the fixture, so that pytest counts them in one line.
    """
    needed = "browser" in getattr(item, "fixturenames", ())
    if needed and browsers.executable() is None and not browsers.is_required():
        pytest.skip(browsers.MISSING)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start the browser."""
    path = browsers.executable()
    if path is None:
        pytest.fail("BROWSER=required, but there is no Chromium here")
    async with async_playwright() as playwright:
        started = await browsers.launch(playwright, path)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(browser: Browser, redis_url: str) -> AsyncIterator[Place]:  # noqa: ARG001
    """Run the sandbox with the bot; not where there is no browser to look at it."""
    async with with_bot(redis_url) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Place]:  # noqa: ARG001
    """Serve the page of a workspace in which no bot works."""
    async with without_bot() as place:
        yield place


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, sandbox: Place) -> AsyncIterator[Windows]:
    """Windows of the sandbox. None may meet an error or ask for anything from elsewhere."""
    opened = Windows(browser, sandbox.address)
    yield opened
    await opened.close()
    assert opened.faults() == []


@pytest_asyncio.fixture(loop_scope="session")
async def stage_windows(browser: Browser, stage: Place) -> AsyncIterator[Windows]:
    """Windows of the page without a bot, as strict."""
    opened = Windows(browser, stage.address)
    yield opened
    await opened.close()
    assert opened.faults() == []
