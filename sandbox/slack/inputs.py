"""What the menus and inputs of a message or modal hold, by block id and action id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.blocks import elements_of

if TYPE_CHECKING:
    from sandbox.slack.model import Blocks, Json

STATELESS = {"button", "overflow"}


def initial_state(blocks: Blocks) -> Json:
    """Return what the inputs of blocks hold before anybody touched them."""
    state: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] not in STATELESS:
                entry = {"type": element["type"], **_initial_value(element)}
                state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def state_of(blocks: Blocks, held: Json) -> Json:
    """Return what the inputs of blocks hold now, `held` being what they held before.

    An input with the same block id and action id keeps what it had, even where nobody had touched
    it: a new initial value of such an input isn't submitted, though Slack's client may show it
    (seen in public issues: bolt-js 290, bolt-python 572 and 1064).
    """
    state = initial_state(blocks)
    for block_id, entries in state.items():
        for action_id, entry in entries.items():
            before = held.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == entry["type"]:
                entries[action_id] = before
    return state


def _initial_value(element: Json) -> Json:
    match element["type"]:
        case "plain_text_input":
            return {"value": element.get("initial_value") or None}
        case "users_select":
            return {"selected_user": element.get("initial_user")}
        case "checkboxes" | "multi_static_select":
            return {"selected_options": element.get("initial_options", [])}
        case _:
            return {"selected_option": element.get("initial_option")}
