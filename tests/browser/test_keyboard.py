"""Everything can be done with the keyboard alone, and the focus is where one expects it."""

import pytest
from playwright.async_api import Page

from sandbox.page.steps import DM
from tests.browser.window import Window, Windows, that
from tests.browser.worlds import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME_OF_FOCUS = """() => {
  const focus = document.activeElement;
  return (focus.getAttribute("aria-label") ?? focus.innerText).trim();
}"""


# From the last field the focus goes to the browser's own buttons, which the page sees as its body.
IN_DIALOG = """() => {
  const focus = document.activeElement;
  return focus === document.body || focus.closest("dialog") !== null;
}"""


async def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what has the focus is called that."""
    met = []
    for _ in range(80):
        await page.keyboard.press(key)
        met.append(await page.evaluate(NAME_OF_FOCUS))
        if met[-1] == name:
            return
    raise AssertionError(f"{name!r} can't be reached; met: {met}")


async def command(window: Window, text: str) -> None:
    await window.page.locator("body").press("Home")
    await tab_to(window.page, "Message #general")
    await window.page.keyboard.type(text)
    await window.page.keyboard.press("Enter")


async def test_a_reset_from_the_command_to_the_repaired_program(
    windows: Windows, sandbox: Place
) -> None:
    ada = await windows.open("ada")
    page = ada.page
    await command(ada, "/reset-token production")
    await that(ada.button("Reset my token")).to_be_visible()
    await tab_to(page, "Reset my token", "Shift+Tab")
    await page.keyboard.press("Enter")
    dialog = page.locator("dialog.confirm")
    await that(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await that(dialog).to_have_count(0)
    assert await page.evaluate(NAME_OF_FOCUS) == "Reset my token", "the focus comes back"

    await page.keyboard.press("Enter")
    await tab_to(page, "Reset my token")
    await page.keyboard.press("Enter")
    await that(page.locator("#mail .token")).to_be_visible()
    await that(page.locator("#announcer")).to_contain_text("Reset Token")

    await tab_to(page, "Mailbox 1")
    for _ in range(2):
        await page.keyboard.press("ArrowRight")
    await tab_to(page, "New token for Data Loader")
    await page.keyboard.insert_text(sandbox.org.person("ada").security_token)
    await page.keyboard.press("Enter")
    card = page.locator('[data-integration="Data Loader"]')
    await that(card).to_contain_text("2 worked")


async def test_menus_modals_and_switches(windows: Windows) -> None:
    iris = await windows.open("iris")
    page = iris.page
    await command(iris, "/reset-token")
    await that(iris.button("Ask IT first")).to_be_visible()
    await tab_to(page, "Ask IT first", "Shift+Tab")
    await page.keyboard.press("Enter")
    modal = page.locator("dialog.modal")
    await that(modal).to_be_visible()
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(IN_DIALOG), "the focus stays in the dialog"
    await page.keyboard.press("Escape")
    await that(modal).to_have_count(0)

    await tab_to(page, "Mailbox")
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    assert await page.evaluate(NAME_OF_FOCUS) == "Faults"
    await tab_to(page, "Salesforce is slow")
    await page.keyboard.press("Space")
    switch = page.get_by_role("switch", name="Salesforce is slow")
    await that(switch).to_have_attribute("aria-checked", "true")
    assert await page.evaluate(NAME_OF_FOCUS) == "Salesforce is slow", "the focus stays"


async def test_a_menu_of_a_message(windows: Windows) -> None:
    ada = await windows.open("ada")
    await ada.types("hello", DM)
    mine = ada.page.locator(".message", has_text="hello").first
    await mine.get_by_role("button", name="More actions").focus()
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.press("ArrowUp")
    assert await ada.page.evaluate(NAME_OF_FOCUS) == "Delete message"
    await ada.page.keyboard.press("Escape")
    assert await ada.page.evaluate(NAME_OF_FOCUS) == "More actions"
