"""The page *Reset My Security Token*, opened as its own user: open, submit once, leave."""

import asyncio
from concurrent.futures import Executor
from threading import Thread

import requests
import structlog

from services.salesforce.answers import refusal_of, says_mailed
from services.salesforce.assertion import Signer
from services.salesforce.browser import Browser
from services.salesforce.errors import LoginRefused, OutcomeUnknown, PageRefused, SalesforceError
from services.salesforce.http import Http, Timeouts
from services.salesforce.page import PAGE_PATH, ResetForm, read, reset_form
from services.salesforce.refusals import broken

log = structlog.get_logger(__name__)


class ResetPage:
    """An open reset page. It holds a UI session of its user until `close`."""

    def __init__(
        self,
        browser: Browser,
        form: ResetForm,
        url: str,
        executor: Executor,
        timeout: tuple[float, float],
    ) -> None:
        self._browser = browser
        self._form = form
        self._url = url
        self._executor = executor
        self._timeout = timeout
        self._submitted = False

    async def submit(self) -> None:
        """Press the button: the old token dies and a new one is mailed to the user.

        Returns once a page has said that the mail was sent; anything else is OutcomeUnknown. It
        presses once: a second press would mail a second token and void the first.
        """
        if self._submitted:
            raise OutcomeUnknown("already_submitted")
        self._submitted = True
        await asyncio.get_running_loop().run_in_executor(self._executor, self._press)

    def abandon(self) -> None:
        """Close in the background a page that nobody waits for any more.

        Not in the executor: what nobody waits for is there when the worker ends, and it with it.
        """
        Thread(target=leave, args=(self._browser,), name="abandoned page", daemon=True).start()

    async def close(self) -> None:
        """Log out and revoke the access token. Never raises; what failed is logged."""
        await asyncio.get_running_loop().run_in_executor(self._executor, leave, self._browser)

    def _press(self) -> None:
        try:
            answer = self._browser.submit(self._form, self._url, self._timeout)
            if answer.status_code != 200:
                raise OutcomeUnknown(f"http_{answer.status_code}")
            page = read(answer.content, answer.headers.get("Content-Type", ""))
        except requests.RequestException as error:
            raise OutcomeUnknown(broken(error).code) from None
        except SalesforceError as error:
            raise OutcomeUnknown(error.code) from None
        if not says_mailed(page, answer.url):
            raise OutcomeUnknown("not_confirmed")


def open_page(
    signer: Signer, username: str, login_url: str, executor: Executor, timeouts: Timeouts
) -> ResetPage:
    """Open the page as `username`, up to the press. It blocks; call it in a thread.

    PageRefused, LoginRefused or Unavailable: nothing has changed, and no session is left.
    """
    http = Http(login_url, timeouts.for_reads, cookies=True)
    try:
        grant = signer.exchange(username, http)
    except LoginRefused as error:
        http.close()
        if error.code == "not_preauthorised":
            raise PageRefused(error.code) from None
        raise
    except BaseException:
        http.close()
        raise
    # The exchange's cookies are the login host's, and none of a browser's business.
    http.cookies.clear()
    browser = Browser(http, grant)
    try:
        answer = browser.enter(PAGE_PATH)
        form = _form_of(answer)
    except BaseException:
        leave(browser)
        raise
    return ResetPage(browser, form, answer.url, executor, timeouts.for_effects)


def _form_of(answer: requests.Response) -> ResetForm:
    page = read(answer.content, answer.headers.get("Content-Type", ""))
    reason = refusal_of(page, answer.url)
    if reason is not None:
        raise PageRefused(reason)
    return reset_form(page, answer.url)


def leave(browser: Browser) -> None:
    """End the browser's session; what failed is logged by its code."""
    failed = browser.leave()
    if failed:
        log.warning("user_session_not_ended", codes=failed)
