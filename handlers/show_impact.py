"""*Show all*: the whole list of what depends on a token, opened at once."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import impact_modal
from handlers.click import Click
from handlers.presses import Presses
from services.resets.model import Reset
from services.resets.policy import Answer, AnswerCode, refuse_owner
from services.store.resets import ResetStore


class ImpactListeners:
    """What people press to see more of an impact. It reads what is stored, and changes nothing."""

    def __init__(self, store: ResetStore, presses: Presses, it_channel: str) -> None:
        self._store = store
        self._presses = presses
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("impact.show_all")(self.show_all)

    async def show_all(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the list while the `trigger_id` lives."""
        click = Click.of(body)
        reset = await self._presses.settle(click, self._may_see(click), replaces=False)
        if reset is not None:
            yours = reset.requester.user_id == click.person.user_id
            await self._presses.open(click, impact_modal.everything(reset, yours=yours))
        await ack()

    async def _may_see(self, click: Click) -> Reset | Answer:
        """The person who asked for the reset, and whoever reads the card in IT's channel."""
        reset = await self._store.get(click.value)
        if reset is None:
            return Answer(code=AnswerCode.GONE)
        if click.channel == self._it_channel:
            return reset
        return refuse_owner(reset, click.person) or reset
