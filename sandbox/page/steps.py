"""What a story is made of: steps, each a deed of somebody's and what is to be seen after it.

The page shows a step and can do it by itself; the tests and `make pictures` do the same steps in a
browser, with keyboard and mouse.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sandbox.slack.model import Json

DM = "dm"
"""The DM with the bot, in place of a channel's name."""


@dataclass(frozen=True)
class Type:
    """Type something into the composer of a channel and send it."""

    text: str
    channel: str = "general"


@dataclass(frozen=True)
class Press:
    """Press a button of the newest message that has one of this label; accept its dialog."""

    button: str
    channel: str = "general"


@dataclass(frozen=True)
class Choose:
    """Choose an option in the newest message's menu of this label (a placeholder, say)."""

    menu: str
    option: str
    channel: str = "general"


@dataclass(frozen=True)
class FillIn:
    """Fill in the open modal's fields, by their labels, and submit it."""

    fields: dict[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PasteToken:
    """Copy the newest token out of the mailbox and paste it into an integration."""

    integration: str


@dataclass(frozen=True)
class LogIn:
    """Let an integration log in now."""

    integration: str


@dataclass(frozen=True)
class Turn:
    """Turn a switch, by its label."""

    switch: str
    on: bool


Deed: TypeAlias = Type | Press | Choose | FillIn | PasteToken | LogIn | Turn


@dataclass(frozen=True)
class Seen:
    """Something that wasn't there when the step began.

    `where` is a channel's name, `dm`, `modal`, `mail`, `integrations` or `faults`; `who` is whose
    screen, if it isn't that of whoever does the step.
    """

    where: str
    text: str
    who: str | None = None


@dataclass(frozen=True)
class Step:
    """One step. Without a deed there is only something to look at.

    `look` is the panel that is opened for it, and `channel` the conversation.
    """

    who: str
    tell: str
    deed: Deed | None = None
    seen: Seen | None = None
    look: str | None = None
    channel: str | None = None
    picture: str | None = None
    """The picture that `make pictures` takes of this person's window after the step."""

    def __post_init__(self) -> None:
        if (self.deed is None) != (self.seen is None):
            raise ValueError("a deed comes with what is seen after it, and nothing else does")


@dataclass(frozen=True)
class Story:
    """A story in a few steps."""

    name: str
    title: str
    about: str
    steps: tuple[Step, ...]
    ends: str
    """What is said once all is done."""


def as_json(story: Story) -> Json:
    """Return a story as the page gets it; a deed's kind is its class's name."""
    return {
        "name": story.name,
        "title": story.title,
        "about": story.about,
        "ends": story.ends,
        "steps": [_step(step) for step in story.steps],
    }


def _step(step: Step) -> Json:
    return {
        "who": step.who,
        "tell": step.tell,
        "look": step.look,
        "channel": getattr(step.deed, "channel", step.channel),
        "deed": {"kind": type(step.deed).__name__, **asdict(step.deed)} if step.deed else None,
    }
