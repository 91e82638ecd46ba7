"""What Slack accepts as the blocks of a message or as a modal; everything else is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import limits
from sandbox.slack.elements import (
    BUTTON_LIKE,
    IDENTIFIER,
    IMAGE,
    IMAGE_FIELDS,
    INPUTS,
    MENUS,
    MULTI_MENUS,
    plain,
    rich,
)
from sandbox.slack.schema import also, array, boolean, one_of, record, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.slack.model import Json
    from sandbox.slack.schema import Rule

_BLOCK_ID: dict[str, Rule] = {"block_id": IDENTIFIER}


def _text_or_fields(value: object, at: str) -> Iterator[str]:
    if isinstance(value, dict) and not ("text" in value or "fields" in value):
        yield f"missing required field: text or fields [json-pointer:{at}]"


_CONTEXT_TEXT = {
    "plain_text": rich(limits.SECTION_TEXT),
    "mrkdwn": rich(limits.SECTION_TEXT),
}
_BLOCKS: dict[str, Rule] = {
    "section": also(
        record(
            {},
            {
                **_BLOCK_ID,
                "text": rich(limits.SECTION_TEXT),
                "fields": array(rich(limits.FIELD_TEXT), 1, limits.SECTION_FIELDS),
                "accessory": one_of({**BUTTON_LIKE, **MENUS, **MULTI_MENUS, **IMAGE}, "accessory"),
                "expand": boolean,
            },
        ),
        _text_or_fields,
    ),
    "actions": record(
        {"elements": array(one_of({**BUTTON_LIKE, **MENUS}, "element"), 1, limits.ACTIONS)},
        _BLOCK_ID,
    ),
    "context": record(
        {
            "elements": array(
                one_of({**IMAGE, **_CONTEXT_TEXT}, "element"), 1, limits.CONTEXT_ELEMENTS
            )
        },
        _BLOCK_ID,
    ),
    "divider": record({}, _BLOCK_ID),
    "header": record({"text": plain(limits.HEADER_TEXT)}, _BLOCK_ID),
    "image": record(IMAGE_FIELDS, {**_BLOCK_ID, "title": plain(limits.ALT_TEXT)}),
    "input": record(
        {"label": plain(limits.INPUT_LABEL), "element": one_of(INPUTS, "element")},
        {
            **_BLOCK_ID,
            "hint": plain(limits.INPUT_LABEL),
            "optional": boolean,
            "dispatch_action": boolean,
        },
    ),
}
_BLOCK = one_of(_BLOCKS, "block")


def elements_of(block: Json) -> list[Json]:
    """Return the elements of a block that people can use."""
    several = [e for e in block.get("elements", []) if block["type"] == "actions"]
    single = [block[name] for name in ("accessory", "element") if name in block]
    return [element for element in several + single if element["type"] != "image"]


def _unique_ids(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        return
    seen: set[str] = set()
    for index, block in enumerate(value):
        block_id = block.get("block_id")
        if block_id in seen:
            yield f"block_id must be unique: {block_id} [json-pointer:{at}/{index}/block_id]"
        elif block_id is not None:
            seen.add(block_id)
        actions = [e["action_id"] for e in elements_of(block) if "action_id" in e]
        if len(actions) != len(set(actions)):
            yield f"action_id must be unique within a block [json-pointer:{at}/{index}]"


def _block_list(low: int, high: int) -> Rule:
    return also(array(_BLOCK, low, high), _unique_ids)


_MESSAGE = _block_list(0, limits.MESSAGE_BLOCKS)
_MODAL_BUTTON = plain(limits.MODAL_TITLE)


def _inputs_need_submit(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or "submit" in value:
        return
    if any(block["type"] == "input" for block in value["blocks"]):
        yield f"missing required field: submit [json-pointer:{at}]"


_MODAL = one_of(
    {
        "modal": also(
            record(
                {
                    "title": plain(limits.MODAL_TITLE),
                    "blocks": _block_list(1, limits.MODAL_BLOCKS),
                },
                {
                    "submit": _MODAL_BUTTON,
                    "close": _MODAL_BUTTON,
                    "private_metadata": string(limits.PRIVATE_METADATA, low=0),
                    "callback_id": IDENTIFIER,
                    "external_id": IDENTIFIER,
                    "clear_on_close": boolean,
                    "notify_on_close": boolean,
                    "submit_disabled": boolean,
                },
            ),
            _inputs_need_submit,
        )
    },
    "view",
)


def problems_of_message(blocks: object) -> list[str]:
    """Return what is wrong with a message's blocks, in Slack's words; nothing if they are fine."""
    return list(_MESSAGE(blocks, "/blocks"))


def problems_of_modal(view: object) -> list[str]:
    """Return what is wrong with a modal's view, in Slack's words; nothing if it is fine."""
    return list(_MODAL(view, "/view"))
