"""Find the element a person means, and say in Slack's terms what they did with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slack.blocks import elements_of
from sandbox.slack.screen import options_of, text_of

if TYPE_CHECKING:
    from sandbox.slack.model import Blocks, Json
    from sandbox.slack.mrkdwn import Reader

_STATELESS = {"button", "overflow"}


class NotVisible(AssertionError):
    """The person can't do this: what they were to press, choose or fill in isn't on screen."""


@dataclass(frozen=True, slots=True)
class Place:
    """An element and the block that it is in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The id of the block."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The id of the element."""
        return str(self.element["action_id"])

    @property
    def keeps_state(self) -> bool:
        """Whether what was entered stays in the message or modal, as with menus and inputs."""
        return self.element["type"] not in _STATELESS

    @property
    def dispatches(self) -> bool:
        """Whether the bot hears of it at once."""
        return self.block["type"] != "input" or self.block.get("dispatch_action") is True


def find_button(blocks: Blocks, which: str, reader: Reader) -> Place | None:
    """Return the button with this action id or label."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] != "button":
                continue
            if which in {element["action_id"], text_of(element["text"], reader)}:
                return Place(block, element)
    return None


def find_field(blocks: Blocks, which: str) -> Place | None:
    """Return the menu or input with this action id or block id."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] == "button":
                continue
            if which in {element["action_id"], block["block_id"]}:
                return Place(block, element)
    return None


def chosen(place: Place, choice: str | int, reader: Reader) -> Json:
    """Return what the choice of an option (label, value or index) means in Slack's terms.

    In a text field `choice` is what is typed, in a people's menu a user id. Raises `NotVisible`
    for an option that isn't offered.
    """
    kind = place.element["type"]
    if kind == "plain_text_input":
        return {"value": str(choice) or None}
    if kind == "users_select":
        return {"selected_user": choice}
    option = _option(options_of(place.element), choice, reader)
    return {"selected_options": [option]} if kind == "checkboxes" else {"selected_option": option}


def _option(options: list[Json], choice: str | int, reader: Reader) -> Json:
    if isinstance(choice, int):
        if not -len(options) <= choice < len(options):
            raise NotVisible(f"no option {choice} among {len(options)}")
        return options[choice]
    for option in options:
        if choice in {text_of(option["text"], reader), option["value"]}:
            return option
    offered = [text_of(option["text"], reader) for option in options]
    raise NotVisible(f"no option {choice!r}; offered: {offered}")


def action_of(place: Place, value: Json, ts: str) -> Json:
    """Return an entry of a payload's `actions`."""
    element = place.element
    action: Json = {
        "type": element["type"],
        "action_id": place.action_id,
        "block_id": place.block_id,
        "action_ts": ts,
        **value,
    }
    kept = ("text", "value", "style", "url", "placeholder") if element["type"] == "button" else ()
    return action | {name: element[name] for name in kept if name in element}


def initial_state(blocks: Blocks) -> Json:
    """Return what the inputs of blocks hold before anybody touched them."""
    state: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] not in _STATELESS:
                entry = {"type": element["type"], **_initial_value(element)}
                state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def _initial_value(element: Json) -> Json:
    match element["type"]:
        case "plain_text_input":
            return {"value": element.get("initial_value") or None}
        case "users_select":
            return {"selected_user": element.get("initial_user")}
        case "checkboxes":
            return {"selected_options": element.get("initial_options", [])}
        case _:
            return {"selected_option": element.get("initial_option")}


def refusal_of_client(block: Json, entry: Json) -> str | None:
    """Return why Slack's client itself wouldn't submit this input, or `None`."""
    held = next((value for name, value in entry.items() if name != "type"), None)
    if not held:
        return None if block.get("optional") else "This is a required field"
    element = block["element"]
    if element["type"] == "plain_text_input":
        if len(held) < element.get("min_length", 0):
            return "This entry is too short"
        if len(held) > element.get("max_length", 3000):
            return "This entry is too long"
    return None
