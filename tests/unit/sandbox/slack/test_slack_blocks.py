from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack.blocks import problems_of_message, problems_of_modal
from tests.unit.sandbox.slack.support import (
    actions,
    button,
    modal,
    option,
    plain,
    section,
    text_input,
)

Block = dict[str, Any]


def _confirm(**changed: object) -> Block:
    return {
        "title": plain("Sure?"),
        "text": plain("Really?"),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    } | changed


def _select(**changed: object) -> Block:
    return {"type": "static_select", "action_id": "s", "options": [option("A", "a")]} | changed


def _few(kind: str, number: int) -> Block:
    return _select(type=kind, options=[option("A", str(n)) for n in range(number)])


def _several(**changed: object) -> Block:
    """A menu from which several are chosen, beside a text."""
    menu = _select(type="multi_static_select") | changed
    return section("x", accessory={name: value for name, value in menu.items() if value})


FULL = [
    {"type": "header", "text": plain("Reset")},
    section("*Hello*", accessory=button("Go", "go", style="primary", confirm=_confirm())),
    {"type": "section", "fields": [plain("x")] * 10},
    {"type": "divider"},
    {"type": "context", "elements": [plain("small"), {"type": "mrkdwn", "text": "print"}]},
    actions(button("A", "a", value="v" * 2000), button("B", "b", url="https://x.example/")),
    actions(
        _select(option_groups=[{"label": plain("g"), "options": [option("A", "a")]}], options=None)
    ),
    text_input("reason", "text", element={"multiline": True, "max_length": 3000}),
    {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "picture"},
    _several(
        options=[option("A" * 75, "a" * 150), *(option("B", str(n)) for n in range(99))],
        initial_options=[option("B", "0"), option("B", "98")],
        max_selected_items=2,
        placeholder=plain("x" * 150),
        confirm=_confirm(),
    ),
]
del FULL[6]["elements"][0]["options"]


