"""Follows accounts after a reset, many of them with few requests."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from services.cases.acted import Acted
from services.clock import Clock
from services.follow_ups.begin import begin
from services.follow_ups.changes import change_of, round_of
from services.follow_ups.handover import hand_over
from services.follow_ups.model import Ended, FollowUp
from services.follow_ups.reading import ReadsLogins
from services.follow_ups.rounds import NEXT_ROUND, Round, buttons_life
from services.resets.model import Reset
from services.resets.states import WITH_EFFECT, State
from services.store.changes import Job, JobName
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore


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
            is followed already, its time is up before it began, or IT has acted on the account
            since a guided one was asked for.
        """
        if reset.account is None or reset.state not in WITH_EFFECT:
            return None
        started = await self._store.get(reset.id) or await self._start(reset)
        # After it is saved: what IT does from then on finds it by itself.
        if started is not None and started.ended is None:
            acted = await self._acted_since(reset, started.began_at)
            if acted is not None:
                await self._store.ask_for(Job(JobName.LEAVE_FOLLOW_UP, acted.case_id))
        return started

    async def _start(self, reset: Reset) -> FollowUp | None:
        if reset.state is State.REPORTED and await self._acted_since(reset, reset.created_at):
            return None  # nobody knows whether it was pressed before that or after
        now = self._clock()
        follow_up = begin(reset, now, days=self._days)
        if follow_up.next_at is None:
            return None
        change = change_of(None, follow_up, now, life=buttons_life(self._days))
        try:
            older = await self._store.start(change)
        except StaleError:  # another worker was faster, or a newer reset of the account
            return await self._store.get(reset.id)
        if older and older != reset.id:
            await hand_over(self._store, older, Ended.TAKEN_OVER, self._clock)
        return await self._store.get(reset.id)

    async def _acted_since(self, reset: Reset, began_at: datetime) -> Acted | None:
        """Find what IT did to the account after a reset was begun."""
        if reset.account is None:
            return None
        acted = await self._store.acted_on(reset.account.org, reset.account.user_id)
        return acted if acted is not None and acted.at >= began_at else None

    async def leave(
        self, org: str, user_id: str, acted_at: datetime, *, may_read: Callable[[str], bool]
    ) -> None:
        """Follow an account no longer: IT has acted on it.

        Args:
            org: its name.
            user_id: of the Salesforce user, 15 or 18 characters.
            acted_at: a follow-up that began later is of a reset after that, and goes on.
            may_read: whether a Slack user may learn of it. Where whoever is followed may not, the
                message stays as it is.

        Raises:
            StaleError: somebody changed it each time; try again.
        """
        watcher = await self._store.watcher(org, user_id)
        follow_up = await self._store.get(watcher) if watcher else None
        if follow_up is None or follow_up.began_at > acted_at:
            return
        quiet = not may_read(follow_up.requester.user_id)
        if not await hand_over(self._store, follow_up.id, Ended.IT_ACTED, self._clock, quiet=quiet):
            raise StaleError(follow_up.id)

    async def wake(self) -> None:
        """Ask for each org's next round: one whose job was lost would be waited for for ever."""
        for org in self._orgs:
            first = await self._store.first_due(org)
            if first is not None:
                await self._store.ask_for(round_of(org, first))

    async def run_round(self, org: str, moment: datetime) -> None:
        """Look at an org's accounts that are due, with at most `MOST_REQUESTS` requests.

        Args:
            org: its name.
            moment: for which the round was asked: who is due by then is looked at, even where
                this worker's clock says that it is earlier.
        """
        token = await self._store.rounds.take(org)
        if token is None:
            # A round is running: what became due since it began is left to the next.
            later = max(self._clock(), moment) + NEXT_ROUND
            await self._store.ask_for(round_of(org, later))
            return
        one = Round(
            self._store,
            org,
            self._orgs.get(org),
            self._clock,
            moment=moment,
            token=token,
            days=self._days,
            own_apps=self._own_apps,
        )
        try:
            await one.make()
        finally:
            await self._store.rounds.release(org, token)
