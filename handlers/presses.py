"""Every press is answered: one without an effect by a line that only the presser sees."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from handlers import reset_messages
from handlers.click import Click
from handlers.message import Message
from services.audit import row_for_refusal
from services.clock import Clock
from services.resets.model import Reset, SlackUser, new_id
from services.resets.policy import Answer, AnswerCode
from services.slack.errors import SlackError, SlackRefusedError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.audit_log import AuditLog
from services.store.changes import JobName
from services.store.errors import NewerVersionError, StoreUnavailableError
from services.store.presses import Press, PressStore
from services.store.resets import ResetStore

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

_Moved = TypeVar("_Moved")

PATIENCE = 1.2
"""Seconds for the store in a listener: what is left of three is for saying that it failed."""


class Presses:
    """Settles presses in listeners, and answers the refused ones in a job."""

    def __init__(
        self,
        presses: PressStore,
        audit_log: AuditLog,
        messenger: Messenger,
        clock: Clock,
        it_channel: str,
    ) -> None:
        self._presses = presses
        self._audit_log = audit_log
        self._messenger = messenger
        self._clock = clock
        self._it_channel = it_channel

    async def settle(
        self, click: Click, outcome: Awaitable[_Moved | Answer], *, replaces: bool = True
    ) -> _Moved | None:
        """Wait for what a press led to; where it led to nothing, save why for `Answering`.

        Args:
            click: the press.
            outcome: what it moved, a reset or a follow-up, or why it moved nothing.
            replaces: an answer that an offer is over may take the place of the offer.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                result = await _readable(outcome)
                if not isinstance(result, Answer):
                    return result
                await self._refuse(click, result, replaces=replaces)
        except (StoreUnavailableError, TimeoutError) as error:
            await self._store_down(click, error)
        return None

    async def open(self, click: Click, view: Mapping[str, Any]) -> str | None:
        """Open a form while the `trigger_id` lives; None where that failed, which is answered."""
        try:
            return await self._messenger.open_view(click.trigger_id or "", view)
        except SlackError as error:
            log.warning("slack.view_not_opened", action=click.action_id, code=error.code)
            await self.refuse(click, Answer(code=AnswerCode.FORM_FAILED))
            return None

    async def save(self, click: Click, press: Press, job: JobName) -> None:
        """Save a press that a job decides on."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.save_or_raise(press, job, click.response_url)
        except (StoreUnavailableError, TimeoutError) as error:
            await self._store_down(click, error)

    async def save_or_raise(
        self, press: Press, job: JobName, response_url: str | None = None
    ) -> None:
        """Save a press where the caller itself can say that nothing can be saved."""
        await self._presses.save(press, job, response_url=response_url)

    async def refuse(self, click: Click, answer: Answer) -> None:
        """Answer a press that no service knows."""

        async def refused() -> Reset | Answer:
            return answer

        await self.settle(click, refused(), replaces=False)

    async def write_down(
        self, person: SlackUser, action: str, answer: Answer, *, about: str | None = None
    ) -> None:
        """Write down a refusal that is answered in the ack: in a form, or behind a command."""
        if answer.code is AnswerCode.STORE_DOWN:
            return
        row = row_for_refusal(
            about[:64] if about else None, action, answer, actor=person, at=self._clock()
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self._audit_log.append(row)
        except (StoreUnavailableError, TimeoutError) as error:  # the refusal stands all the same
            log.warning("store.unavailable", action=action, error=type(error).__name__)

    async def _refuse(self, click: Click, answer: Answer, *, replaces: bool) -> None:
        over = answer.code in {AnswerCode.EXPIRED, AnswerCode.CANCELLED}
        press = Press(
            id=new_id(),
            person=click.person,
            channel=click.channel,
            answer=answer,
            replaces=replaces and over,
        )
        row = row_for_refusal(
            click.value, click.action_id, answer, actor=click.person, at=self._clock()
        )
        await self._presses.save(press, JobName.ANSWER, response_url=click.response_url, audit=row)

    async def _store_down(self, click: Click, error: Exception) -> None:
        """Tell without the store. If this fails too, nothing is acked and Slack shows it."""
        log.warning("store.unavailable", action=click.action_id, error=type(error).__name__)
        if click.response_url:
            answer = Answer(code=AnswerCode.STORE_DOWN)
            message = reset_messages.answer(answer, self._it_channel)
            await self._messenger.respond(click.response_url, message, replace=False, at_once=True)


_CLOSED = "not_found"
"""What Slack says of a view that isn't open any more."""


async def _readable(outcome: Awaitable[_Moved | Answer]) -> _Moved | Answer:
    try:
        return await outcome
    except NewerVersionError:
        return Answer(code=AnswerCode.NEWER_VERSION)


class Answering:
    """The job that answers a refused press."""

    def __init__(
        self, presses: PressStore, store: ResetStore, messenger: Messenger, it_channel: str
    ) -> None:
        self._presses = presses
        self._store = store
        self._messenger = messenger
        self._it_channel = it_channel

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.ANSWER, self.answer)

    async def answer(self, press_id: str) -> None:
        """Tell the presser why nothing happened."""
        press = await self._presses.get(press_id)
        if press is not None and press.answer is not None:
            await self.tell(press, press.answer)

    async def tell(self, press: Press, answer: Answer) -> None:
        """Tell it through the press's own `response_url`, else where it was pressed, else by DM."""
        await self.say(press, reset_messages.answer(answer, self._it_channel))

    async def not_filled(self, press: Press, error: SlackRefusedError) -> None:
        """Tell that the form stays as it is, unless it was closed meanwhile."""
        log.info("slack.view_not_filled", press_id=press.id, code=error.code)
        if error.code != _CLOSED:
            await self.tell(press, Answer(code=AnswerCode.FORM_FAILED))

    async def say(self, press: Press, message: Message) -> None:
        """Say something to the presser alone."""
        url = await self._store.response_url(press.id)
        try:
            if url:
                await self._messenger.respond(url, message, replace=press.replaces)
                return
        except SlackRefusedError as error:
            log.info("slack.response_url_refused", press_id=press.id, code=error.code)
        try:
            if press.channel:
                await self._messenger.ephemeral(press.channel, press.person.user_id, message)
                return
        except SlackRefusedError as error:  # such as to somebody who has left the channel
            log.info("slack.ephemeral_refused", press_id=press.id, code=error.code)
        try:
            await self._messenger.post_once(
                press.person.user_id, message, owner=keys.press_posts(press.id), slot="answer"
            )
        except SlackRefusedError as error:
            log.warning("slack.answer_refused", press_id=press.id, code=error.code)
