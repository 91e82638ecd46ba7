"""The follow-up of a reset: its rounds, its checklist in the DM, and what is told at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import follow_up_messages
from handlers.click import Click
from handlers.failing_wording import failing_programs
from handlers.message import Message
from handlers.next_steps_messages import next_steps
from handlers.presses import Presses
from services.clock import Clock
from services.follow_ups.dismissals import Dismissals
from services.follow_ups.model import Alert, AlertKind, Ended, FollowUp
from services.resets.model import Reset
from services.slack.errors import SlackRefusedError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import JobName
from services.store.posts import PostLog
from services.store.resets import ResetStore

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.follow_ups.followers import FollowUps
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

WORTH_TELLING = timedelta(days=2)
"""An alert that Slack didn't take for so long is old news; the checklist has how it stands."""


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
    ) -> None:
        self._follow_ups = follow_ups
        self._store = store
        self._posts = posts
        self._messenger = messenger
        self._clock = clock
        self._it_channel = it_channel

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.FOLLOW_ROUND, self.round)
        queue.register(JobName.FOLLOW_SHOW, self.show)

    async def round(self, item_id: str) -> None:
        """Look at whoever is due in an org."""
        org, _, _ = item_id.rpartition(":")
        await self._follow_ups.run_round(org)

    async def show(self, reset_id: str) -> None:
        """Bring the DM up to date, then tell what can't wait for it to be read."""
        reset = await self._store.get(reset_id)
        follow_up = await self._follow_ups.get(reset_id)
        if reset is None or follow_up is None:
            return
        shown = await self._edit(reset, follow_up)
        for alert in due_alerts(shown, self._clock()):
            await self._tell(reset, shown, alert)

    async def _edit(self, reset: Reset, follow_up: FollowUp) -> FollowUp:
        """Edit the DM until it shows the newest follow-up: another job may edit it meanwhile."""
        place = await self._posts.place(keys.reset(reset.id), "dm")
        if place is None:  # refused, or not posted yet: then it will hold what is newest
            return follow_up
        while True:
            try:
                await self._messenger.update(place, next_steps(reset, follow_up, self._clock()))
            except SlackRefusedError as error:  # such as deleted by the workspace's retention
                log.info("slack.steps_gone", reset_id=reset.id, code=error.code)
                return follow_up
            newest = await self._follow_ups.get(reset.id)
            if newest is None or newest.version == follow_up.version:
                return follow_up
            follow_up = newest

    async def _tell(self, reset: Reset, follow_up: FollowUp, alert: Alert) -> None:
        """Tell the person; of a lock, IT too, who may have to open it while nobody reads the DM."""
        now, asker = self._clock(), reset.requester.user_id
        if alert.kind is AlertKind.LOCKED:
            locked = follow_up_messages.locked_alert(reset, follow_up, now)
            card = follow_up_messages.locked_card(reset, follow_up, now)
            await self._post(reset, asker, locked, f"follow:{alert.number}")
            await self._post(reset, self._it_channel, card, f"follow_it:{alert.number}")
        else:
            failing = follow_up_messages.failing_alert(reset, follow_up)
            await self._post(reset, asker, failing, f"follow:{alert.number}")

    async def _post(self, reset: Reset, channel: str, message: Message, slot: str) -> None:
        try:
            await self._messenger.post_once(channel, message, owner=keys.reset(reset.id), slot=slot)
        except SlackRefusedError as error:
            log.warning("slack.alert_refused", reset_id=reset.id, slot=slot, code=error.code)


def due_alerts(follow_up: FollowUp, now: datetime) -> Iterator[Alert]:
    """Pick what is still true and worth a message: the newest alert of each kind, at most.

    Which of these have been posted already is known where they are posted.
    """
    if follow_up.ended is Ended.TAKEN_OVER:  # the newer follow-up tells it
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
