"""Where a person sees a reset: the message that they pressed, else a new one."""

from collections.abc import Awaitable, Callable

import structlog

from handlers.message import Message
from services.resets.model import Reset
from services.slack.errors import SlackRefusedError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.posts import Place, PostLog
from services.store.resets import ResetStore

SHOWN = Place("ephemeral", "shown")
"""An ephemeral has no place to find it again; that it was shown is all there is to know."""

log = structlog.get_logger(__name__)


class Surface:
    """Shows messages about a reset.

    Raises `SlackUnavailableError` where another try is worth it.
    """

    def __init__(self, messenger: Messenger, store: ResetStore, posts: PostLog) -> None:
        self._messenger = messenger
        self._posts = posts
        self._store = store

    async def offer(self, reset: Reset, message: Message) -> None:
        """Show an offer, once: a job that runs again doesn't show it again."""
        await self._once(reset, message, self.show)

    async def take_buttons(self, reset: Reset, message: Message) -> None:
        """Replace the message that was pressed, and show nothing where that can't be: once.

        What takes the buttons' place is soon replaced itself; elsewhere it would stay, beside the
        outcome. And Slack takes five messages by way of one press: some must be left for that.

        Raises `SlackRefusedError` too.
        """
        await self._once(reset, message, self._replace)

    async def has_offered(self, reset: Reset) -> bool:
        """Whether this offer is known to have been shown, while nobody has moved it on."""
        place = await self._posts.place(keys.reset(reset.id), _shown(reset))
        return place is not None

    async def by_dm(self, reset: Reset, message: Message, *, slot: str) -> None:
        """Tell something in a DM of its own, which is heard however late it comes; once."""
        try:
            await self._messenger.post_once(
                reset.requester.user_id, message, owner=keys.reset(reset.id), slot=slot
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", reset_id=reset.id, code=error.code)
            await self._where_it_was_asked(reset, message)

    async def show(self, reset: Reset, message: Message) -> None:
        """Put a message where the last one about this reset stands."""
        if reset.in_dm:
            await self._in_dm(reset, message)
            return
        # Only a click's `response_url` replaces; a command's always posts anew.
        for owner, replace in ((reset.id, True), (f"{reset.id}:command", False)):
            url = await self._store.response_url(owner)
            if url is None:
                continue
            try:
                await self._messenger.respond(url, message, replace=replace)
            except SlackRefusedError as error:
                log.info("slack.response_url_refused", reset_id=reset.id, code=error.code)
            else:
                return
        await self._in_dm(reset, message)

    async def _once(
        self,
        reset: Reset,
        message: Message,
        show: Callable[[Reset, Message], Awaitable[None]],
    ) -> None:
        owner, slot = keys.reset(reset.id), _shown(reset)
        if isinstance(await self._posts.intend(owner, slot), Place):
            return
        await show(reset, message)
        await self._posts.posted(owner, slot, SHOWN)

    async def _replace(self, reset: Reset, message: Message) -> None:
        if reset.in_dm:
            place = await self._posts.place(keys.reset(reset.id), _slot(reset))
            if place is not None:
                await self._messenger.update(place, message)
            return
        url = await self._store.response_url(reset.id)
        if url is not None:
            await self._messenger.respond(url, message, replace=True)

    async def _in_dm(self, reset: Reset, message: Message) -> None:
        slot = _slot(reset)
        place = await self._posts.place(keys.reset(reset.id), slot)
        if place is not None:
            try:
                await self._messenger.update(place, message)
            except SlackRefusedError as error:  # such as deleted by the workspace's retention
                log.info("slack.offer_gone", reset_id=reset.id, code=error.code)
                slot = f"{slot}:{reset.state}"
            else:
                return
        await self.by_dm(reset, message, slot=slot)

    async def _where_it_was_asked(self, reset: Reset, message: Message) -> None:
        """The last way to be heard; it vanishes on reload, and `status` says the same."""
        try:
            await self._messenger.ephemeral(reset.channel, reset.requester.user_id, message)
        except SlackRefusedError as error:
            log.warning("slack.nowhere_to_tell", reset_id=reset.id, code=error.code)


def _shown(reset: Reset) -> str:
    return f"shown:{reset.version}"


def _slot(reset: Reset) -> str:
    """Name the DM that shows this reset. IT's answer is a message of its own: it must be heard."""
    answered = reset.question is not None and reset.question.answered_by is not None
    return "offer:answered" if answered else "offer"
