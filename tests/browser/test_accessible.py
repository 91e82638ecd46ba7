"""axe finds no serious fault, in either theme and in each part of the page."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from sandbox.page.steps import DM
from tests.browser.window import Windows, that

pytestmark = pytest.mark.asyncio(loop_scope="session")

PANELS = ("mail", "org", "integrations", "faults", "audit")


async def serious(page: Page, part: str | None = None) -> list[str]:
    """Name the faults that axe calls serious or critical in a part of the page, or in all."""
    results = await Axe().run(page, context=part)
    return [
        f"{fault['id']}: {node['target']}: {node['failureSummary']}"
        for fault in results.response["violations"]
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_serious_fault(windows: Windows, scheme: str, subtests: pytest.Subtests) -> None:
    ada = await windows.open("ada", scheme=scheme)
    page = ada.page
    with subtests.test("at first"):
        assert await serious(page) == []
    await ada.types("/reset-token production")
    await that(ada.button("Reset my token")).to_be_visible()
    with subtests.test("warning"):
        assert await serious(page, ".conversation") == []
    await ada.button("Reset my token").click()
    with subtests.test("dialog"):
        assert await serious(page, "dialog") == []
    await page.locator("dialog.confirm button[value=yes]").click()
    await ada.sees("next steps", DM)
    await ada.lets_log_in("Data Loader")
    await that(await ada.integration("Data Loader")).to_contain_text("Fails")
    for panel in PANELS:
        await ada.looks_at(panel)
        with subtests.test(panel):
            assert await serious(page, f"#panel-{panel}") == []
    await ada.opens("general")
    await ada.types("/reset-token production")
    await ada.presses("Ask IT first")
    await that(page.locator("dialog.modal")).to_be_visible()
    await page.locator("dialog.modal button[type=submit]").click()
    with subtests.test("modal"):
        assert await serious(page, "dialog") == []
