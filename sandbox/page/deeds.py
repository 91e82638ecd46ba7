"""What a person does in their window. An `Actor` refuses what isn't on their screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.page.wishes import WishError, choice, text
from sandbox.slack.blocks import elements_of
from sandbox.slack.elements_in_use import NotVisible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.slack.actor import Actor
    from sandbox.slack.model import Json
    from sandbox.slack.shown import Shown

    Deed = Callable[[Actor, Json], Awaitable[str | None]]


async def _type(actor: Actor, wish: Json) -> str | None:
    return (await actor.types(text(wish, "text"), text(wish, "channel"))).error


async def _post(actor: Actor, wish: Json) -> str | None:
    await actor.posts(text(wish, "text"), text(wish, "channel"))
    return None


async def _press(actor: Actor, wish: Json) -> str | None:
    message = _message(actor, wish)
    return (await actor.presses(_button(actor, message, wish), message)).error


async def _select(actor: Actor, wish: Json) -> str | None:
    message = _message(actor, wish)
    which = _field(actor, message, wish)
    return (await actor.selects(which, choice(wish, "choice"), message)).error


async def _submit(actor: Actor, wish: Json) -> str | None:
    entries = wish.get("entries")
    if not isinstance(entries, dict):
        raise WishError("entries")
    return (await actor.submits({name: choice(entries, name) for name in entries})).error


async def _close(actor: Actor, _wish: Json) -> str | None:
    await actor.closes()
    return None


async def _use_shortcut(actor: Actor, wish: Json) -> str | None:
    message = _message(actor, wish)
    if message is None:
        raise WishError("ts")
    return (await actor.uses_shortcut(text(wish, "shortcut"), message)).error


async def _edit(actor: Actor, wish: Json) -> str | None:
    await actor.edits(text(wish, "ts"), text(wish, "text"))
    return None


async def _delete(actor: Actor, wish: Json) -> str | None:
    await actor.deletes(text(wish, "ts"))
    return None


DEEDS: dict[str, Deed] = {
    "type": _type,
    "post": _post,
    "press": _press,
    "select": _select,
    "submit": _submit,
    "close": _close,
    "use-shortcut": _use_shortcut,
    "edit": _edit,
    "delete": _delete,
}
"""Each returns the error that Slack shows of it, if one."""


def _message(actor: Actor, wish: Json) -> Shown | None:
    """Find the message that is meant; none is meant in a modal."""
    if "ts" not in wish:
        return None
    channel, ts = text(wish, "channel"), text(wish, "ts")
    for shown in actor.sees():
        if (shown.channel, shown.ts) == (channel, ts):
            return shown
    raise NotVisible(f"no message {ts} on the screen of {actor.person.name}")


def _button(actor: Actor, message: Shown | None, wish: Json) -> str:
    """Name the button so that no other one is meant: a message may hold several of an action."""
    surface = message or actor.modal
    action, block = text(wish, "action"), text(wish, "block")
    same = [button for button in (surface.buttons if surface else []) if button.action_id == action]
    if len(same) == 1:
        return action
    return next((button.text for button in same if button.block_id == block), action)


def _field(actor: Actor, message: Shown | None, wish: Json) -> str:
    """Name the menu so that no other one is meant: several blocks may hold the same action."""
    surface = message or actor.modal
    action = text(wish, "action")
    same = [
        element
        for block in (surface.blocks if surface else [])
        for element in elements_of(block)
        if element["action_id"] == action
    ]
    return action if len(same) == 1 else text(wish, "block")
