"""Fill in, submit and close the modal that a person has open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import payloads
from sandbox.slack.acks import take_submission_ack
from sandbox.slack.dispatcher import Kind
from sandbox.slack.elements_in_use import (
    NotVisible,
    chosen,
    find_field,
    refusal_of_client,
)
from sandbox.slack.results import SubmitResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.slack.elements_in_use import Choice
    from sandbox.slack.model import Modal, Person
    from sandbox.slack.mrkdwn import Reader
    from sandbox.slack.workspace import Workspace


class ModalInUse:
    """A person's hands on their open modal."""

    def __init__(self, workspace: Workspace, person: Person) -> None:
        self._workspace = workspace
        self._person = person

    async def submit(self, entries: Mapping[str, Choice], reader: Reader) -> SubmitResult:
        """Enter these values and submit; raise `NotVisible` where the client wouldn't let one."""
        modal = self._opened()
        if not modal.view["submit"]:
            raise NotVisible("the modal has no submit button")
        self._enter(modal, entries, reader)
        for block in modal.view["blocks"]:
            if block["type"] == "input":
                entry = modal.state[block["block_id"]][block["element"]["action_id"]]
                refusal = refusal_of_client(block, entry)
                if refusal is not None:
                    raise NotVisible(f"{block['block_id']}: {refusal}")
        modal.errors = {}
        payload = payloads.view_submission(self._workspace, self._person, modal)
        delivery = await self._workspace.dispatcher.deliver(Kind.INTERACTION, payload)
        error = take_submission_ack(self._workspace, modal, delivery)
        return SubmitResult(delivery.status, delivery.ack_ms, error, dict(modal.errors))

    async def close(self) -> None:
        """Close the modal, and tell the bot when its view says so."""
        modal = self._opened()
        self._workspace.modals.close(modal)
        if modal.view["notify_on_close"]:
            payload = payloads.view_closed(self._workspace, self._person, modal)
            await self._workspace.dispatcher.deliver(Kind.INTERACTION, payload)

    def _opened(self) -> Modal:
        modal = self._workspace.modals.of(self._person.id)
        if modal is None:
            raise NotVisible(f"{self._person.name} has no modal open")
        return modal

    def _enter(self, modal: Modal, entries: Mapping[str, Choice], reader: Reader) -> None:
        for which, choice in entries.items():
            place = find_field(modal.view["blocks"], which)
            if place is None:
                raise NotVisible(f"no field {which!r} in the modal")
            value = chosen(place, choice, reader, self._workspace.person)
            entry = {"type": place.element["type"], **value}
            modal.state[place.block_id][place.action_id] = entry
