"""Follows accounts after a reset, many of them with few requests."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from services.clock import Clock
from services.follow_ups.begin import begin
from services.follow_ups.changes import change_of, round_of
from services.follow_ups.ending import end
from services.follow_ups.model import Ended, FollowUp
from services.follow_ups.observe import Look, observe
from services.follow_ups.reading import MOST_ACCOUNTS, Readings, ReadsLogins, read_new
from services.resets.model import Reset
from services.resets.states import WITH_EFFECT
from services.salesforce.errors import NotPermitted, SalesforceError, Unavailable
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore

log = structlog.get_logger(__name__)

TRIES = 4
"""Re-reads when a person's press changes the same follow-up at the same moment."""

NEXT_ROUND = timedelta(seconds=1)
"""What was left over is looked at in the next round that there can be."""

RETRY = timedelta(minutes=1)
"""When an org that didn't answer is asked again."""

PATIENT_FOR = timedelta(days=1)
"""A look that Salesforce doesn't answer for so long is one at which nothing could be read."""


class FollowUps:
    """Starts follow-ups and makes their looks.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(
        self,
        store: FollowUpStore,
        orgs: Mapping[str, ReadsLogins],
        clock: Clock,
        *,
        days: int,
        own_apps: Collection[str] = (),
    ) -> None:
        """Make it.

        Args:
            store: where follow-ups are kept.
            orgs: by name.
            clock: the time.
            days: for how many days an account is followed, at least 1.
            own_apps: names of the apps with which the bot itself logs in as people.
        """
        self._store = store
        self._orgs = orgs
        self._clock = clock
        self._days = days
        self._own_apps = own_apps

    async def get(self, reset_id: str) -> FollowUp | None:
        """Read a reset's follow-up."""
        return await self._store.get(reset_id)

    async def start(self, reset: Reset) -> FollowUp | None:
        """Follow the account of a reset that had its effect, or may have had it.

        Again for the same reset it only reads. An older follow-up of the account ends.

        Returns:
            None where there is nothing to follow: no effect, a newer reset of the same account
            is followed already, or its time is up before it began.
        """
        if reset.account is None or reset.state not in WITH_EFFECT:
            return None
        if started := await self._store.get(reset.id):
            return started
        now = self._clock()
        follow_up = begin(reset, now, days=self._days)
        if follow_up.next_at is None or await self._is_outdated(follow_up):
            return None
        try:
            older = await self._store.start(change_of(None, follow_up, now, life=self._life))
        except StaleError:  # another worker was faster
            return await self._store.get(reset.id)
        if older and older != reset.id:
            await self._take_over(older)
        return await self._store.get(reset.id)

    async def run_round(self, org: str) -> None:
        """Look at an org's accounts that are due, with at most `MOST_REQUESTS` requests."""
        if not await self._store.hold_round(org):
            # A round is running: what became due since it began is left to the next.
            await self._store.ask_for(round_of(org, self._clock() + NEXT_ROUND))
            return
        try:
            wait = await self._look(org)
        finally:
            await self._store.release_round(org)
        if wait is not None:
            await self._store.ask_for(round_of(org, self._clock() + wait))

    async def _look(self, org: str) -> timedelta | None:
        """Make a round; return how soon another must follow for what was left."""
        now = self._clock()
        due = await self._due(org, now)
        if not due:
            return await self._wait(org, now)
        client = self._orgs.get(org)
        if client is None:  # taken out of the settings meanwhile; it may come back
            await self._save_unread(due, needs=None)
            return await self._wait(org, now)
        readings = await read_new(client, due, self._clock)
        for chunk in readings.chunks:
            if chunk.read_to is not None:
                for one in chunk.follow_ups:
                    await self._save_look(one, chunk.look(one))
        if readings.failure is not None:
            await self._after_failure(org, readings, readings.failure)
        return await self._wait(org, now, away=isinstance(readings.failure, Unavailable))

    async def _wait(self, org: str, now: datetime, *, away: bool = False) -> timedelta | None:
        """How soon another round must follow, where one was left due whatever the reason."""
        if not await self._store.due(org, now, 1):
            return None
        return RETRY if away else NEXT_ROUND

    async def _due(self, org: str, now: datetime) -> list[FollowUp]:
        """Read what is due, without what is gone or watched for a newer reset."""
        ids = await self._store.due(org, now, MOST_ACCOUNTS)
        found = await self._store.watched(ids)
        await self._store.forget(org, sorted(set(ids) - {one.id for one in found}))
        watchers = await self._store.watchers(found)
        due = []
        for follow_up, watcher in zip(found, watchers, strict=True):
            if watcher in {None, follow_up.id}:
                due.append(follow_up)
            else:
                await self._take_over(follow_up.id)
        return due

    async def _after_failure(self, org: str, readings: Readings, error: SalesforceError) -> None:
        """Leave what wasn't read for later, where waiting helps; otherwise say so and go on."""
        log.warning("salesforce.follow_up_unreadable", org=org, code=error.code)
        unread = [
            one for chunk in readings.chunks if chunk.read_to is None for one in chunk.follow_ups
        ]
        if not isinstance(error, Unavailable):
            needs = error.needs if isinstance(error, NotPermitted) else None
            await self._save_unread(unread, needs=needs or None)
            return
        long_ago = self._clock() - PATIENT_FOR
        overdue = [one for one in unread if one.next_at and one.next_at <= long_ago]
        await self._save_unread(overdue, needs=None)

    async def _save_unread(self, follow_ups: Sequence[FollowUp], *, needs: str | None) -> None:
        for one in follow_ups:
            await self._save_look(one, Look(None, None, read_to=one.read_to, needs=needs))

    async def _save_look(self, follow_up: FollowUp, look: Look) -> None:
        before: FollowUp | None = follow_up
        for _ in range(TRIES):
            if before is None or before.ended is not None:
                return
            now = self._clock()
            after = observe(before, look, now=now, days=self._days, own_apps=self._own_apps)
            try:
                await self._store.save(before, change_of(before, after, now, life=self._life))
            except StaleError:
                before = await self._store.get(follow_up.id)
            else:
                return
        log.warning("follow_up.look_not_saved", reset_id=follow_up.id)

    async def _is_outdated(self, follow_up: FollowUp) -> bool:
        """Whether a newer reset of the account is followed, and this one's start came late."""
        (watcher,) = await self._store.watchers([follow_up])
        current = await self._store.get(watcher) if watcher else None
        return current is not None and current.began_at > follow_up.began_at

    async def _take_over(self, reset_id: str) -> None:
        """End a follow-up whose account is watched for a newer reset."""
        for _ in range(TRIES):
            now = self._clock()
            before = await self._store.get(reset_id)
            if before is None or before.ended is not None:
                return
            after = end(before, Ended.TAKEN_OVER, now)
            try:
                await self._store.save(before, change_of(before, after, now))
            except StaleError:
                continue
            return

    @property
    def _life(self) -> timedelta:
        """For how long an item's buttons find their follow-up: a day longer than it lasts."""
        return timedelta(days=self._days + 1)
