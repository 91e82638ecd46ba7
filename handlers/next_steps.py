"""What follows a reset, in the person's DM: no mail, another try, and *This wasn't me*."""

from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import no_email_messages, not_me_messages
from handlers.click import Click
from handlers.message import Message
from handlers.presses import Presses
from handlers.tools import Tools
from services.cases.reporting import Reporting
from services.resets.aftermath import Aftermath
from services.resets.desk import Desk
from services.resets.model import Reset
from services.resets.own_presses import OwnPresses
from services.resets.policy import Answer
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import JobName

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)


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

    async def _start_again(self, click: Click) -> Reset | Answer:
        old = await self._own.own(click.value, click.person)
        if isinstance(old, Answer):
            return old
        return await self._desk.start_in_dm(
            click.person, click.channel, org=old.account.org if old.account else old.org
        )


class NextStepsJobs:
    """What the worker does about it."""

    def __init__(self, tools: Tools, reporting: Reporting) -> None:
        self._tools = tools
        self._reporting = reporting

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.NO_EMAIL, self.no_email)
        queue.register(JobName.OFFER_AGAIN, self.offer_again)
        queue.register(JobName.REPORT_NOT_ME, self.report_not_me)
        queue.register(JobName.NOT_ME_TOLD, self.not_me_told)
        queue.register(JobName.NOT_ME_FAILED, self.not_me_failed)

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
        if reset.not_me_at is None:
            await self._reply(reset, no_email_messages.offer_again(reset), "offer_again")

    async def report_not_me(self, reset_id: str) -> None:
        """Make a report of it for IT."""
        reset = await self._tools.store.get(reset_id)
        if reset is None or reset.not_me_at is None:
            return
        await self._reporting.not_me(reset)

    async def not_me_told(self, reset_id: str) -> None:
        """Tell the person that IT knows, once its card stands."""
        reset = await self._tools.store.get(reset_id)
        if reset is not None:
            told = not_me_messages.not_me_told(reset, self._tools.it_channel)
            await self._reply(reset, told, "not_me")

    async def not_me_failed(self, reset_id: str) -> None:
        """Tell the person that only they can reach IT now."""
        reset = await self._tools.store.get(reset_id)
        if reset is not None:
            failed = not_me_messages.not_me_failed(reset)
            await self._reply(reset, failed, "not_me_failed")

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
