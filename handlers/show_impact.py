"""*Show all*: the whole list of what depends on a token, opened at once."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import impact_modal
from handlers.click import Click
from handlers.presses import Presses
from services.resets.model import Reset
from services.resets.policy import Answer, AnswerCode, refuse_owner
from services.slack.errors import SlackError
from services.slack.messenger import Messenger
from services.store.resets import ResetStore

log = structlog.get_logger(__name__)


class ImpactListeners:
    """What people press to see more of an impact. It reads what is stored, and changes nothing."""

    def __init__(
        self, store: ResetStore, presses: Presses, messenger: Messenger, it_channel: str
    ) -> None:
        self._store = store
        self._presses = presses
        self._messenger = messenger
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("impact.show_all")(self.show_all)

    async def show_all(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the list while the `trigger_id` lives."""
        click = Click.of(body)
        reset = await self._presses.settle(click, self._may_see(click), replaces=False)
        if reset is not None:
            try:
                yours = reset.requester.user_id == click.person.user_id
                view = impact_modal.everything(reset, yours=yours)
                await self._messenger.open_view(click.trigger_id or "", view)
            except SlackError as error:
                log.warning("slack.view_not_opened", action=click.action_id, code=error.code)
                await self._presses.refuse(click, Answer(code=AnswerCode.FORM_FAILED))
        await ack()

    async def _may_see(self, click: Click) -> Reset | Answer:
        """The person who asked for the reset, and whoever reads the card in IT's channel."""
        reset = await self._store.get(click.value)
        if reset is None:
            return Answer(code=AnswerCode.GONE)
        if click.channel == self._it_channel:
            return reset
        return refuse_owner(reset, click.person) or reset
