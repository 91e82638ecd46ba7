"""The pieces that messages are made of, built with Slack's own models, which check the limits."""

from collections.abc import Iterable, Sequence
from typing import Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    InteractiveElement,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from handlers.message import Message

Style = Literal["primary", "danger"]

MOST_TEXT = 3000
"""Characters in one section, by Slack's reference for blocks."""


def message(text: str, *blocks: Block) -> Message:
    """Put a message together.

    Raises:
        slack_sdk.errors.SlackObjectFormationError: a block is over one of Slack's limits.
    """
    return Message(text=text, blocks=tuple(block.to_dict() for block in blocks))


def said(*sentences: str) -> Message:
    """Make a message of one paragraph, which is its notification too."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return message(text, section(text))


def section(*lines: str) -> SectionBlock:
    """Make one block of `mrkdwn`, a line for each that isn't empty."""
    return SectionBlock(text=_mrkdwn("\n".join(line for line in lines if line)))


def sections(lines: Iterable[str]) -> list[Block]:
    """Spread lines over as few sections as they need. A line must fit into one by itself."""
    return [section(text) for text in _spread(lines)]


def context(text: str) -> ContextBlock:
    """Make a small grey line."""
    return ContextBlock(elements=[_mrkdwn(text)])


def contexts(lines: Iterable[str]) -> list[Block]:
    """Make small grey lines, one below the other, in as few blocks as they need."""
    return [context(text) for text in _spread(lines)]


def actions(*elements: InteractiveElement) -> ActionsBlock:
    """Make a row of buttons."""
    return ActionsBlock(elements=list(elements))


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    style: Style | None = None,
    confirm: ConfirmObject | None = None,
    url: str | None = None,
) -> ButtonElement:
    """Make a button that carries one opaque id and nothing else."""
    return ButtonElement(
        text=PlainTextObject(text=label),
        action_id=action_id,
        value=value,
        style=style,
        confirm=confirm,
        url=url,
    )


def confirmation(
    title: str, text: str, *, yes: str, no: str, style: Style | None = None
) -> ConfirmObject:
    """Make Slack's own dialog that asks once more."""
    return ConfirmObject(
        title=PlainTextObject(text=title),
        text=PlainTextObject(text=text),
        confirm=PlainTextObject(text=yes),
        deny=PlainTextObject(text=no),
        style=style,
    )


def modal(
    title: str,
    blocks: Sequence[Block | dict[str, object]],
    *,
    close: str,
    submit: str | None = None,
    callback_id: str | None = None,
    reset_id: str | None = None,
) -> dict[str, object]:
    """Make a modal view; the reset's id travels in its private metadata."""
    view = View(
        type="modal",
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=submit) if submit else None,
        close=PlainTextObject(text=close),
        blocks=list(blocks),
        callback_id=callback_id,
        private_metadata=reset_id,
    )
    return dict(view.to_dict())


def _spread(lines: Iterable[str]) -> list[str]:
    texts: list[str] = []
    held = ""
    for line in lines:
        joined = f"{held}\n{line}" if held else line
        if held and _length(joined) > MOST_TEXT:
            texts.append(held)
            joined = line
        held = joined
    return [*texts, held] if held else texts


def _length(text: str) -> int:
    """Count as JavaScript does, in which an emoji is two: how Slack counts isn't documented."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _mrkdwn(text: str) -> MarkdownTextObject:
    # Verbatim: only what is written as a link or mention is one; a bare "evil.example" stays text.
    return MarkdownTextObject(text=text, verbatim=True)
