"""What a person sees at one moment: messages and modals with their buttons, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slack.blocks import elements_of
from sandbox.slack.mrkdwn import Reader
from sandbox.slack.screen import draw_message, draw_modal, options_of, text_of

if TYPE_CHECKING:
    from sandbox.slack.model import Blocks, Json, Message, Modal, Person
    from sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Confirm:
    """Slack's own "are you sure" before a press counts."""

    title: str
    text: str
    confirm: str
    deny: str


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `url` opens when it is pressed, and the press is sent all the same."""

    text: str
    action_id: str
    block_id: str
    value: str | None
    url: str | None
    style: str | None
    confirm: Confirm | None


@dataclass(frozen=True, slots=True)
class Menu:
    """A select, radio buttons, checkboxes or overflow menu, with its options' labels."""

    action_id: str
    block_id: str
    options: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as one person sees it; `plain` is all that can be read in it, labels too."""

    channel: str
    ts: str
    thread_ts: str | None
    author: str
    ephemeral: bool
    text: str
    blocks: Blocks
    plain: str
    buttons: list[Button]
    menus: list[Menu]


@dataclass(frozen=True, slots=True)
class ShownModal:
    """An open modal as the person sees it; `errors` by block id."""

    id: str
    title: str
    callback_id: str
    private_metadata: str
    blocks: Blocks
    plain: str
    buttons: list[Button]
    menus: list[Menu]
    errors: dict[str, str]
    state: Json


def reader_of(workspace: Workspace, person: Person) -> Reader:
    """Return how this person reads: the workspace's names, their time zone, now."""
    return Reader(workspace.name_of, person.tz, workspace.clock())


def show(workspace: Workspace, person: Person, message: Message) -> Shown:
    """Return a message as this person sees it."""
    reader = reader_of(workspace, person)
    author = workspace.people.get(message.user)
    return Shown(
        channel=message.channel,
        ts=message.ts,
        thread_ts=message.thread_ts,
        author=author.real_name if author else "Slackbot",
        ephemeral=message.to is not None,
        text=message.text,
        blocks=message.blocks,
        plain=draw_message(message.text, message.blocks, reader),
        buttons=_buttons(message.blocks, reader),
        menus=_menus(message.blocks, reader),
    )


def show_modal(workspace: Workspace, person: Person, modal: Modal) -> ShownModal:
    """Return an open modal as this person sees it."""
    reader = reader_of(workspace, person)
    return ShownModal(
        id=modal.id,
        title=text_of(modal.view["title"], reader),
        callback_id=modal.view["callback_id"],
        private_metadata=modal.view["private_metadata"],
        blocks=modal.view["blocks"],
        plain=draw_modal(modal.view, modal.state, modal.errors, reader),
        buttons=_buttons(modal.view["blocks"], reader),
        menus=_menus(modal.view["blocks"], reader),
        errors=dict(modal.errors),
        state=dict(modal.state),
    )


def _buttons(blocks: Blocks, reader: Reader) -> list[Button]:
    return [
        Button(
            text=text_of(element["text"], reader),
            action_id=element["action_id"],
            block_id=block["block_id"],
            value=element.get("value"),
            url=element.get("url"),
            style=element.get("style"),
            confirm=_confirm(element.get("confirm"), reader),
        )
        for block in blocks
        for element in elements_of(block)
        if element["type"] == "button"
    ]


def _confirm(confirm: Json | None, reader: Reader) -> Confirm | None:
    if confirm is None:
        return None
    return Confirm(
        *(text_of(confirm[part], reader) for part in ("title", "text", "confirm", "deny"))
    )


def _menus(blocks: Blocks, reader: Reader) -> list[Menu]:
    return [
        Menu(
            action_id=element["action_id"],
            block_id=block["block_id"],
            options=[text_of(option["text"], reader) for option in options_of(element)],
        )
        for block in blocks
        for element in elements_of(block)
        if "options" in element or "option_groups" in element
    ]
