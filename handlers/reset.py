"""The conversation of a reset: command, warning, press, the job that runs it, its outcome."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import (
    next_steps_messages,
    overview_messages,
    permission_messages,
    reset_messages,
)
from handlers.breach_report import BreachReportListeners
from handlers.click import Click, person_of
from handlers.message import Message
from handlers.offers import Offers
from handlers.presses import Presses
from handlers.steps_in_dm import StepsInDM, log_refused
from handlers.surface import Surface
from services.clock import Clock
from services.resets.desk import Desk
from services.resets.endings import is_over
from services.resets.model import Reason, Reset, SlackUser
from services.resets.policy import Answer, AnswerCode
from services.resets.states import WITH_EFFECT, Move, State
from services.slack.errors import SlackError, SlackRefusedError, SlackUnavailableError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import Change, JobName
from services.store.errors import StaleError, StoreUnavailableError
from services.store.resets import ResetStore
from services.token_shape import looks_like_token

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.follow_ups.followers import FollowUps
    from services.jobs.queue import JobQueue
    from services.resets.execution import Execution
    from services.resets.preparation import Preparation

log = structlog.get_logger(__name__)


class ResetListeners:
    """What people type and press. Each saves, enqueues and acks."""

    def __init__(
        self,
        desk: Desk,
        breach: BreachReportListeners,
        presses: Presses,
        *,
        orgs: Sequence[str],
        it_channel: str,
    ) -> None:
        self._desk = desk
        self._breach = breach
        self._presses = presses
        self._orgs = tuple(orgs)
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.command("/reset-token")(self.command)
        app.action("reset.choose")(self.choose)
        app.action("reset.confirm")(self.confirm)
        app.action("reset.pressed")(self.pressed)
        app.action("reset.cancel")(self.cancel)

    async def command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """`/reset-token`, alone or with `help`, `status`, an org's name or `breach …`."""
        words = str(body.get("text") or "").split()
        message: Message | None
        try:
            message = await self._answer(body, words[0] if words else "")
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="/reset-token", code=error.code)
            message = reset_messages.store_down()
        if message is None:  # a form was opened
            await ack()
        elif message.blocks:
            await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")
        else:
            await ack(message.text)

    async def _answer(self, body: dict[str, Any], typed: str) -> Message | None:
        person, word = person_of(body), typed.casefold()
        if word == "help":
            return overview_messages.help_text(self._orgs, self._it_channel)
        if word == "status":
            return overview_messages.status(await self._desk.newest(person), self._desk.now())
        if word == "breach":
            text = str(body.get("text") or "").strip()
            return await self._breach.command(body, text[len(word) :])
        if word and word not in self._orgs:
            if looks_like_token(typed):
                return reset_messages.token_typed()
            return reset_messages.unknown_org(word, self._orgs)
        if self._desk.paused:
            answer = Answer(code=AnswerCode.PAUSED, detail=self._desk.paused)
            await self._presses.write_down(person, "/reset-token", answer)
            return reset_messages.paused(self._desk.paused)
        org = word or (self._orgs[0] if len(self._orgs) == 1 else None)
        await self._desk.start(
            person,
            str(body.get("channel_id") or ""),
            org=org,
            response_url=body.get("response_url"),
        )
        return reset_messages.checking(org)

    async def choose(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """One of several Salesforce users was chosen."""
        await self._take(ack, body, self._desk.choose)

    async def confirm(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Reset my token*, *Reset my password and token* or *Open Salesforce*."""
        await self._take(ack, body, self._desk.confirm)

    async def pressed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*I pressed it*, in Salesforce."""
        await self._take(ack, body, self._desk.report_press)

    async def cancel(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Cancel*."""
        await self._take(ack, body, self._desk.cancel)

    async def _take(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        press: Callable[[str, SlackUser, str | None], Awaitable[Reset | Any]],
    ) -> None:
        click = Click.of(body)
        await self._presses.settle(click, press(click.value, click.person, click.response_url))
        await ack()


class ResetJobs:
    """What the worker does about it, in the order in which it happens."""

    def __init__(
        self,
        preparation: "Preparation",
        execution: "Execution",
        follow_ups: "FollowUps",
        store: ResetStore,
        surface: Surface,
        messenger: Messenger,
        clock: Clock,
        it_channel: str,
    ) -> None:
        self._preparation = preparation
        self._execution = execution
        self._follow_ups = follow_ups
        self._store = store
        self._surface = surface
        self._offers = Offers(store, surface, clock)
        self._messenger = messenger
        self._steps = StepsInDM(follow_ups, messenger, clock)
        self._clock = clock
        self._it_channel = it_channel

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.PREPARE, self.prepare, give_up=self._preparation.give_up)
        queue.register(JobName.RUN, self.run, give_up=self._execution.give_up)
        queue.register(JobName.TELL, self.tell)
        queue.register(JobName.SHOW, self.show)
        queue.register(JobName.EXPIRE, self.expire)

    async def prepare(self, reset_id: str) -> None:
        """Find out what depends on the token, then show the warning or the choice."""
        reset = await self._preparation.prepare(reset_id)
        if reset is None:
            return
        if reset.state is State.AWAITING_CHOICE:
            await self._offers.show(reset, reset_messages.choose(reset))
        elif reset.state is State.AWAITING_USER:
            link = await self._preparation.reset_link(reset)
            message = reset_messages.warning(reset, self._clock(), link)
            await self._offers.show(reset, message)
            await self._tell_it_what_is_missing(reset)

    async def run(self, reset_id: str) -> None:
        """Take the buttons away, then reset. The move that saves the outcome asks for `tell`."""
        reset = await self._execution.claim(reset_id)
        if reset is None:
            return
        try:
            await self._surface.take_buttons(reset, reset_messages.working(reset))
        except SlackError as error:
            # The claim stands without it: a second press is refused whatever the screen shows.
            log.info("slack.working_not_shown", reset_id=reset_id, code=error.code)
        await self._execution.run(reset)

    async def tell(self, reset_id: str) -> None:
        """Show the outcome where it was asked for, and send the next steps by DM."""
        reset = await self._store.get(reset_id)
        if reset is None:
            return
        now = self._clock()
        unshown = await self._show_outcome(reset, reset_messages.outcome(reset, now))
        if reset.state in WITH_EFFECT:
            await self._send_steps(reset, now)
        if unshown is not None:
            raise unshown
        await self._told(reset)

    async def _show_outcome(self, reset: Reset, message: Message) -> SlackUnavailableError | None:
        """Show the outcome where it was asked for; the next steps don't wait for it."""
        try:
            await self._surface.show(reset, message)
        except SlackUnavailableError as error:
            return error
        return None

    async def _tell_it_what_is_missing(self, reset: Reset) -> None:
        """Tell IT once a day which permission the warning lacked."""
        needs = reset.impact.needs if reset.impact else None
        if reset.account is None or needs is None:
            return
        org = reset.account.org
        try:
            await self._messenger.post_once(
                self._it_channel,
                permission_messages.missing_permission(org, needs),
                owner=keys.told_it(org),
                slot=f"{needs}:{self._clock():%Y-%m-%d}",
            )
        except SlackRefusedError as error:
            log.warning("slack.it_channel_refused", reset_id=reset.id, code=error.code)

    async def _send_steps(self, reset: Reset, now: datetime) -> None:
        follow_up = await self._follow_ups.start(reset)
        try:
            place = await self._messenger.post_once(
                reset.requester.user_id,
                next_steps_messages.next_steps(reset, follow_up, now),
                owner=keys.reset(reset.id),
                slot="dm",
                refresh=True,
            )
        except SlackRefusedError as error:
            log_refused("slack.dm_refused", error, reset_id=reset.id)
            await self._surface.show(reset, reset_messages.outcome(reset, now, dm_refused=True))
            return
        if follow_up is not None:  # a look during the post found no message to edit
            await self._steps.edit(reset, place, shown=follow_up.version)

    async def show(self, reset_id: str) -> None:
        """Show where a reset stands after it was cancelled, refused, expired or handed over."""
        reset = await self._store.get(reset_id)
        if reset is None:
            return
        if reset.state is State.EXPIRED and reset.reason is Reason.TOO_LATE:
            await self._surface.by_dm(reset, reset_messages.too_late(reset), slot="too_late")
            return
        if reset.state is State.AWAITING_PRESS and is_over(reset, self._clock()):
            return  # its timer ends it, and shows that
        if reset.state is State.CANCELLED:
            message = reset_messages.cancelled(reset)
        elif reset.state is State.FAILED:
            message = reset_messages.refused(reset, self._it_channel)
        elif reset.state is State.EXPIRED:
            message = reset_messages.expired(reset)
        elif reset.state is State.AWAITING_PRESS:
            link = await self._preparation.reset_link(reset)
            message = reset_messages.guided(reset, link)
        else:  # it has moved on, and that move shows itself
            return
        await self._surface.show(reset, message)

    async def expire(self, reset_id: str) -> None:
        """End what nobody pressed in time. The move asks for `show`."""
        await self._offers.expire(reset_id)

    async def _told(self, reset: Reset) -> None:
        """Write down that the person was told, and let go of what only the message needed."""
        while reset.impact is not None:
            after = reset.model_copy(update={"impact": None})
            try:
                await self._store.move(reset, Change(Move.TELL, after, self._clock()))
            except StaleError:
                fresh = await self._store.get(reset.id)
                if fresh is None:
                    return
                reset = fresh
            else:
                return
