from __future__ import annotations

import pytest

from sandbox.slack.mrkdwn import Reader, readable
from sandbox.slack.screen import draw_blocks
from tests.unit.sandbox.slack.support import actions, button, option, plain, section, text_input

# 15 January 2027, 08:00 UTC.
NOW = 1_800_000_000
NAMES = {"U1": "Ada Lovelace", "C1": "general", "S1": "it-approvers"}
READER = Reader(NAMES.get, "Asia/Tokyo", NOW)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("*bold* &amp; <https://x.example|link>", "*bold* & link (https://x.example)"),
        ("<https://x.example>", "https://x.example"),
        ("<@U1> <@U9|old> <@U9>", "@Ada Lovelace @old @U9"),
        (
            "<#C1|x> <!subteam^S1> <!subteam^S2> <!here> <!channel>",
            "#general @it-approvers @S2 @here @channel",
        ),
        (f"<!date^{NOW}^{{date_num}} {{time}}|soon>", "2027-01-15 17:00"),
        (f"<!date^{NOW}^{{date_pretty}} at {{time}}|soon>", "today at 17:00"),
        (f"<!date^{NOW + 86400}^{{date_short_pretty}}|soon>", "tomorrow"),
        (f"<!date^{NOW - 86400}^{{date_long_pretty}}|soon>", "yesterday"),
        (f"<!date^{NOW + 9 * 86400}^{{date_short}}, {{date}}|x>", "Jan 24, 2027, January 24, 2027"),
        (f"<!date^{NOW}^{{date_long}} {{time_secs}}|x>", "Friday, January 15, 2027 17:00:00"),
        (f"<!date^{NOW - 600}^{{ago}}^https://x.example|x>", "10 minutes ago"),
        (f"<!date^{NOW + 10800}^{{ago}} {{what}}|x>", "in 3 hours {what}"),
        ("&lt;@U1&gt;", "<@U1>"),
    ],
)
def test_marks_are_read_as_slack_shows_them(text: str, seen: str) -> None:
    assert readable(text, READER) == seen


def test_without_a_time_zone_the_time_is_still_true() -> None:
    reader = Reader(NAMES.get, "Nowhere/Land", NOW)
    assert readable(f"<!date^{NOW}^{{time}}|x>", reader) == "15 January 2027 at 08:00 UTC"


def test_blocks_are_read_from_top_to_bottom() -> None:
    picture = {"type": "image", "image_url": "https://x.example", "alt_text": "chart"}
    blocks = [
        {"type": "header", "text": plain("Reset")},
        section("Hi <@U1>", accessory=picture),
        {"type": "divider"},
        {"type": "section", "fields": [plain("a"), plain("b")]},
        {"type": "context", "elements": [plain("small"), picture]},
        actions(
            button("Reset my token", "go"),
            {
                "type": "checkboxes",
                "action_id": "c",
                "options": [option("A", "a"), option("B", "b")],
                "initial_options": [option("B", "b")],
            },
            {"type": "users_select", "action_id": "u", "initial_user": "U1"},
            {"type": "users_select", "action_id": "v"},
        ),
        text_input("b", "t", element={"initial_value": "typed"}, hint=plain("short")),
        picture,
    ]
    named = [{"block_id": str(n), **block} for n, block in enumerate(blocks)]
    assert draw_blocks(named, READER).split("\n") == [
        "*Reset*",
        "Hi @Ada Lovelace",
        "(chart)",
        "─" * 24,
        "a",
        "b",
        "small (chart)",
        "[ Reset my token ] ( A | ● B ) ( @Ada Lovelace ) ( a person )",
        "Reason: [typed]",
        "short",
        "(chart)",
    ]
