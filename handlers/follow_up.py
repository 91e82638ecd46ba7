"""The follow-up of a reset: its rounds, its checklist in the DM, and what is told at once."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import follow_up_messages
from handlers.click import Click
from handlers.failing_wording import failing_programs
from handlers.message import Message
from handlers.presses import Presses
from handlers.steps_in_dm import StepsInDM, log_refused
from services.clock import Clock, utc_now
from services.follow_ups.dismissals import Dismissals
from services.follow_ups.model import HANDED_OVER, Alert, AlertKind, FollowUp
from services.jobs.timer import RunAgain
from services.resets.model import Reset
from services.slack.errors import SlackRefusedError, SlackUnavailableError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import JobName
from services.store.posts import Place, PostLog
from services.store.resets import ResetStore

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.follow_ups.followers import FollowUps
    from services.jobs.queue import JobQueue

WORTH_TELLING = timedelta(days=2)
"""An alert that Slack didn't take for so long is old news; the checklist has how it stands."""

AT_ONCE = 5
"""Checklists that one worker shows at a time: many change together, and resets come first."""

LONGEST_WAIT = timedelta(minutes=5)
"""The longest that checklists wait for Slack's limit to end before one tries again."""

TURN = timedelta(seconds=1.2)
"""Between the turns of checklists that didn't find one: Slack takes some 50 edits a minute."""

NOT_POSTED_YET = timedelta(seconds=5)
"""When a checklist whose message is still to be posted is shown again."""


class FollowUpListeners:
    """The menu beside a program in the checklist."""

    def __init__(self, dismissals: Dismissals, presses: Presses) -> None:
        self._dismissals = dismissals
        self._presses = presses

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("follow.item")(self.item)

    async def item(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Not mine* or *Don't follow this*. The checklist that changes is the answer."""
        click = Click.of(body)
        await self._presses.settle(
            click, self._dismissals.dismiss(click.value, click.person), replaces=False
        )
        await ack()


class FollowUpJobs:
    """What the worker does about it."""

    def __init__(
        self,
        follow_ups: "FollowUps",
        store: ResetStore,
        posts: PostLog,
        messenger: Messenger,
        clock: Clock,
        it_channel: str,
        approvers: Sequence[str] = (),
    ) -> None:
        self._follow_ups = follow_ups
        self._store = store
        self._posts = posts
        self._messenger = messenger
        self._steps = StepsInDM(follow_ups, messenger, clock)
        self._clock = clock
        self._it_channel = it_channel
        self._approvers = approvers
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._booked = self._closed_until = utc_now()

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.FOLLOW_ROUND, self.round)
        queue.register(JobName.FOLLOW_SHOW, self.show)

    async def round(self, item_id: str) -> None:
        """Look at whoever is due in an org."""
        org, _, seconds = item_id.rpartition(":")
        await self._follow_ups.run_round(org, datetime.fromtimestamp(int(seconds), UTC))

    async def show(self, reset_id: str) -> None:
        """Tell what can't wait to be read, and bring the DM up to date."""
        reset = await self._store.get(reset_id)
        follow_up = await self._follow_ups.get(reset_id)
        if reset is None or follow_up is None:
            return
        for alert in due_alerts(follow_up, self._clock()):
            await self._tell(reset, follow_up, alert)
        place = await self._posts.place(keys.reset(reset.id), "dm")
        if place is not None:
            await self._edit(reset, place)
        elif reset.impact is not None:  # let go of once the person was told
            raise RunAgain(utc_now() + NOT_POSTED_YET)  # a pause, not a deadline

    async def _edit(self, reset: Reset, place: Place) -> None:
        """Edit the DM in its turn.

        Who finds no turn books one and comes back for it, rather than keep a place among the
        worker's jobs.
        """
        now = utc_now()  # turns are pauses, not deadlines
        if self._turns.locked() or now < self._closed_until:
            raise RunAgain(self._book(now))
        async with self._turns:
            try:
                await self._steps.edit(reset, place)
            except SlackUnavailableError as error:
                if error.retry_after is None:
                    raise
                # A limit of the method: the next edits would meet it too.
                wait = min(timedelta(seconds=error.retry_after), LONGEST_WAIT)
                self._closed_until = max(self._closed_until, now + wait)
                raise RunAgain(self._book(now)) from None

    def _book(self, now: datetime) -> datetime:
        """Book the next turn that is free: each has its own, in the order of asking."""
        self._booked = max(self._booked, self._closed_until, now) + TURN
        return self._booked

    async def _tell(self, reset: Reset, follow_up: FollowUp, alert: Alert) -> None:
        """Tell the person; of a lock, IT too, who may have to open it while nobody reads the DM."""
        now, asker = self._clock(), reset.requester.user_id
        if alert.kind is AlertKind.LOCKED:
            locked = follow_up_messages.locked_alert(reset, follow_up, now)
            card = follow_up_messages.locked_card(reset, follow_up, now, self._approvers)
            await self._post(reset, asker, locked, f"follow:{alert.number}")
            await self._post(reset, self._it_channel, card, f"follow_it:{alert.number}")
        else:
            failing = follow_up_messages.failing_alert(reset, follow_up)
            await self._post(reset, asker, failing, f"follow:{alert.number}")

    async def _post(self, reset: Reset, channel: str, message: Message, slot: str) -> None:
        try:
            await self._messenger.post_once(channel, message, owner=keys.reset(reset.id), slot=slot)
        except SlackRefusedError as error:
            log_refused("slack.alert_refused", error, reset_id=reset.id, slot=slot)


def due_alerts(follow_up: FollowUp, now: datetime) -> Iterator[Alert]:
    """Pick what is still true and worth a message: the newest alert of each kind, at most.

    Which of these have been posted already is known where they are posted.
    """
    if follow_up.ended in HANDED_OVER:  # a newer follow-up tells it, or IT does
        return
    locked = follow_up.locked_since is not None
    still_true = {
        AlertKind.LOCKED: locked,  # which names what fails as well
        AlertKind.FAILING: not locked and bool(failing_programs(follow_up)),
    }
    newest = {alert.kind: alert for alert in follow_up.alerts}
    for kind, alert in newest.items():
        if still_true[kind] and now - alert.at <= WORTH_TELLING:
            yield alert
