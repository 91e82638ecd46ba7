"""A message and a modal that hold every block and element that the bot may send."""

from typing import Any


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def option(label: str) -> dict[str, Any]:
    return {"text": plain(label), "value": label.lower()}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("*Really*, &lt;b&gt;really&lt;/b&gt;?"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
MENU = {
    "type": "static_select",
    "action_id": "t.menu",
    "placeholder": plain("Pick one"),
    "option_groups": [{"label": plain("Both"), "options": [option("One"), option("Two")]}],
    "confirm": CONFIRM,
}
MESSAGE: list[dict[str, Any]] = [
    {"type": "header", "text": plain("<i>Header</i>")},
    {
        "type": "section",
        "text": mrkdwn("*Section*"),
        "fields": [mrkdwn("left"), plain("*right*")],
        "accessory": {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a cat"},
    },
    {"type": "divider"},
    {"type": "image", "image_url": "https://a.example/y.png", "alt_text": "a dog"},
    {"type": "context", "elements": [mrkdwn("_small_"), plain("print")]},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "t.go", "text": plain("Go"), "style": "danger"},
            MENU,
            {"type": "users_select", "action_id": "t.who", "placeholder": plain("Who")},
            {
                "type": "overflow",
                "action_id": "t.more",
                "options": [option("More"), option("Less")],
            },
            {
                "type": "radio_buttons",
                "action_id": "t.radio",
                "options": [option("A"), option("B")],
            },
            {"type": "checkboxes", "action_id": "t.boxes", "options": [option("X"), option("Y")]},
        ],
    },
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": plain("A form"),
    "submit": plain("Send"),
    "close": plain("Back"),
    "blocks": [
        {"type": "section", "text": mrkdwn("Fill it *in*.")},
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why"),
            "hint": plain("In a few words"),
            "element": {
                "type": "plain_text_input",
                "action_id": "t",
                "multiline": True,
                "min_length": 3,
            },
        },
        {
            "type": "input",
            "block_id": "one",
            "label": plain("Which one"),
            "element": {
                "type": "static_select",
                "action_id": "t",
                "options": [option("One"), option("Two")],
            },
        },
        {
            "type": "input",
            "block_id": "many",
            "label": plain("Which ones"),
            "element": {
                "type": "multi_static_select",
                "action_id": "t",
                "options": [option("Ape"), option("Bee"), option("Cat")],
            },
        },
        {
            "type": "input",
            "block_id": "boxes",
            "label": plain("Boxes"),
            "optional": True,
            "element": {
                "type": "checkboxes",
                "action_id": "t",
                "options": [option("X"), option("Y")],
                "initial_options": [option("X")],
            },
        },
        {
            "type": "input",
            "block_id": "radio",
            "label": plain("Either"),
            "element": {
                "type": "radio_buttons",
                "action_id": "t",
                "options": [option("A"), option("B")],
            },
        },
        {
            "type": "input",
            "block_id": "who",
            "label": plain("Who"),
            "element": {"type": "users_select", "action_id": "t"},
        },
    ],
}
