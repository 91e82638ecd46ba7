"""Presses that are odd: twice, by somebody who may not, and while the worker dies."""

import pytest
from playwright.async_api import Locator

from sandbox.page.steps import DM
from tests.browser.window import Window, Windows, that
from tests.browser.worlds import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

IT = "it-approvals"


async def offered(window: Window) -> None:
    await window.types("/reset-token production")
    await that(window.button("Reset my token")).to_be_visible()


async def audited(window: Window, what: str) -> Locator:
    """Find the rows of the audit that say just this."""
    panel = await window.looks_at("audit")
    return panel.locator("strong").get_by_text(what, exact=True)


async def test_a_double_click_resets_once(windows: Windows, sandbox: Place) -> None:
    ada = await windows.open("ada")
    await offered(ada)
    await ada.presses("Reset my token", times=2)
    await ada.sees("next steps", DM)
    assert len(sandbox.org.resets) == 1
    assert len(sandbox.org.mailbox("ada@acme.example")) == 1
    await that(await audited(ada, "intend")).to_have_count(1)


async def test_two_windows_of_one_person_press_at_once(windows: Windows) -> None:
    first, second = await windows.open("ada"), await windows.open("ada")
    await offered(first)
    await that(second.button("Cancel")).to_be_visible()
    # Else the first press may take the button from the second window's screen in time.
    await first.turns("Slack limits the rate", on=True)
    for window in (first, second):
        await window.button("Cancel").click()
    await that(await audited(first, "refused:reset.cancel")).to_have_count(1)
    await first.turns("Slack limits the rate", on=False)
    for window in (first, second):
        await that(window.message("Cancelled")).to_be_visible()
    await that(await audited(first, "cancel")).to_have_count(1)


async def test_a_stranger_in_its_channel_decides_nothing(windows: Windows, sandbox: Place) -> None:
    iris, ivan, eve = [await windows.open(name) for name in ("iris", "ivan", "eve")]
    await offered(iris)
    await iris.presses("Ask IT first")
    await iris.fills_in({"What would you like to know": "May I reset it today?"})
    await ivan.sees("May I reset it today?", IT)
    await that(eve.page.locator("#channels")).not_to_contain_text(IT)

    await ivan.page.get_by_role("button", name="Add somebody").click()
    await ivan.page.get_by_role("menuitem", name="Add Eve Moreau").click()
    await eve.presses("Go ahead", IT)
    refusal = eve.page.locator("#messages .message.ephemeral")
    await that(refusal).to_contain_text("approver")
    await that(ivan.button("Go ahead")).to_be_visible()
    assert sandbox.org.resets == []

    await ivan.presses("Go ahead", IT)
    await that(ivan.message("May I reset it today?")).to_contain_text("Go ahead, says @Ivan Petrov")
    await iris.presses("Reset my token", DM)
    await iris.sees("next steps", DM)
    assert len(sandbox.org.resets) == 1
    await that(ivan.page.locator("#messages .message.ephemeral")).to_have_count(0)


async def test_what_a_killed_worker_left_is_taken_up_once(windows: Windows, sandbox: Place) -> None:
    ada, ben = await windows.open("ada"), await windows.open("ben")
    await offered(ada)
    await ben.turns("Salesforce is slow", on=True)
    await ada.presses("Reset my token")
    await that(await audited(ben, "run")).to_be_visible()

    await ben.turns("The bot's worker is killed", on=True)
    await ben.turns("Salesforce is slow", on=False)
    assert sandbox.org.resets == [], "it died before the effect"
    await ben.turns("The bot's worker is killed", on=False)
    await ada.opens(DM)
    await that(ada.message("next steps")).to_be_visible()
    assert len(sandbox.org.resets) == 1
