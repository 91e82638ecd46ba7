"""A driver for one person: does what they can do in Slack, and sees what they can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import payloads
from sandbox.slack.acks import take_command_ack
from sandbox.slack.conversation_in_dm import DirectMessages
from sandbox.slack.dispatcher import Kind
from sandbox.slack.elements_in_use import NotVisible, action_of, chosen, find_button, find_field
from sandbox.slack.modal_in_use import ModalInUse
from sandbox.slack.model import Message, Modal
from sandbox.slack.results import CommandResult, PressResult, SayResult, SubmitResult
from sandbox.slack.shown import Shown, ShownModal, reader_of, show, show_modal
from sandbox.slack.writing import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.slack.elements_in_use import Choice, Place
    from sandbox.slack.model import Channel, Json, Person
    from sandbox.slack.mrkdwn import Reader
    from sandbox.slack.workspace import Workspace

UNKNOWN_COMMAND = "unknown_command"


class Actor:
    """One person's hands and eyes in the workspace.

    What isn't on their screen can't be pressed: `NotVisible`. A channel is given by name or id;
    `dm` is the DM with the bot.
    """

    def __init__(self, workspace: Workspace, person: Person) -> None:
        self._workspace = workspace
        self.person = person
        self._dm = DirectMessages(workspace, person)
        self._modal = ModalInUse(workspace, person)

    async def types(self, text: str, channel: str = "general") -> CommandResult:
        """Type a slash command in a channel and wait for the ack."""
        place = self._channel(channel)
        command, _, rest = text.partition(" ")
        if command not in self._workspace.commands or "commands" not in self._workspace.scopes:
            return CommandResult(0, 0, UNKNOWN_COMMAND)
        words = escaped(self._workspace, rest.strip())
        payload = payloads.slash_command(self._workspace, self.person, place, command, words)
        delivery = await self._workspace.dispatcher.deliver(Kind.COMMAND, payload)
        error = take_command_ack(self._workspace, self.person, place, command, delivery)
        return CommandResult(delivery.status, delivery.ack_ms, error)

    def sees(self, channel: str | None = None) -> list[Shown]:
        """Return the messages on screen, oldest first, in one channel or in all of theirs."""
        return [show(self._workspace, self.person, m) for m in self._visible(channel)]

    async def sees_soon(
        self,
        wanted: str | Callable[[Shown], bool],
        timeout: float = 5,  # noqa: ASYNC109 - a failure has to tell what was seen instead
        channel: str | None = None,
    ) -> Shown:
        """Wait for a message that has this text, or that the predicate accepts; the newest one.

        Raises `NotVisible` with what is on screen after `timeout` seconds.
        """

        def found() -> Shown | None:
            return next((s for s in reversed(self.sees(channel)) if _is_wanted(s, wanted)), None)

        try:
            return await self._workspace.until(found, timeout)
        except TimeoutError:
            screen = "\n---\n".join(s.plain for s in self.sees(channel)) or "nothing"
            raise NotVisible(f"{wanted!r} didn't come; on screen:\n{screen}") from None

    async def presses(
        self, which: str, message: Shown | None = None, *, value: str | None = None
    ) -> PressResult:
        """Press the newest visible button with this action id or label; accept its dialog.

        An open modal covers the messages. With `message` the button is looked for there only, and
        with `value` only one that has it now (`""`: one that has none).
        """
        surface, place = self._find_button(which, message, value)
        ids = (place.block_id, place.action_id)
        button = next(b for b in self._shown(surface).buttons if (b.block_id, b.action_id) == ids)
        result = await self._acts(surface, place, {})
        return PressResult(
            result.status, result.ack_ms, result.error, confirm=button.confirm, url=button.url
        )

    def press_payload(self, which: str, message: Shown | None = None) -> Json:
        """Return the payload that pressing would send now, to be changed or sent later."""
        surface, place = self._find_button(which, message)
        return self._payload(surface, place, {})

    async def presses_raw(self, payload: Json) -> PressResult:
        """Send an interaction payload as it is, forged or stale though it may be."""
        delivery = await self._workspace.dispatcher.deliver(Kind.INTERACTION, payload)
        return PressResult(delivery.status, delivery.ack_ms, delivery.error)

    async def selects(
        self, which: str, option: Choice, message: Shown | None = None
    ) -> PressResult:
        """Choose an option by label, value or index in the newest visible menu of this id.

        Where several may be chosen, a list is all that is then chosen.
        """
        for surface in self._surfaces(message):
            place = find_field(_blocks(surface), which)
            if place is not None:
                value = chosen(place, option, self._reader, self._workspace.person)
                return await self._acts(surface, place, value)
        raise NotVisible(f"no menu {which!r} on the screen of {self.person.name}")

    @property
    def modal(self) -> ShownModal | None:
        """The modal that the person has open."""
        modal = self._workspace.modals.of(self.person.id)
        return show_modal(self._workspace, self.person, modal) if modal else None

    async def submits(self, entries: Mapping[str, Choice]) -> SubmitResult:
        """Fill in the open modal's fields (by action id or block id) and submit it.

        People are given by name or id; where several may be chosen, a list is all that is.
        """
        return await self._modal.submit(entries, self._reader)

    async def closes(self) -> None:
        """Close the open modal; the bot hears of it when the view asked for that."""
        await self._modal.close()

    async def uses_shortcut(self, callback_id: str, message: Shown) -> PressResult:
        """Choose a shortcut of the app's in a message's menu, in whichever channel it stands.

        A message for this person alone has no such menu: `NotVisible`.
        """
        if callback_id not in self._workspace.shortcuts or "commands" not in self._workspace.scopes:
            raise NotVisible(f"no shortcut {callback_id!r} in the menu of a message")
        for found in self._visible(message.channel):
            if found.ts == message.ts and found.to is None:
                return await self.presses_raw(
                    payloads.message_shortcut(self._workspace, self.person, found, callback_id)
                )
        raise NotVisible(f"no message with a menu at {message.ts} for {self.person.name}")

    async def posts(self, text: str, channel: str = "general") -> Shown:
        """Write an ordinary message in a channel; the bot hears of it in its own DM only."""
        place = self._channel(channel)
        if place.is_archived:
            raise NotVisible(f"nobody can write in {channel}: it is archived")
        if place.is_im:
            ts = (await self._dm.say(text)).ts
        else:
            ts = self._workspace.timeline.next_ts()
            words = escaped(self._workspace, text)
            self._workspace.post(Message(place.id, ts, self.person.id, words, []))
        return next(shown for shown in self.sees(place.id) if shown.ts == ts)

    async def says(self, text: str) -> SayResult:
        """Write to the bot in its DM."""
        return await self._dm.say(text)

    async def edits(self, ts: str, text: str) -> SayResult:
        """Change a message of one's own in the DM with the bot."""
        return await self._dm.edit(ts, text)

    async def deletes(self, ts: str) -> SayResult:
        """Delete a message of one's own in the DM with the bot."""
        return await self._dm.delete(ts)

    def reloads(self) -> None:
        """Restart the client: messages for this person alone are gone."""
        self._workspace.timeline.forget_ephemerals(self.person.id)

    @property
    def _reader(self) -> Reader:
        return reader_of(self._workspace, self.person)

    def _channel(self, name: str) -> Channel:
        if name == "dm":
            return self._workspace.dm_with(self.person)
        channel = self._workspace.channel(name)
        if self.person.id not in channel.members:
            raise NotVisible(f"{self.person.name} isn't in {name}")
        return channel

    def _visible(self, channel: str | None = None) -> list[Message]:
        mine = [c for c in self._workspace.channels.values() if self.person.id in c.members]
        channels = mine if channel is None else [self._channel(channel)]
        return list(self._workspace.timeline.visible_to(self.person.id, [c.id for c in channels]))

    def _surfaces(self, message: Shown | None) -> list[Message | Modal]:
        """Return where the person may act: a given message, an open modal, or all messages."""
        if message is not None:
            return [
                m for m in self._visible() if (m.channel, m.ts) == (message.channel, message.ts)
            ]
        modal = self._workspace.modals.of(self.person.id)
        return [modal] if modal else list(reversed(self._visible()))

    def _find_button(
        self, which: str, message: Shown | None, value: str | None = None
    ) -> tuple[Message | Modal, Place]:
        for surface in self._surfaces(message):
            place = find_button(_blocks(surface), which, self._reader, value)
            if place is not None:
                return surface, place
        raise NotVisible(f"no button {which!r} on the screen of {self.person.name}")

    def _shown(self, surface: Message | Modal) -> Shown | ShownModal:
        if isinstance(surface, Modal):
            return show_modal(self._workspace, self.person, surface)
        return show(self._workspace, self.person, surface)

    def _payload(self, surface: Message | Modal, place: Place, value: Json) -> Json:
        action = action_of(place, value, self._workspace.timeline.next_ts())
        if isinstance(surface, Modal):
            return payloads.modal_action(self._workspace, self.person, surface, action)
        return payloads.message_action(self._workspace, self.person, surface, action)

    async def _acts(self, surface: Message | Modal, place: Place, value: Json) -> PressResult:
        if place.keeps_state:
            entry = {place.action_id: {"type": place.element["type"], **value}}
            held = (
                surface.state
                if isinstance(surface, Modal)
                else surface.state.setdefault(self.person.id, {})
            )
            held[place.block_id] = held.get(place.block_id, {}) | entry
            self._workspace.changes.happened()
        if not place.dispatches:
            return PressResult(0, 0)
        return await self.presses_raw(self._payload(surface, place, value))


def _blocks(surface: Message | Modal) -> list[Json]:
    if isinstance(surface, Modal):
        return list(surface.view["blocks"])
    return surface.blocks


def _is_wanted(shown: Shown, wanted: str | Callable[[Shown], bool]) -> bool:
    if isinstance(wanted, str):
        return wanted in shown.plain or wanted in shown.text
    return wanted(shown)
