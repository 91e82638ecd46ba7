"""Posts what IT needs into its channel; where that takes nothing, it is said and tried again."""

from datetime import timedelta
from functools import partial

import structlog

from handlers.message import Message
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.slack.errors import SlackRefusedError
from services.slack.messenger import Messenger
from services.store.health import Health
from services.store.posts import Place, PostLog

log = structlog.get_logger(__name__)

REFUSED_AGAIN = timedelta(minutes=1)
"""When what the channel refused is tried again."""

_NO_THREAD = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
"""What Slack says of a thread whose first message somebody has removed."""


class ItChannel:
    """`/readyz` tells whether it takes what is posted."""

    def __init__(self, messenger: Messenger, posts: PostLog, health: Health, channel: str) -> None:
        self._messenger = messenger
        self._posts = posts
        self._health = health
        self._channel = channel

    async def post(
        self,
        message: Message,
        *,
        owner: str,
        slot: str,
        below: Place | None = None,
        broadcast: bool = False,
        refresh: bool = False,
    ) -> None:
        """Post a message once: below a card, or in the channel itself where the card is gone.

        Args:
            message: what to post.
            owner: the key in the store of what the message is about.
            slot: which of its messages.
            below: the card; None for the channel itself.
            broadcast: show it in the channel too.
            refresh: edit a message that stands there already.

        Raises:
            RunAgain: the channel takes nothing now.
        """
        try:
            await self._post(message, owner, slot, below, broadcast=broadcast, refresh=refresh)
        except SlackRefusedError as error:
            log.error("slack.it_channel_refused", about=owner, code=error.code)  # noqa: TRY400
            await self._health.it_channel_refuses(error.code)
            raise RunAgain(utc_now() + REFUSED_AGAIN) from None  # a pause, not a deadline
        await self._health.it_channel_takes()

    async def place(self, owner: str, slot: str) -> Place | None:
        """Find a message again, wherever it was posted."""
        return await self._posts.place(owner, slot) or await self._posts.place(owner, _alone(slot))

    async def _post(
        self,
        message: Message,
        owner: str,
        slot: str,
        below: Place | None,
        *,
        broadcast: bool,
        refresh: bool,
    ) -> None:
        post = partial(self._messenger.post_once, message=message, owner=owner, refresh=refresh)
        if below is None:
            await post(self._channel, slot=slot)
        elif await self._posts.place(owner, _alone(slot)):
            await post(self._channel, slot=_alone(slot))
        else:
            try:
                await post(below.channel, slot=slot, thread_ts=below.ts, broadcast=broadcast)
            except SlackRefusedError as error:
                if error.code not in _NO_THREAD and below.channel == self._channel:
                    raise
                # IT needs it and its buttons all the same
                await post(self._channel, slot=_alone(slot))


def _alone(slot: str) -> str:
    return f"{slot}:alone"
