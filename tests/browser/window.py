"""One person's window, used as a person does: with keyboard and mouse, by what can be read."""

import re
from dataclasses import dataclass, field

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

from sandbox.page.steps import DM

PATIENCE_MS = 60_000
"""For the bot, which shares two processors with other tests."""

that = expect
that.set_options(timeout=PATIENCE_MS)


@dataclass
class Window:
    """A window of somebody's, and what went wrong in it."""

    page: Page
    person: str
    address: str
    faults: list[str] = field(default_factory=list)

    # Slack

    async def opens(self, channel: str) -> None:
        """Go to a conversation; `dm` is the one with the bot."""
        where = self.page.locator("#apps button" if channel == DM else "#channels button")
        place = where if channel == DM else where.filter(has_text=channel)
        await place.click()
        await that(place).to_have_attribute("aria-current", "page")

    async def types(self, text: str, channel: str = "general") -> None:
        """Type something and send it."""
        await self.opens(channel)
        box = self.page.locator("#composer-text")
        await box.fill(text)
        await box.press("Enter")
        await that(box).to_have_value("")

    async def presses(self, button: str, channel: str = "general", *, times: int = 1) -> None:
        """Press the newest button of this label, and say yes if that is asked."""
        await self.opens(channel)
        place = self.button(button)
        asks = await place.get_attribute("data-asks") is not None
        await place.click(click_count=times)
        if asks:
            await self.page.locator("dialog.confirm button[value=yes]").click(click_count=times)

    async def chooses(self, menu: str, option: str, channel: str = "general") -> None:
        """Choose in the newest menu of this label."""
        await self.opens(channel)
        place = self.page.locator("#messages").get_by_label(menu, exact=True).last
        if await place.evaluate("element => element.tagName") == "SELECT":
            await place.select_option(label=option)
            return
        await place.click()
        await self.page.get_by_role("menuitem", name=option, exact=True).click()

    async def fills_in(self, fields: dict[str, str | list[str]]) -> None:
        """Fill in the open modal and submit it."""
        modal = self.page.locator("dialog.modal")
        for label, value in fields.items():
            one = modal.locator(".input").filter(has=self.page.locator(".label", has_text=label))
            await _fill(one, value)
        await modal.locator("button[type=submit]").click()

    def button(self, label: str) -> Locator:
        """The newest button of this label among the messages."""
        return self.page.locator("#messages").get_by_role("button", name=label, exact=True).last

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The newest message with this text in the conversation that is open."""
        return self.page.locator("#messages .message").filter(has_text=text).last

    async def sees(self, text: str, channel: str = "general") -> Locator:
        """Wait for a message."""
        await self.opens(channel)
        found = self.message(text)
        await that(found).to_be_visible()
        return found

    # Beside Slack

    async def looks_at(self, panel: str) -> Locator:
        """Open a panel."""
        tab = self.page.locator(f"[role=tab][data-panel={panel}]")
        await tab.click()
        await that(tab).to_have_attribute("aria-selected", "true")
        return self.page.locator(f"#panel-{panel}")

    async def integration(self, name: str) -> Locator:
        """The card of an integration."""
        return (await self.looks_at("integrations")).locator(f'[data-integration="{name}"]')

    async def lets_log_in(self, name: str) -> None:
        """Let an integration log in now."""
        await (await self.integration(name)).get_by_role("button", name="Log in now").click()

    async def pastes_token(self, name: str) -> None:
        """Take the token out of the newest mail and put it into an integration."""
        mail = await self.looks_at("mail")
        token = await mail.locator(".token").first.inner_text()
        card = await self.integration(name)
        await card.get_by_role("textbox").fill(token)
        await card.get_by_role("button", name="Save").click()

    async def turns(self, switch: str, *, on: bool) -> None:
        """Turn a switch among the faults."""
        panel = await self.looks_at("faults")
        place = panel.get_by_role("switch", name=switch)
        if await place.get_attribute("aria-checked") != str(on).lower():
            await place.click()
        await that(place).to_have_attribute("aria-checked", str(on).lower())

    async def begins(self, story: str) -> None:
        """Begin a story of the tour."""
        await self.page.locator("#tour").get_by_role("button", name=story).click()
        await self.tour_is_at(0)

    async def tour_is_at(self, number: int) -> None:
        """Wait until the tour stands at this step."""
        await that(self.page.locator("#tour")).to_have_attribute("data-step", str(number))


async def _fill(place: Locator, value: str | list[str]) -> None:
    if isinstance(value, list):
        for label in value:
            await place.get_by_label(label).check()
    elif await place.locator("select").count():
        await place.locator("select").select_option(label=value)
    elif await place.locator("input[type=radio]").count():
        await place.get_by_label(value).check()
    else:
        await place.locator("input, textarea").fill(value)


class Windows:
    """The windows of one test, each in a context of its own, as on somebody's own computer."""

    def __init__(self, browser: Browser, address: str, *, scale: float = 1) -> None:
        self._browser = browser
        self._address = address
        self._scale = scale
        self._contexts: list[BrowserContext] = []
        self._opened: list[Window] = []

    async def open(self, person: str, *, scheme: str = "light", still: bool = True) -> Window:
        """Open a window as somebody, and wait until it is live. `still` shows no motion."""
        context = await self._browser.new_context(
            viewport={"width": 1440, "height": 900},
            device_scale_factor=self._scale,
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce" if still else "no-preference",
        )
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        window = Window(page, person, self._address)
        self._opened.append(window)
        self._watch(window)
        await page.goto(f"{self._address}/?as={person}")
        await that(page.locator("#connection")).to_have_text("Live")
        await that(page.locator("#channels button").first).to_be_visible()
        return window

    async def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            await context.close()

    def faults(self) -> list[str]:
        """What no window may have met: errors, and requests to elsewhere."""
        return [fault for window in self._opened for fault in window.faults]

    def _watch(self, window: Window) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                window.faults.append(f"{window.person}: console: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith(f"{self._address}/"):
                window.faults.append(f"{window.person}: outside request: {request.url}")

        window.page.on("console", said)
        window.page.on("request", asked)
        window.page.on("pageerror", lambda error: window.faults.append(f"{window.person}: {error}"))
