"""What follows a reset, in the person's DM: no mail, another try, and *This wasn't me*."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import no_email_messages, not_me_messages
from handlers.click import Click
from handlers.message import Message
from handlers.presses import Presses
from handlers.tools import Tools
from services.jobs.timer import RunAgain
from services.resets.aftermath import Aftermath
from services.resets.desk import Desk
from services.resets.model import Reset, new_id
from services.resets.own_presses import OwnPresses
from services.resets.policy import Answer
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import JobName
from services.store.presses import Press

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

ALERT_AGAIN = timedelta(minutes=15)
"""When an alert that the IT channel refused is posted again."""

ALERT = "alert"
"""The slot of the alert in the IT channel."""


class NextStepsListeners:
    """What people press below the next steps, and IT below an alert."""

    def __init__(self, desk: Desk, own: OwnPresses, aftermath: Aftermath, presses: Presses) -> None:
        self._desk = desk
        self._own = own
        self._aftermath = aftermath
        self._presses = presses

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("reset.no_email")(self.no_email)
        app.action("reset.again")(self.again)
        app.action("reset.not_me")(self.not_me)
        app.action("alert.close")(self.close_alert)

    async def no_email(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*No email yet?*."""
        click = Click.of(body)
        await self._presses.settle(
            click, self._aftermath.no_email(click.value, click.person), replaces=False
        )
        await ack()

    async def again(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Reset again*: from the start, with a new warning."""
        click = Click.of(body)
        await self._presses.settle(click, self._start_again(click), replaces=False)
        await ack()

    async def not_me(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*This wasn't me*."""
        click = Click.of(body)
        await self._presses.settle(
            click, self._aftermath.not_me(click.value, click.person), replaces=False
        )
        await ack()

    async def close_alert(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Looked into*: a job looks whether this person may decide."""
        click = Click.of(body)
        press = Press(
            id=new_id(),
            reset_id=click.value,
            person=click.person,
            channel=click.channel,
            kind="close_alert",
        )
        await self._presses.save(click, press, JobName.CLOSE_ALERT)
        await ack()

    async def _start_again(self, click: Click) -> Reset | Answer:
        old = await self._own.own(click.value, click.person)
        if isinstance(old, Answer):
            return old
        return await self._desk.start_in_dm(
            click.person, click.channel, org=old.account.org if old.account else old.org
        )


class NextStepsJobs:
    """What the worker does about it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.NO_EMAIL, self.no_email)
        queue.register(JobName.OFFER_AGAIN, self.offer_again)
        queue.register(JobName.ALERT, self.alert)
        queue.register(JobName.CLOSE_ALERT, self.close_alert)

    async def no_email(self, reset_id: str) -> None:
        """Say what to check, in the thread of the next steps."""
        reset = await self._tools.store.get(reset_id)
        if reset is not None:
            now = self._tools.clock()
            await self._reply(
                reset,
                no_email_messages.no_email(reset, now, reset.available_at or now),
                "no_email",
            )

    async def offer_again(self, reset_id: str) -> None:
        """Once the cool-down is over, offer another reset to who still has no mail."""
        reset = await self._tools.store.get(reset_id)
        if reset is None:
            return
        if reset.not_me_at is None or reset.alert_closed_by is not None:
            await self._reply(reset, no_email_messages.offer_again(reset), "offer_again")

    async def alert(self, reset_id: str) -> None:
        """Tell IT at once, then tell the person that IT knows."""
        reset = await self._tools.store.get(reset_id)
        if reset is None or reset.not_me_at is None or reset.alert_closed_by:
            return
        try:
            await self._tools.messenger.post_once(
                self._tools.it_channel,
                not_me_messages.alert(reset, self._tools.approvers),
                owner=keys.reset(reset.id),
                slot=ALERT,
            )
        except SlackRefusedError as error:
            log.warning("slack.it_channel_refused", reset_id=reset.id, code=error.code)
            await self._reply(reset, not_me_messages.not_me_failed(reset), "not_me_failed")
            # Self-service is stopped until somebody presses the button on that card, so the card
            # has to stand one day.
            raise RunAgain(self._tools.clock() + ALERT_AGAIN) from None
        told = not_me_messages.not_me_told(reset, self._tools.it_channel)
        await self._reply(reset, told, "not_me")

    async def close_alert(self, press_id: str) -> None:
        """Open self-service again, for approvers only."""
        press = await self._tools.presses.get(press_id)
        if press is None:
            return
        outcome = await self._tools.decisions.close_alert(press)
        if isinstance(outcome, Answer):
            await self._tools.answering.tell(press, outcome)
            return
        place = await self._tools.posts.place(keys.reset(outcome.id), ALERT)
        if place is None:
            return
        try:
            await self._tools.messenger.update(place, not_me_messages.alert_closed(outcome))
        except SlackRefusedError as error:
            log.warning("slack.card_not_updated", reset_id=outcome.id, code=error.code)

    async def _reply(self, reset: Reset, message: Message, slot: str) -> None:
        """Answer in the thread of the next steps; where these weren't taken, in the DM itself."""
        steps = await self._tools.posts.place(keys.reset(reset.id), "dm")
        try:
            await self._tools.messenger.post_once(
                steps.channel if steps else reset.requester.user_id,
                message,
                owner=keys.reset(reset.id),
                slot=slot,
                thread_ts=steps.ts if steps else None,
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", reset_id=reset.id, code=error.code)
