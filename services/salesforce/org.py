"""One Salesforce org, as the rest of the bot sees it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from services.orgs import OrgConfig
from services.salesforce import account_reading, new_logins, rows, soql
from services.salesforce.account_control import AccountControl
from services.salesforce.assertion import Grant, Signer
from services.salesforce.composite import Answer, Question
from services.salesforce.errors import NotPermitted, SalesforceError
from services.salesforce.home import Home
from services.salesforce.http import Http, Timeouts
from services.salesforce.page import PAGE_PATH
from services.salesforce.permissions import RESET_PASSWORDS, VIEW_ALL_USERS, VIEW_SETUP
from services.salesforce.records import AccountReading, NewLogins, SalesforceUser
from services.salesforce.reset_page import ResetPage, open_page
from services.salesforce.rest import Rest
from services.salesforce.retrying import read_again
from services.salesforce.rows import Row
from services.salesforce.session import IntegrationSession

log = structlog.get_logger(__name__)

_T = TypeVar("_T")


class Org:
    """Reads about users, and the two ways to reset. Blocking work runs in `executor`.

    Reads are repeated while Salesforce is unavailable, up to three times in about eight seconds.
    Each read raises Unavailable, LimitReached, NotPermitted, LoginRefused or Unexpected.
    """

    def __init__(
        self,
        config: OrgConfig,
        clock: Callable[[], datetime],
        executor: Executor,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.config = config
        self._clock = clock
        self._executor = executor
        self._timeouts = timeouts or Timeouts()
        home = Home(config.login_url)
        self._signer = Signer(home, config.consumer_key, config.private_key, clock)
        self._user_signer = Signer(home, config.user_consumer_key, config.user_private_key, clock)
        self._session = IntegrationSession(self._log_in)
        self._rest = Rest(self._session, home, self._timeouts)
        self.control = AccountControl(config, clock, executor, self._rest, self._ask_together)
        """What a breach needs: containment of one account, and its evidence."""

    async def find_users(self, email: str) -> list[SalesforceUser]:
        """Users whose Email, FederationIdentifier or Username equals `email`, case apart."""
        found, _ = await self._ask(soql.users_like(email), needs=VIEW_ALL_USERS)
        return [rows.user(row) for row in found]

    async def user(self, user_id: str) -> SalesforceUser | None:
        """One user, or None. NotFound when the id can't be one."""
        found, _ = await self._ask(soql.user_by_id(user_id), needs=VIEW_ALL_USERS)
        return rows.user(found[0]) if found else None

    async def read_account(self, user_id: str, days: int) -> AccountReading:
        """All that is read of a user before a reset, in one request; logins of `days` days.

        Where neither logins nor the lock are shown, a second one tells whether there are none.

        A part that can't be read is None, and the others stand. No logins are not "nothing
        depends on the token": a quarterly job may not be in the window.
        """
        read_at = self._clock()
        answers = await self._ask_together(account_reading.questions(user_id, days))
        if account_reading.may_be_hidden(answers):
            answers |= await self._ask_together(account_reading.whether_shown(user_id))
        return account_reading.reading(answers, days=days, read_at=read_at)

    async def read_new_logins(self, user_ids: Sequence[str], since: datetime) -> NewLogins:
        """Logins of at most `soql.MOST_USERS` users, and their locks, in one request.

        Logins of the whole second that `since` lies in are among them. ValueError for no users or
        too many.
        """
        return new_logins.reading(await self._ask_together(new_logins.questions(user_ids, since)))

    async def reset_password(self, user_id: str) -> None:
        """Reset the user's password and token; Salesforce mails a link. Never sent twice.

        The answer carries a live temporary password, so its body is discarded unread.
        OutcomeUnknown: the request may have been carried out. Unavailable, LimitReached,
        NotPermitted, NotFound or LoginRefused: it was refused or never left.
        """
        path = f"sobjects/User/{soql.checked_user_id(user_id)}/password"
        change = partial(self._rest.change_unread, "DELETE", path, needs=RESET_PASSWORDS)
        await self._run(change)

    async def password_reset_seen(self, user: SalesforceUser, since: datetime) -> bool:
        """Whether Salesforce shows a reset of this user's password by us since then.

        Evidence after an unknown outcome: True is good evidence, False is none at all, since the
        audit trail may lag. That its text names the username is inferred. Where we may not read
        the trail, a password change since then stands in for it, on an inferred link as well.
        """
        try:
            found, _ = await self._ask(soql.password_resets_since(since), needs=VIEW_SETUP)
        except NotPermitted:
            now = await self.user(user.id)
            changed = now.last_password_change if now else None
            return changed is not None and changed >= since
        return rows.reset_is_named(found, by=self.config.username, username=user.username)

    async def open_reset_page(self, username: str) -> ResetPage:
        """Open the reset page as the user, ready for the press; nothing has changed by then.

        PageRefused, LoginRefused, Unavailable or Unexpected, and no session of the user is left.
        """
        opened = asyncio.get_running_loop().run_in_executor(
            self._executor,
            open_page,
            self._user_signer,
            username,
            self.config.login_url,
            self._executor,
            self._timeouts,
        )
        try:
            return await asyncio.shield(opened)
        except asyncio.CancelledError:
            opened.add_done_callback(_abandon)
            raise

    async def reset_link(self) -> str:
        """The link at which a user presses the button alone; it shows the page, no more."""
        grant = await read_again(lambda: self._run(self._session.current))
        return f"{grant.instance_url}{PAGE_PATH}"

    async def close(self) -> None:
        """Close the connections."""
        await self._run(self._rest.close)

    async def _ask(self, query: str, *, needs: str) -> tuple[list[Row], bool]:
        ask = partial(self._rest.query, query, needs=needs)
        return await read_again(lambda: self._run(ask))

    async def _ask_together(self, asked: Mapping[str, Question]) -> dict[str, Answer]:
        ask = partial(self._rest.queries, asked)
        answers = await read_again(lambda: self._run(ask))
        for name, answer in answers.items():
            if isinstance(answer, SalesforceError):
                log.info("salesforce.unanswered", org=self.config.name, part=name, code=answer.code)
        return answers

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _log_in(self) -> Grant:
        with Http(self.config.login_url, self._timeouts.for_reads) as http:
            return self._signer.exchange(self.config.username, http)


def _abandon(opened: asyncio.Future[ResetPage]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().abandon()
