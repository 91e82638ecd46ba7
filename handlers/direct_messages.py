"""Somebody writes in the bot's DM: what looks like a token is warned about, and words get help."""

from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import overview_messages, token_leak_messages
from handlers.click import Click
from handlers.presses import Presses
from services.resets.desk import Desk
from services.resets.model import Reset, SlackUser
from services.resets.policy import Answer, AnswerCode
from services.slack.errors import SlackRefusedError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import JobName
from services.store.notices import Notice, NoticeStore, notice_id
from services.token_shape import looks_like_token

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

_WRITTEN = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that somebody has just written."""

log = structlog.get_logger(__name__)


class DirectMessageListeners:
    """Looks at what is written in the DM, and forgets it."""

    def __init__(self, desk: Desk, notices: NoticeStore, presses: Presses) -> None:
        self._desk = desk
        self._notices = notices
        self._presses = presses

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.event("message")(self.message)
        app.action("reset.start")(self.start)

    async def message(self, ack: AsyncAck, body: dict[str, Any], event: dict[str, Any]) -> None:
        """Save whom to warn and where. The text goes no further than this function."""
        # An edit carries the message as it now stands; a token may be pasted in by one too.
        edited = event.get("subtype") == "message_changed"
        message = (event.get("message") or {}) if edited else event
        written_by_person = message.get("user") and not message.get("bot_id")
        leaked = looks_like_token(str(message.get("text") or ""))
        if (
            event.get("channel_type") == "im"
            and (edited or event.get("subtype") in _WRITTEN)
            and written_by_person
            and (leaked or not edited)
        ):
            channel, ts = str(event.get("channel")), str(message.get("ts"))
            # Help comes once in some minutes, however many lines somebody writes.
            about = f"{channel}:{ts}" if leaked else f"help:{channel}:{ts.partition('.')[0][:-2]}"
            notice = Notice(
                id=notice_id(about),
                person=SlackUser(user_id=str(message["user"]), team_id=body.get("team_id")),
                channel=channel,
                thread_ts=ts,
                leaked=leaked,
            )
            await self._notices.save(notice, JobName.ANSWER_DM)
        await ack()

    async def start(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Reset my token*, below the warning."""
        click = Click.of(body)
        await self._presses.settle(click, self._start(click), replaces=False)
        await ack()

    async def _start(self, click: Click) -> Reset | Answer:
        notice = await self._notices.get(click.value)
        if notice is None:
            return Answer(code=AnswerCode.GONE)
        if notice.person.user_id != click.person.user_id:
            return Answer(code=AnswerCode.NOT_YOURS)
        return await self._desk.start_in_dm(click.person, click.channel, org=None, leaked=True)


class DirectMessageJobs:
    """What the worker does about it."""

    def __init__(
        self, notices: NoticeStore, messenger: Messenger, orgs: tuple[str, ...], it_channel: str
    ) -> None:
        self._notices = notices
        self._messenger = messenger
        self._orgs = orgs
        self._it_channel = it_channel

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.ANSWER_DM, self.answer)

    async def answer(self, item_id: str) -> None:
        """Answer in the thread of the message, so that it's clear which one to delete."""
        notice = await self._notices.get(item_id)
        if notice is None:
            return
        message = (
            token_leak_messages.leaked(notice.id)
            if notice.leaked
            else overview_messages.help_text(self._orgs, self._it_channel)
        )
        try:
            await self._messenger.post_once(
                notice.channel,
                message,
                owner=keys.notice(notice.id),
                slot="warning",
                thread_ts=notice.thread_ts,
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", notice_id=notice.id, code=error.code)
