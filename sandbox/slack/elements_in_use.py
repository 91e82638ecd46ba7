"""Find the element a person means, and say in Slack's terms what they did with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slack.blocks import elements_of
from sandbox.slack.inputs import STATELESS
from sandbox.slack.screen import options_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from sandbox.slack.model import Blocks, Json, Person
    from sandbox.slack.mrkdwn import Reader

    Choice: TypeAlias = str | int | Sequence[str | int]

_SEVERAL = {"checkboxes", "multi_static_select"}


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
        return self.element["type"] not in STATELESS

    @property
    def dispatches(self) -> bool:
        """Whether the bot hears of it at once."""
        return self.block["type"] != "input" or self.block.get("dispatch_action") is True


def find_button(
    blocks: Blocks, which: str, reader: Reader, value: str | None = None
) -> Place | None:
    """Return the button with this action id or label, and with this value if one is given.

    The value `""` is that of a button without one.
    """
    for block in blocks:
        for element in elements_of(block):
            if element["type"] != "button":
                continue
            if value is not None and value != element.get("value", ""):
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


def chosen(
    place: Place, choice: Choice, reader: Reader, person_of: Callable[[str], Person]
) -> Json:
    """Return what the choice of an option (label, value or index) means in Slack's terms.

    In a text field `choice` is what is typed, in a people's menu somebody's name or id. Where
    several may be chosen it may be a list, which is then all that is chosen. Raises `NotVisible`
    for what isn't offered, and for more than may be chosen.
    """
    kind = place.element["type"]
    if kind in _SEVERAL:
        choices = [choice] if isinstance(choice, str | int) else choice
        return {"selected_options": _several(place.element, choices, reader)}
    if not isinstance(choice, str | int):
        raise NotVisible(f"one thing at a time in {place.action_id!r}, not {choice!r}")
    if kind == "plain_text_input":
        return {"value": str(choice) or None}
    if kind == "users_select":
        return {"selected_user": _offered_person(str(choice), person_of)}
    return {"selected_option": _option(options_of(place.element), choice, reader)}


def _several(element: Json, choices: Sequence[str | int], reader: Reader) -> list[Json]:
    options = options_of(element)
    picked = [_option(options, choice, reader) for choice in choices]
    if any(picked.count(option) > 1 for option in picked):
        raise NotVisible(f"the same option twice among {choices!r}")
    most = element.get("max_selected_items")
    if most is not None and len(picked) > most:
        raise NotVisible(f"no more than {most} may be chosen, not {len(picked)}")
    return picked


def _offered_person(name_or_id: str, person_of: Callable[[str], Person]) -> str:
    try:
        person = person_of(name_or_id)
    except KeyError:
        raise NotVisible(f"nobody is called {name_or_id!r}") from None
    if person.deleted:
        raise NotVisible(f"{name_or_id} is deactivated, and isn't offered")
    return person.id


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
