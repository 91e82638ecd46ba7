"""One click to be somebody else, several windows at once, and a window that loses its line."""

import pytest
from playwright.async_api import Browser

from sandbox.page.steps import DM
from tests.browser.window import Windows, that
from tests.browser.worlds import Place, without_bot

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_window_becomes_somebody_elses_and_back(stage_windows: Windows) -> None:
    window = await stage_windows.open("ada")
    page = window.page
    await that(page).to_have_title("Ada Lovelace · Acme")
    await that(page.locator("#channels")).not_to_contain_text("it-approvals")
    await page.locator("#composer-text").fill("not sent")
    await page.locator("[data-person=ivan]").click()
    await that(page).to_have_title("Ivan Petrov · Acme")
    await that(page.locator("#channels")).to_contain_text("it-approvals")
    await that(page.locator("#composer-text")).to_have_value("")
    await page.go_back()
    await that(page).to_have_title("Ada Lovelace · Acme")


async def test_what_one_writes_the_other_sees_at_once(stage_windows: Windows) -> None:
    ada, ben = await stage_windows.open("ada"), await stage_windows.open("ben")
    await ben.opens(DM)
    await ada.types("Does anybody know *my* <b>token</b>, @ben?")
    await that(ben.page.locator("#channels .count")).to_contain_text("1")
    await that(ben.page.locator("#announcer")).to_contain_text("Ada Lovelace in general")
    message = await ben.sees("Does anybody know")
    await that(message.locator("strong")).to_have_text("my")
    await that(message).to_contain_text("<b>token</b>")
    await that(message.locator(".mention.me")).to_have_text("@Ben Okafor")
    await that(ben.page.locator("#channels .count")).to_have_count(0)


async def test_a_press_isnt_lost_when_something_new_comes_meanwhile(stage_windows: Windows) -> None:
    ada, ben, other = [await stage_windows.open(name) for name in ("ada", "ben", "ben")]
    for window in (ben, other):
        await window.opens(DM)
    place = ben.page.locator("#channels button").filter(has_text="general")
    await place.hover()
    await ben.page.mouse.down()
    await ada.types("Has anybody seen my stapler?")
    await that(other.page.locator("#channels .count")).to_contain_text("1")
    assert await ben.page.locator("#channels .count").count() == 0
    await ben.page.mouse.up()
    await that(place).to_have_attribute("aria-current", "page")
    await that(ben.message("Has anybody seen my stapler?")).to_be_visible()


async def test_who_hasnt_looked_yet_has_unread_messages(
    stage_windows: Windows, stage: Place
) -> None:
    workspace = stage.workspace
    await workspace.actor("iris").posts("for IT", "it-approvals")
    ivan = await stage_windows.open("ivan")
    count = ivan.page.locator("#channels .count")
    await that(count).to_contain_text("1")
    await ivan.page.locator("[data-person=ada]").click()
    await that(ivan.page).to_have_title("Ada Lovelace · Acme")
    await that(count).to_have_count(0)
    await ivan.page.locator("[data-person=ivan]").click()
    await that(count).to_contain_text("1")
    await ivan.sees("for IT", "it-approvals")
    await that(count).to_have_count(0)
    await ivan.page.reload()
    await that(ivan.page.locator("#channels")).to_contain_text("it-approvals")
    await that(count).to_have_count(0)


async def test_ones_own_message_in_the_dm_is_edited_and_deleted(stage_windows: Windows) -> None:
    ada = await stage_windows.open("ada")
    await ada.types("first", DM)
    await ada.message("first").hover()
    await ada.page.get_by_role("button", name="More actions").click()
    await ada.page.get_by_role("menuitem", name="Edit message").click()
    box = ada.page.get_by_label("Edit message")
    await that(box).to_have_value("first")
    await box.fill("second")
    await box.press("Enter")
    await that(ada.message("second")).to_contain_text("(edited)")
    await ada.message("second").hover()
    await ada.page.get_by_role("button", name="More actions").click()
    await ada.page.get_by_role("menuitem", name="Delete message").click()
    await that(ada.page.locator(".message")).to_have_count(0)


async def test_a_command_is_offered_and_an_unknown_one_refused(stage_windows: Windows) -> None:
    ada = await stage_windows.open("ada")
    box = ada.page.locator("#composer-text")
    await box.fill("/re")
    await ada.page.locator("#composer-hints button").click()
    await that(box).to_have_value("/reset-token ")
    await that(box).to_be_focused()
    await box.fill("/remind me")
    await box.press("Enter")
    await that(ada.page.locator("#notices")).to_contain_text("/remind is not a valid command.")


async def test_slacks_own_error_is_told_when_no_bot_answers(stage_windows: Windows) -> None:
    ada = await stage_windows.open("ada")
    await ada.types("/reset-token")
    await that(ada.message("dispatch_failed")).to_contain_text("Only visible to you")
    await that(ada.page.locator("#notices")).to_contain_text("dispatch_failed")


async def test_the_theme_stays_as_it_was_chosen(stage_windows: Windows) -> None:
    page = (await stage_windows.open("ada", scheme="dark")).page
    background = "getComputedStyle(document.querySelector('main')).backgroundColor"
    dark = await page.evaluate(background)
    await page.get_by_role("button", name="Light or dark").click()
    light = await page.evaluate(background)
    assert light == "rgb(255, 255, 255)"
    assert light != dark
    await page.reload()
    await that(page.locator("#connection")).to_have_text("Live")
    assert await page.evaluate(background) == light


@pytest.mark.parametrize("width", [1000, 1440])
async def test_nothing_sticks_out(stage_windows: Windows, width: int) -> None:
    page = (await stage_windows.open("ada")).page
    await page.set_viewport_size({"width": width, "height": 700})
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await page.get_by_role("button", name="Panels").click()
    await that(page.locator(".panels")).to_be_hidden()


async def test_a_window_says_that_it_lost_its_line_and_finds_it_again(browser: Browser) -> None:
    async with without_bot() as place:
        windows = Windows(browser, place.address)
        page = (await windows.open("ada")).page
    await that(page.locator("#connection")).to_contain_text("Disconnected")
    async with without_bot(int(place.address.rpartition(":")[2])) as again:
        await again.workspace.actor("ben").posts("back again")
        await that(page.locator("#connection")).to_have_text("Live")
        await that(page.locator("#messages")).to_contain_text("back again")
        await windows.close()


async def test_nobody_of_that_name(stage: Place, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(f"{stage.address}/?as=nobody")
    await that(page.locator("#connection")).to_have_text("Nobody of that name is here.")
    await page.close()
