"""Slack's limits on blocks, checked beside what the SDK's models and the sandbox's Slack check."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.message import Message
from sandbox.slack.blocks import problems_of_message, problems_of_modal

NOTATION = re.compile(
    r"<(@[UW][A-Z0-9]+"
    r"|#[CG][A-Z0-9]+"
    r"|!subteam\^S[A-Z0-9]+"
    r"|!date\^-?\d+\^[^|<>]+\|[^|<>]+"
    r"|https?://[^|<>\s]+\|[^|<>]+)>"
)
"""All that the bot ever writes between angle brackets."""


def check_text(message: Message) -> None:
    assert 0 < len(message.text) <= 3000
    check_notation(message.text)


def check_message(message: Message) -> None:
    check_text(message)
    assert 0 < len(message.blocks) <= 50
    check_blocks(message.blocks)
    assert problems_of_message(list(message.blocks)) == []


def check_view(view: dict[str, Any]) -> None:
    assert 0 < len(view["blocks"]) <= 100
    for part in ("title", "submit", "close"):
        if part in view:
            assert 0 < len(view[part]["text"]) <= 24
    assert len(view.get("private_metadata", "")) <= 3000
    check_blocks(view["blocks"])
    assert problems_of_modal(view) == []


def check_blocks(blocks: Sequence[Mapping[str, Any]]) -> None:
    for block in blocks:
        assert len(block.get("block_id", "")) <= 255
        match block["type"]:
            case "section":
                assert 0 < len(block["text"]["text"]) <= 3000
            case "context":
                assert 0 < len(block["elements"]) <= 10
                assert all(0 < len(one["text"]) <= 3000 for one in block["elements"])
            case "actions":
                ids = [one["action_id"] for one in block["elements"]]
                assert 0 < len(ids) <= 25
                assert len(set(ids)) == len(ids)
                for one in block["elements"]:
                    _check_element(one)
            case "input":
                assert 0 < len(block["label"]["text"]) <= 2000
            case other:
                raise AssertionError(other)
    for text in mrkdwn(blocks):
        assert text["verbatim"] is True
        check_notation(text["text"])


def mrkdwn(value: object) -> Iterator[dict[str, Any]]:
    """Every text object in which Slack reads notation."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value
        for inner in value.values():
            yield from mrkdwn(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from mrkdwn(inner)


def check_notation(text: str) -> None:
    """No bracket but of ours, no ampersand but of an entity, every code span closed."""
    rest = NOTATION.sub("", text)
    assert "<" not in rest
    assert ">" not in rest
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", rest)
    for line in rest.split("\n"):
        assert line.count("`") % 2 == 0


def _check_element(one: dict[str, Any]) -> None:
    assert len(one["action_id"]) <= 255
    if one["type"] == "button":
        assert 0 < len(one["text"]["text"]) <= 75
        assert 0 < len(one["value"]) <= 2000
        assert len(one.get("url", "")) <= 3000
        assert one.get("style") in {None, "primary", "danger"}
    else:
        assert one["type"] == "static_select"
        assert 0 < len(one["options"]) <= 100
        for option in one["options"]:
            assert 0 < len(option["text"]["text"]) <= 75
            assert 0 < len(option["value"]) <= 150
    if "confirm" in one:
        for part, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            assert 0 < len(one["confirm"][part]["text"]) <= most
