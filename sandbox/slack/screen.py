"""Draw blocks, messages and modals as plain text, the way a person would read them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.mrkdwn import readable

if TYPE_CHECKING:
    from sandbox.slack.model import Blocks, Json
    from sandbox.slack.mrkdwn import Reader

RULE = "─" * 24


def text_of(text: Json | None, reader: Reader) -> str:
    """Return a text object as it reads."""
    if text is None:
        return ""
    words = str(text["text"])
    return words if text["type"] == "plain_text" else readable(words, reader)


def draw_blocks(blocks: Blocks, reader: Reader, entered: Json | None = None) -> str:
    """Return blocks as text, a block a paragraph; `entered` is what inputs hold, by block id."""
    drawn = (_draw(block, reader, (entered or {}).get(block["block_id"], {})) for block in blocks)
    return "\n".join(lines for lines in drawn if lines)


def draw_message(text: str, blocks: Blocks, reader: Reader) -> str:
    """Return what a message shows: its blocks, or its text when it has none."""
    return draw_blocks(blocks, reader) if blocks else readable(text, reader)


def draw_modal(view: Json, entered: Json, errors: dict[str, str], reader: Reader) -> str:
    """Return a modal as text: title, blocks, faults named under their fields, its buttons."""
    lines = [f"== {text_of(view['title'], reader)} =="]
    for block in view["blocks"]:
        lines.append(draw_blocks([block], reader, entered))
        if block["block_id"] in errors:
            lines.append(f"  ! {errors[block['block_id']]}")
    close = text_of(view.get("close"), reader) or "Close"
    buttons = [f"[ {close} ]"]
    if view.get("submit"):
        buttons.append(f"[ {text_of(view['submit'], reader)} ]")
    return "\n".join([*lines, " ".join(buttons)])


def _draw(block: Json, reader: Reader, entered: Json) -> str:
    match block["type"]:
        case "divider":
            return RULE
        case "header":
            return f"*{text_of(block['text'], reader)}*"
        case "image":
            return f"({block['alt_text']})"
        case "context":
            return " ".join(_context_element(e, reader) for e in block["elements"])
        case "actions":
            return " ".join(draw_element(e, reader, entered) for e in block["elements"])
        case "input":
            field = draw_element(block["element"], reader, entered)
            hint = text_of(block.get("hint"), reader)
            label = text_of(block["label"], reader)
            if block.get("optional"):
                label += " (optional)"
            return "\n".join(part for part in (f"{label}: {field}", hint) if part)
        case _:
            return _section(block, reader, entered)


def _section(block: Json, reader: Reader, entered: Json) -> str:
    parts = [text_of(block.get("text"), reader)]
    parts += [text_of(field, reader) for field in block.get("fields", [])]
    if "accessory" in block:
        parts.append(draw_element(block["accessory"], reader, entered))
    return "\n".join(part for part in parts if part)


def _context_element(element: Json, reader: Reader) -> str:
    if element["type"] == "image":
        return f"({element['alt_text']})"
    return text_of(element, reader)


def draw_element(element: Json, reader: Reader, entered: Json) -> str:
    """Return an element as text: `[ button ]`, `( choices )` or `[what was typed]`."""
    value = entered.get(element["action_id"], {}) if "action_id" in element else {}
    match element["type"]:
        case "button":
            return f"[ {text_of(element['text'], reader)} ]"
        case "image":
            return f"({element['alt_text']})"
        case "plain_text_input":
            typed = value.get("value", element.get("initial_value"))
            return f"[{typed or '…'}]"
        case "users_select":
            chosen = value.get("selected_user", element.get("initial_user"))
            return f"( @{reader.name_of(chosen) or chosen} )" if chosen else "( a person )"
        case _:
            return _menu(element, reader, value)


def _menu(element: Json, reader: Reader, value: Json) -> str:
    picked = value.get("selected_option", element.get("initial_option"))
    several: Blocks = element.get("initial_options", [])
    chosen = [*value.get("selected_options", several), picked]
    return (
        "( "
        + " | ".join(
            ("● " if option in chosen else "") + text_of(option["text"], reader)
            for option in options_of(element)
        )
        + " )"
    )


def options_of(element: Json) -> list[Json]:
    """Return the options of a menu, those in groups too."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]
