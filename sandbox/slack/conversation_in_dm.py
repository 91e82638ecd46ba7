"""What a person writes, edits and deletes in the bot's DM, and the events that the bot gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import payloads
from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.model import Message
from sandbox.slack.results import SayResult
from sandbox.slack.writing import escaped

if TYPE_CHECKING:
    from sandbox.slack.dispatcher import Delivery
    from sandbox.slack.model import Json, Person
    from sandbox.slack.workspace import Workspace


class DirectMessages:
    """A person's side of the DM with the bot."""

    def __init__(self, workspace: Workspace, person: Person) -> None:
        self._workspace = workspace
        self._person = person

    async def say(self, text: str) -> SayResult:
        """Write a message; the app hears of it with `message.im` and `im:history`."""
        if not self._workspace.messages_tab:
            raise NotVisible("people can't write to this app")
        dm = self._workspace.dm_with(self._person)
        ts = self._workspace.timeline.next_ts()
        words = escaped(self._workspace, text)
        message = self._workspace.post(Message(dm.id, ts, self._person.id, words, []))
        return await self._tell(ts, payloads.direct_message(self._workspace, message))

    async def edit(self, ts: str, text: str) -> SayResult:
        """Change a message of one's own."""
        message = self._own(ts)
        before = self._workspace.told(message)
        message.edited = True
        self._workspace.timeline.rewrite(message, escaped(self._workspace, text), [])
        return await self._tell(ts, payloads.changed_message(self._workspace, before, message))

    async def delete(self, ts: str) -> SayResult:
        """Delete a message of one's own."""
        message = self._own(ts)
        before = self._workspace.told(message)
        self._workspace.timeline.remove(message)
        event = payloads.deleted_message(self._workspace, before, message.channel)
        return await self._tell(ts, event)

    def _own(self, ts: str) -> Message:
        dm = self._workspace.dm_with(self._person)
        message = self._workspace.timeline.find(dm.id, ts)
        if message is None or message.user != self._person.id:
            raise NotVisible(f"{self._person.name} has no message {ts}")
        return message

    async def _tell(self, ts: str, event: Json) -> SayResult:
        deliveries: list[Delivery] = []
        if self._workspace.sends_messages:
            payload = payloads.event_callback(self._workspace, event)
            deliveries = await self._workspace.dispatcher.deliver_event(payload)
        return SayResult(ts, deliveries)
