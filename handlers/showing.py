"""Keeps a message about a case up to date: one edit at a time, at a pace, the newest last."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from services.cases.model import Case
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.store import keys
from services.store.cases import CaseStore
from services.store.holds import Holds
from services.store.posts import PostLog
from services.store.turns import Turns

BUSY = timedelta(seconds=1)
"""When it is looked again whether somebody else has ended."""


class Showing:
    """Two at once would post a message twice, or leave the older one standing."""

    def __init__(self, cases: CaseStore, posts: PostLog, turns: Turns, holds: Holds) -> None:
        self._cases = cases
        self._posts = posts
        self._turns = turns
        self._holds = holds

    async def show(
        self,
        what: str,
        case_id: str,
        slot_of: Callable[[Case], str | None],
        put: Callable[[Case], Awaitable[bool]],
        gap: timedelta,
    ) -> None:
        """Show a case as it stands, unless that is shown already.

        Args:
            what: names the message among all that are shown of a case.
            case_id: the case.
            slot_of: the message's slot; None where there is nothing to show.
            put: posts or edits it, and says whether it stands there now.
            gap: between two edits.

        Raises:
            RunAgain: somebody else is showing it, or did a moment ago.
        """
        if await self._to_be_shown(case_id, slot_of) is None:
            return
        async with self.alone(f"{what}:{case_id}"):
            found = await self._to_be_shown(case_id, slot_of)
            if found is None:
                return
            case, slot = found
            left = await self._turns.take(f"{what}:{case_id}", gap)
            if left is not None:
                raise RunAgain(utc_now() + left)  # a pause, not a deadline
            if await put(case):
                await self._posts.has_shown(keys.case_posts(case_id), slot, case.version)

    @contextlib.asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        """Do it while nobody else does: a slow Slack would get it twice, or the older one last.

        Raises:
            RunAgain: somebody else does.
        """
        name = f"show:{what}"
        token = await self._holds.take(name)
        if token is None:
            raise RunAgain(utc_now() + BUSY)  # a pause, not a deadline
        async with self._holds.kept(name, token):
            yield

    async def _to_be_shown(
        self, case_id: str, slot_of: Callable[[Case], str | None]
    ) -> tuple[Case, str] | None:
        """Read a case that isn't shown yet as it stands, and where it is to be."""
        case = await self._cases.get(case_id)
        slot = slot_of(case) if case else None
        if case is None or slot is None:
            return None
        shown = await self._posts.shown(keys.case_posts(case_id), slot)
        return None if shown is not None and shown >= case.version else (case, slot)
