"""A message as Slack takes it: a text for notifications and screen readers, and its blocks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """What the bot says once. Pure data: it doesn't know where it is posted."""

    text: str
    """Short and meaningful by itself: it is all that a notification shows."""
    blocks: tuple[dict[str, object], ...]
