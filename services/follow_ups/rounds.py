"""Makes the looks at an org's accounts, many of them with few requests."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog

from services.clock import Clock
from services.follow_ups.changes import change_of, round_of
from services.follow_ups.handover import TRIES, hand_over
from services.follow_ups.model import Ended, FollowUp
from services.follow_ups.observe import Look, observe
from services.follow_ups.reading import MOST_ACCOUNTS, Chunk, Readings, ReadsLogins, read_new
from services.salesforce.errors import NotPermitted, SalesforceError, Unavailable
from services.store.errors import StaleError, StoreUnavailableError
from services.store.follow_ups import FollowUpStore

log = structlog.get_logger(__name__)

NEXT_ROUND = timedelta(seconds=1)
"""What was left over is looked at in the next round that there can be."""

RETRY = timedelta(minutes=1)
"""When an org that didn't answer is asked again."""

PATIENT_FOR = timedelta(days=1)
"""A look that Salesforce doesn't answer for so long is one at which nothing could be read."""

PUT_OFF = timedelta(hours=1)
"""When an account is tried again that can't be read from Redis, or fails in a way of its own."""


class Round:
    """One round of an org, by whoever holds it."""

    def __init__(
        self,
        store: FollowUpStore,
        org: str,
        client: ReadsLogins | None,
        clock: Clock,
        *,
        moment: datetime,
        token: str,
        days: int,
        own_apps: Collection[str],
    ) -> None:
        """Make it.

        Args:
            store: where follow-ups are kept.
            org: its name.
            client: reads it; None where it was taken out of the settings meanwhile.
            clock: the time.
            moment: for which the round was asked.
            token: of the hold.
            days: for how many days an account is followed.
            own_apps: names of the apps with which the bot itself logs in as people.
        """
        self._store = store
        self._org = org
        self._client = client
        self._clock = clock
        self._moment = moment
        self._token = token
        self._days = days
        self._own_apps = own_apps

    async def make(self) -> None:
        """Look at who is due, then ask for the round of who is due next."""
        away = await self._look()
        first = await self._store.first_due(self._org)
        if first is not None:
            now = self._now()
            left_over = now + (RETRY if away else NEXT_ROUND)
            await self._store.ask_for(round_of(self._org, first if first > now else left_over))

    def _now(self) -> datetime:
        """Not before the moment: the clock of the worker that set the timer may be ahead."""
        return max(self._clock(), self._moment)

    async def _look(self) -> bool:
        """Look at who is due; return whether Salesforce is away."""
        due = await self._due()
        if not due:
            return False
        if self._client is None:  # it may come back
            await self._save_unread(due, needs=None)
            return False
        readings = await read_new(self._client, due, self._clock, self._is_held)
        for chunk in readings.chunks:
            await self._save_read(chunk)
        if readings.failure is not None:
            await self._after_failure(readings, readings.failure)
        return isinstance(readings.failure, Unavailable)

    async def _save_read(self, chunk: Chunk) -> None:
        """Save what was read of a chunk, or that nothing could be.

        Even where another round has the hold by now: what both have read counts once, and a round
        whose requests all outlive its hold would get nowhere.
        """
        await self._is_held()
        if chunk.error is not None:
            self._log_unread(chunk.error)
        if chunk.read_to is not None:
            for one in chunk.follow_ups:
                await self._save_look(one, chunk.look(one))
        elif chunk.error is not None:
            await self._save_unread(chunk.follow_ups, needs=None)

    async def _is_held(self) -> bool:
        """Hold it for longer. Where another round has it by now, that one does the rest."""
        return await self._store.rounds.renew(self._org, self._token)

    async def _due(self) -> list[FollowUp]:
        """Read what is due, without what can't be read or is watched for a newer reset."""
        now = self._now()
        watched = await self._store.watched(await self._store.due(self._org, now, MOST_ACCOUNTS))
        await self._store.forget(self._org, watched.gone)
        await self._store.put_off(self._org, watched.unreadable, now + PUT_OFF)
        watchers = await self._store.watchers(watched.found)
        due = []
        for follow_up, watcher in zip(watched.found, watchers, strict=True):
            if watcher in {None, follow_up.id}:
                due.append(follow_up)
            else:
                await hand_over(self._store, follow_up.id, Ended.TAKEN_OVER, self._now)
        return due

    async def _after_failure(self, readings: Readings, error: SalesforceError) -> None:
        """Leave what wasn't read for later, where waiting helps; otherwise say so and go on."""
        self._log_unread(error)
        unread = [
            one
            for chunk in readings.chunks
            if chunk.read_to is None and chunk.error is None
            for one in chunk.follow_ups
        ]
        if not isinstance(error, Unavailable):
            needs = error.needs if isinstance(error, NotPermitted) else None
            await self._save_unread(unread, needs=needs or None)
            return
        long_ago = self._now() - PATIENT_FOR
        overdue = [one for one in unread if one.next_at and one.next_at <= long_ago]
        await self._save_unread(overdue, needs=None)

    def _log_unread(self, error: SalesforceError) -> None:
        log.warning("salesforce.follow_up_unreadable", org=self._org, code=error.code)

    async def _save_unread(self, follow_ups: Sequence[FollowUp], *, needs: str | None) -> None:
        for one in follow_ups:
            await self._save_look(one, Look(None, None, read_to=one.read_to, needs=needs))

    async def _save_look(self, follow_up: FollowUp, look: Look) -> None:
        """Save it; an account that fails in a way of its own doesn't stop the others."""
        try:
            await self._observe(follow_up, look)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  the edge of one account, whatever is in it
            # Not its text, which may quote what Salesforce says.
            kind = type(error).__name__
            log.error("follow_up.look_failed", reset_id=follow_up.id, error=kind)  # noqa: TRY400
            await self._store.put_off(self._org, [follow_up.id], self._now() + PUT_OFF)

    async def _observe(self, follow_up: FollowUp, look: Look) -> None:
        before: FollowUp | None = follow_up
        for _ in range(TRIES):
            if before is None or before.ended is not None:
                return
            now = self._now()
            after = observe(before, look, now=now, days=self._days, own_apps=self._own_apps)
            life = buttons_life(self._days)
            try:
                await self._store.save(before, change_of(before, after, now, life=life))
            except StaleError:
                before = await self._store.get(follow_up.id)
            else:
                return
        log.warning("follow_up.look_not_saved", reset_id=follow_up.id)


def buttons_life(days: int) -> timedelta:
    """For how long an item's buttons find their follow-up: a day longer than it lasts."""
    return timedelta(days=days + 1)
