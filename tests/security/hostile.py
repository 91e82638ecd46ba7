"""Words from outside that would be more than words, and a look at all that Slack was sent."""

import re
from collections.abc import Iterator

from tests.scenario.world import World
from tests.unit.handlers.limits import check_notation

TURNED = "\u202e\u2066\u200b\u200d\ufeff"
"""They turn the writing around, or hide in it."""

WORDS = {
    "calls of everybody": "<!channel> <!here> <!everyone> @channel",
    "mentions": "<@U0EVE00001> <@U0EVE00001|boss> <!subteam^S0EVERYBODY> <#C0GENERAL01|news>",
    "links": "<https://evil.example|Salesforce> <mailto:x@evil.example|IT>",
    "half a mark": "> <!chan & nel> <https://evil.example| &lt;!here&gt; |Salesforce>",
    "formatting": "*bold* _slanted_ ~gone~ `code` ```block``` > quoted :x:",
    "an odd backtick": "` <!channel> ``` <!here> `",
    "turned around": f"{TURNED}<!channel>{TURNED}nocilS\u200e",
    "lines": '\r\n\r\n{"event": "forged"}\n*forged*\x1b[31mred\x1b[2J\x00\x07\x9b1m',
    "SOQL": "' OR Name LIKE '%' OR Id != '\\' LIMIT 1 -- \" {0} %s _ %",
}

TOGETHER = [tuple(WORDS)[first::3] for first in range(3)]
"""Three at a time, of different kinds: each story costs seconds."""

_MARKS = (
    *("<!channel", "<!here", "<!everyone", "<@U0EVE00001|", "S0EVERYBODY>", "<https://evil"),
    *("<mailto:", "`code`", "```"),
)
_FORMATTING = ("*bold*", "_slanted_", "~gone~", "*forged*")
"""In a code span they format nothing, and stay as they are, to be copied."""
_CODE = re.compile(r"`[^`\n]*`")


def texts(value: object, kind: str = "mrkdwn") -> Iterator[tuple[str, str]]:
    """Every text in a payload, and whether Slack reads notation in it."""
    if isinstance(value, dict):
        own = value.get("type")
        kind = own if own in {"mrkdwn", "plain_text"} else kind
        for name, inner in value.items():
            yield from texts(inner, kind) if name in _HOLDING or name == "text" else ()
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner, kind)
    elif isinstance(value, str):
        yield kind, value


_HOLDING = frozenset(
    {"blocks", "elements", "fields", "accessory", "label", "title", "options", "option_groups"}
    | {
        "confirm",
        "deny",
        "view",
        "submit",
        "close",
        "placeholder",
        "hint",
        "description",
        "element",
    }
)


def look_at_slack(world: World) -> str:
    """Check every text that Slack was sent or answered with, and return all of it."""
    sent = [call.args for call in world.slack.calls]
    sent += [
        {"text": shown.text, "blocks": shown.blocks}
        for name in ("ada", "eve", "ivan")
        for shown in world.person(name).sees()
        if shown.ephemeral
    ]
    said = []
    for payload in sent:
        for kind, text in texts(payload):
            said.append(text)
            assert not set(text) & set(f"{TURNED}\x00\x07\x1b\x9b\r"), repr(text)
            if kind == "mrkdwn":
                check_notation(text)
                assert [one for one in _MARKS if one in text] == [], text
                outside = _CODE.sub("", text)
                assert [one for one in _FORMATTING if one in outside] == [], text
    return "\n".join(said)
