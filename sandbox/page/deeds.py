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
    message = _surface(actor, wish)
    # As with Slack, it is the value on the person's screen that says which button was meant.
    action, value = text(wish, "action"), text(wish, "value")
    return (await actor.presses(action, message, value=value)).error


async def _select(actor: Actor, wish: Json) -> str | None:
    message = _surface(actor, wish)
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


def _surface(actor: Actor, wish: Json) -> Shown | None:
    """Find the message that is meant; where none is named, the open modal is meant."""
    if "ts" in wish:
        return _message(actor, wish)
    if actor.modal is None:
        raise NotVisible(f"no modal on the screen of {actor.person.name}")
    return None


def _message(actor: Actor, wish: Json) -> Shown:
    channel, ts = text(wish, "channel"), text(wish, "ts")
    for shown in actor.sees():
        if (shown.channel, shown.ts) == (channel, ts):
            return shown
    raise NotVisible(f"no message {ts} on the screen of {actor.person.name}")


def _field(actor: Actor, message: Shown | None, wish: Json) -> str:
    """Name the menu so that no other one is meant: several blocks may hold the same action."""
    surface = message or actor.modal
    action, wanted = text(wish, "action"), text(wish, "block")
    same = [
        str(block["block_id"])
        for block in (surface.blocks if surface else [])
        for element in elements_of(block)
        if element["action_id"] == action
    ]
    if len(same) > 1 and wanted not in same:
        raise NotVisible(f"no menu {action!r} in a block {wanted!r}")
    return action if len(same) == 1 else wanted
