"""All that is said in the conversation of a reset, up to its outcome."""

from functools import cache

from slack_sdk.models.blocks import Block, Option, PlainTextObject, StaticSelectElement

from handlers.answer_messages import answer, paused, store_down, token_typed, unknown_org
from handlers.blocks import actions, button, context, message, section
from handlers.message import Message
from handlers.outcome_messages import (
    cancelled,
    expired,
    guided,
    outcome,
    refused,
    too_late,
    unanswered,
    working,
)
from handlers.warning_messages import warning
from handlers.wording import org_label, plain_ends, plain_org, when
from services.resets.model import Choice, Reset

__all__ = [
    "answer",
    "cancelled",
    "checking",
    "choose",
    "expired",
    "guided",
    "outcome",
    "paused",
    "refused",
    "store_down",
    "token_typed",
    "too_late",
    "unanswered",
    "unknown_org",
    "warning",
    "working",
]

_MOST_OPTIONS = 100
_LONGEST_LABEL = 75


@cache
def checking(org: str | None) -> Message:
    """Answer the command, in plain text. It stays on screen above all that follows."""
    if org is None:
        return Message("Checking which Salesforce users are yours…", ())
    return Message(f"Checking what depends on your token in {org_label(org)}…", ())


def choose(reset: Reset) -> Message:
    """Let the person choose among several Salesforce users."""
    cancel = button("Cancel", "reset.cancel", reset.id)
    text = "You have several Salesforce users. Which one's token?"
    until: list[Block] = (
        [context(f"This holds until {when(reset.deadline)}.")] if reset.deadline else []
    )
    options = [_option(choice) for choice in reset.choices[:_MOST_OPTIONS]]
    if not options:  # a menu can't be empty
        return message(text, section(text), *until, actions(cancel))
    menu = StaticSelectElement(
        action_id="reset.choose",
        placeholder=PlainTextObject(text="Choose a Salesforce user"),
        options=options,
    )
    return message(text, section(text, "Nothing has changed."), *until, actions(menu, cancel))


def _option(choice: Choice) -> Option:
    label = f"{plain_org(choice.org)} · {choice.username}"
    return Option(value=choice.id, text=PlainTextObject(text=plain_ends(label, _LONGEST_LABEL)))
