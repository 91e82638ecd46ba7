"""What an approval does to one account, and the reads that show what is true afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import TypeVar

from services.orgs import OrgConfig
from services.salesforce import control_reading, control_targets
from services.salesforce.composite import Answer, Question
from services.salesforce.control_shown import Target
from services.salesforce.control_soql import checked_session_id
from services.salesforce.errors import (
    LoginRefused,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    Unavailable,
    Unexpected,
)
from services.salesforce.permissions import MANAGE_USERS
from services.salesforce.records import Ended, Evidence, Standing
from services.salesforce.rest import Rest

Ask = Callable[[Mapping[str, Question]], Awaitable[dict[str, Answer]]]

_T = TypeVar("_T")

_ONE_ROW = "UNABLE_TO_LOCK_ROW"
"""What Salesforce says of one row that somebody else changes: the others may be free."""


class AccountControl:
    """Freezes an account, ends its sessions, revokes its grants. The bot's own is never touched.

    Reads are repeated as `Org`'s are, and raise the same. Effects are never sent twice: they raise
    OutcomeUnknown once a request may have left, anything else where it was refused or never left.
    """

    def __init__(
        self,
        config: OrgConfig,
        clock: Callable[[], datetime],
        executor: Executor,
        rest: Rest,
        ask: Ask,
    ) -> None:
        self._own_username = config.username
        self._clock = clock
        self._executor = executor
        self._rest = rest
        self._ask = ask

    async def read_evidence(self, user_id: str, days: int) -> Evidence:
        """Read what the account looks like now, in one request; logins of `days` days."""
        target, read_at = self._target(user_id), self._clock()
        answers = await self._ask(control_reading.evidence_questions(target, days))
        return control_reading.evidence(answers, target, days=days, read_at=read_at)

    async def read_standing(self, user_id: str) -> Standing:
        """Read what is true of the account now, in one request."""
        target, read_at = self._target(user_id), self._clock()
        answers = await self._ask(control_reading.standing_questions(target))
        return control_reading.standing(answers, target, read_at=read_at)

    async def other_admins(self, user_id: str) -> int:
        """Count who else could help: active admins who aren't frozen, without the bot's own user.

        One request. NotPermitted where it isn't shown who is frozen.
        """
        return control_reading.admins(
            await self._ask(control_reading.admin_questions(self._target(user_id)))
        )

    async def set_frozen(self, user_id: str, *, frozen: bool) -> None:
        """Freeze the user, who then can't log in, or let them in again: one read, one effect.

        A freeze isn't known to end sessions or grants. NotFound for a user without a UserLogin.
        """
        target = self._target(user_id)
        answers = await self._ask(control_targets.login_row_questions(target))
        path = f"sobjects/UserLogin/{control_targets.login_row(answers, target)}"
        body = {"IsFrozen": frozen}
        change = partial(self._rest.change_unread, "PATCH", path, needs=MANAGE_USERS, body=body)
        await self._run(change)

    async def end_sessions(self, user_id: str) -> Ended:
        """End the user's open sessions, one by one: one read, an effect for each."""
        target = self._target(user_id)
        answers = await self._ask(control_targets.session_questions(target))
        found, missed = control_targets.sessions(answers, target)
        return await self._end_each(found, self._end_session, missed)

    async def revoke_grants(self, user_id: str) -> Ended:
        """Revoke what apps may do for the user, one by one: one read, an effect for each."""
        target = self._target(user_id)
        answers = await self._ask(control_targets.grant_questions(target))
        found, missed = control_targets.delete_tokens(answers, target)
        return await self._end_each(found, self._rest.revoke, missed)

    def _end_session(self, session_id: object) -> None:
        path = f"sobjects/AuthSession/{checked_session_id(session_id)}"
        try:
            self._rest.change_unread("DELETE", path, needs=MANAGE_USERS)
        except NotFound as error:
            # In Salesforce's own words: it has ended. A page that is missing may be a proxy's.
            if error.code == "http_404":
                raise Unexpected(error.code) from None

    async def _end_each(
        self, found: Sequence[_T], end: Callable[[_T], None], missed: Sequence[str]
    ) -> Ended:
        """End one after the other; `missed` says why there may be more than were found.

        What would meet the others too is raised where nothing came of the first, and else stops.
        """
        ended, failed = 0, list[str]()
        for one in found:
            try:
                await self._run(partial(end, one))
            except NotFound:
                ended += 1
            except (OutcomeUnknown, Unexpected) as error:
                failed.append(error.code)
            except Unavailable as error:
                if error.code != _ONE_ROW and not ended and not failed:
                    raise
                failed.append(error.code)
                if error.code != _ONE_ROW:
                    break
            except (LoginRefused, NotPermitted) as error:
                if not ended and not failed:
                    raise
                failed.append(error.code)
                break
            else:
                ended += 1
        return Ended(ended=ended, failed=(*failed, *missed))

    def _target(self, user_id: str) -> Target:
        return Target(user_id, self._own_username)

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
