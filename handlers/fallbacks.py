"""Whatever no conversation knows: a button of an older version, a form that was taken away."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import overview_messages
from handlers.ask_it_messages import refused_view
from handlers.click import Click, Shortcut, person_of
from handlers.presses import Presses
from services.resets.policy import Answer, AnswerCode

_ANY = re.compile(".*")


class Fallbacks:
    """Registered last. Answers, and changes nothing."""

    def __init__(self, presses: Presses, orgs: tuple[str, ...], it_channel: str) -> None:
        self._presses = presses
        self._orgs = orgs
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt to send here what is left."""
        app.action(_ANY)(self.unknown_button)
        app.command(_ANY)(self.unknown_command)
        app.shortcut(_ANY)(self.unknown_shortcut)
        app.view(_ANY)(self.unknown_form)
        app.view_closed(_ANY)(self.closed)

    async def unknown_button(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say that this button no longer does anything."""
        await self._presses.refuse(Click.of(body), Answer(code=AnswerCode.UNKNOWN_BUTTON))
        await ack()

    async def unknown_command(self, ack: AsyncAck) -> None:
        """Say what the bot knows."""
        message = overview_messages.help_text(self._orgs, self._it_channel)
        await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    async def unknown_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say that this shortcut no longer does anything; of one without a message, by DM."""
        on_message = body.get("type") == "message_action"
        click = Shortcut.of(body).as_click() if on_message else Click.of_global_shortcut(body)
        await self._presses.refuse(click, Answer(code=AnswerCode.UNKNOWN_BUTTON))
        await ack()

    async def unknown_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say in it that nothing was taken: closed, it would look as if it had been."""
        answer = Answer(code=AnswerCode.UNKNOWN_FORM)
        callback = str(body["view"].get("callback_id") or "form")
        await self._presses.write_down(person_of(body), callback, answer)
        await ack(response_action="update", view=refused_view(answer, self._it_channel))

    async def closed(self, ack: AsyncAck) -> None:
        """A form was closed; nothing was saved, so nothing is left to do."""
        await ack()
