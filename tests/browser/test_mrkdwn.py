"""What people write in messages is read as Slack reads it, and never becomes markup."""

from typing import Any

import pytest

from tests.browser.window import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARSE = """async (text) => (await import("/static/js/mrkdwn.js")).parse(text)"""
DRAW = """async (text) => {
  const { drawMrkdwn } = await import("/static/js/mrkdwn_view.js");
  const place = document.createElement("div");
  place.append(...drawMrkdwn(text));
  return place.innerHTML;
}"""


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


READ: dict[str, list[dict[str, Any]]] = {
    "*bold*": [{"type": "bold", "inside": [text("bold")]}],
    "_it_ ~no~": [
        {"type": "italic", "inside": [text("it")]},
        text(" "),
        {"type": "strike", "inside": [text("no")]},
    ],
    "*a _b_*": [
        {"type": "bold", "inside": [text("a "), {"type": "italic", "inside": [text("b")]}]}
    ],
    "2*3*4 snake_case_name": [text("2*3*4 snake_case_name")],
    "* no * bold": [text("* no * bold")],
    "`*code* &lt;b&gt;`": [{"type": "code", "text": "*code* <b>"}],
    "```\nlines\n<@U1>```": [{"type": "pre", "text": "lines\n<@U1>"}],
    "a\nb": [text("a"), {"type": "break"}, text("b")],
    "&gt; said": [{"type": "quote", "inside": [text("said")]}],
    "• one\n• *two*": [
        {"type": "item", "inside": [text("one")]},
        {"type": "item", "inside": [{"type": "bold", "inside": [text("two")]}]},
    ],
    "<@U1|ada>": [{"type": "user", "id": "U1", "text": "ada"}],
    "<#C1>": [{"type": "channel", "id": "C1", "text": ""}],
    "<!subteam^S1>": [{"type": "group", "id": "S1", "text": ""}],
    "<!channel> <!here|here>": [
        {"type": "everyone", "text": "channel"},
        text(" "),
        {"type": "everyone", "text": "here"},
    ],
    "<!date^1767225600^{date} at {time}|then>": [
        {"type": "date", "seconds": 1767225600, "form": "{date} at {time}", "text": "then"}
    ],
    "<https://a.example/?x=1&amp;y=2|a *b*>": [
        {"type": "link", "url": "https://a.example/?x=1&y=2", "text": "a *b*"}
    ],
    ":white_check_mark: 12:30:00": [
        {"type": "emoji", "name": "white_check_mark"},
        text(" 12"),
        {"type": "emoji", "name": "30"},
        text("00"),
    ],
    "&amp;lt;b&amp;gt;": [text("&lt;b&gt;")],
    "<javascript:alert(1)|press me>": [text("press me (javascript:alert(1))")],
    "<data:text/html,x>": [text("data:text/html,x")],
    "<>": [text("<>")],
    "<a<b>": [text("<a"), text("b")],
    "": [],
}

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "&lt;img src=x onerror=alert(1)&gt;",
    '<https://a.example/"onmouseover="alert(1)|x>',
    "<https://a.example|<b>x</b>>",
    "<JaVaScRiPt:alert(1)>",
    "<https:javascript:alert(1)|x>",
    "<@U1|<img src=x>>",
    "<!date^99999999999^{date}|<script>>",
    "<!date^1^<img src=x onerror=alert(1)>|x>",
    "*<svg onload=alert(1)>*",
    "`<svg onload=alert(1)>`",
    ":constructor: <@constructor> <#__proto__>",
    "*_~" * 400 + "x" + "~_*" * 400,
    "*a " * 1500,
    "<" * 3000,
]
ALLOWED = {
    "DIV",
    "STRONG",
    "EM",
    "S",
    "CODE",
    "PRE",
    "A",
    "SPAN",
    "TIME",
    "BR",
    "UL",
    "LI",
    "BLOCKQUOTE",
    "P",
}
ATTRIBUTES = {"class", "href", "target", "rel", "datetime", "title"}

AUDIT = """async (text) => {
  const { drawMrkdwn } = await import("/static/js/mrkdwn_view.js");
  const place = document.createElement("div");
  place.append(...drawMrkdwn(text));
  const all = [...place.querySelectorAll("*")];
  return {
    tags: [...new Set(all.map((one) => one.tagName))],
    attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
    links: all.filter((one) => one.href).map((one) => one.protocol),
  };
}"""


async def test_it_is_read_as_slack_reads_it(
    stage_windows: Windows, subtests: pytest.Subtests
) -> None:
    page = (await stage_windows.open("ada")).page
    for written, wanted in READ.items():
        with subtests.test(written):
            assert await page.evaluate(PARSE, written) == wanted


async def test_nothing_hostile_becomes_markup(
    stage_windows: Windows, subtests: pytest.Subtests
) -> None:
    page = (await stage_windows.open("ada")).page
    for written in HOSTILE:
        with subtests.test(written[:40]):
            drawn = await page.evaluate(AUDIT, written)
            assert set(drawn["tags"]) <= ALLOWED
            assert set(drawn["attributes"]) <= ATTRIBUTES
            assert set(drawn["links"]) <= {"http:", "https:"}


async def test_names_and_times_are_the_readers(stage_windows: Windows) -> None:
    sam = (await stage_windows.open("sam")).page
    drawn = await sam.evaluate(
        DRAW, "<@U0SAM00001> asks <!subteam^S0ITAPPROVERS> <!date^1767225600^{date} {time}|x>"
    )
    assert '<span class="mention me">@Sam Globex</span>' in drawn
    assert '<span class="mention">@it-approvers</span>' in drawn
    assert "December 31, 2025 19:00</time>" in drawn, "New York is five hours behind"