def test_a_message_that_keeps_every_rule_is_accepted() -> None:
    assert problems_of_message(FULL) == []


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text"),
        ([section("")], "must be more than 0 characters"),
        ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items"),
        ([{"type": "section", "fields": [plain("x" * 2001)]}], "less than 2001"),
        ([{"type": "section"}], "missing required field: text or fields"),
        ([actions(*[button("A", f"a{n}") for n in range(26)])], "no more than 25 items"),
        ([actions()], "no fewer than 1 items"),
        ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items"),
        ([{"type": "header", "text": plain("x" * 151)}], "less than 151"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be plain_text"),
        ([actions(button("x" * 76, "a"))], "less than 76"),
        ([actions({**button("x", "a"), "text": {"type": "mrkdwn", "text": "x"}})], "plain_text"),
        ([actions({**button("x", "a"), "text": "x"})], "must be an object"),
        ([actions(button("x", "a", value="v" * 2001))], "less than 2001"),
        ([actions(button("x", "a", value=7))], "must be a string"),
        ([actions(button("x", "a" * 256))], "less than 256"),
        ([actions(button("x", "a", style="loud"))], "must be one of: primary, danger"),
        ([actions(button("x", "a", url="https://" + "x" * 3000))], "less than 3001"),
        ([actions(button("x", "a", colour="red"))], "invalid additional property: colour"),
        ([actions(button("x", "a"), button("y", "a"))], "action_id must be unique"),
        ([section("x", block_id="b" * 256)], "less than 256"),
        ([section("x", block_id="b"), section("y", block_id="b")], "block_id must be unique: b"),
        ([actions(_select(options=[option("x" * 76, "a")]))], "less than 76"),
        ([actions(_select(options=[option("A", "a" * 151)]))], "less than 151"),
        ([actions(_select(options=[]))], "no fewer than 1 items"),
        ([actions(_select(options=[option("A", str(n)) for n in range(101)]))], "no more than 100"),
        ([actions(_select(initial_option=option("B", "b")))], "must be one of the options"),
        ([actions({"type": "static_select", "action_id": "s"})], "exactly one of options"),
        ([_several(options=[option("A", str(n)) for n in range(101)])], "no more than 100"),
        ([_several(options=None)], "exactly one of options"),
        ([_several(options=[option("x" * 76, "a")])], "less than 76"),
        ([_several(options=[option("A", "a" * 151)])], "less than 151"),
        ([_several(placeholder=plain("x" * 151))], "less than 151"),
        ([_several(initial_options=[option("B", "b")])], "must be one of the options"),
        ([_several(initial_option=option("A", "a"))], "invalid additional property"),
        ([_several(max_selected_items=-1)], "must be from 1 to 100"),
        (
            [
                _several(
                    options=[option("A", "a"), option("B", "b")],
                    initial_options=[option("A", "a"), option("B", "b")],
                    max_selected_items=1,
                )
            ],
            "no more than 1 initial options",
        ),
        ([actions(_select(type="multi_static_select"))], "unsupported type for element"),
        *(
            ([actions(_few(kind, number=11))], "no more than 10 items")
            for kind in ("checkboxes", "radio_buttons")
        ),
        ([actions(button("x", "a", confirm=_confirm(title=plain("x" * 101))))], "less than 101"),
        ([actions(button("x", "a", confirm=_confirm(text=plain("x" * 301))))], "less than 301"),
        ([actions(button("x", "a", confirm=_confirm(deny=plain("x" * 31))))], "less than 31"),
        ([actions(button("x", "a", confirm={"title": plain("x")}))], "missing required field"),
        ([actions(button("x", "a", confirm="yes"))], "must be an object"),
        ([actions({"type": "sparkline", "action_id": "s"})], "unsupported type for element"),
        ([{"type": "carousel"}], "unsupported type for block: carousel"),
        ([{"text": plain("x")}], "unsupported type for block: None"),
        ([{"type": "section", "text": {"type": "html", "text": "x"}}], "unsupported type for text"),
        (["section"], "must be an object"),
        ({"type": "section"}, "must be an array"),
        ([section("x", expand="yes")], "must be a boolean"),
        ([text_input("b", "a", element={"min_length": -1})], "must be from 0 to 3000"),
        ([text_input("b", "a", element={"max_length": "9"})], "must be an integer"),
        ([{"type": "header", "text": plain("x") | {"verbatim": True}}], "additional property"),
    ],
)
def test_what_slack_refuses_in_a_message_is_refused_and_named(
    blocks: object, complaint: str
) -> None:
    assert any(complaint in problem for problem in problems_of_message(blocks))


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(section("x"), title=plain("x" * 25)), "less than 25 characters [json-pointer:/view"),
        (modal(section("x"), submit=plain("x" * 25)), "less than 25"),
        (modal(section("x"), close=plain("x" * 25)), "less than 25"),
        (modal(section("x"), private_metadata="x" * 3001), "less than 3001"),
        (modal(section("x"), callback_id="x" * 256), "less than 256"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items"),
        (modal(), "no fewer than 1 items"),
        (modal(section("x"), mood="x"), "invalid additional property: mood"),
        ({"type": "popup"}, "unsupported type for view"),
        ({"type": "modal", "title": plain("x")}, "missing required field: blocks"),
        ("modal", "must be an object"),
    ],
)
def test_what_slack_refuses_in_a_modal_is_refused_and_named(view: object, complaint: str) -> None:
    assert any(complaint in problem for problem in problems_of_modal(view))


def test_a_modal_with_inputs_needs_a_submit_button() -> None:
    view = modal(text_input("b", "a"))
    assert problems_of_modal(view) == []
    del view["submit"]
    assert problems_of_modal(view) == ["missing required field: submit [json-pointer:/view]"]


def test_a_modal_may_hold_more_blocks_than_a_message() -> None:
    assert problems_of_modal(modal(*[{"type": "divider"}] * 100)) == []
