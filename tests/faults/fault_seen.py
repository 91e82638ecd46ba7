"""What people have on screen, in short and without ids and times, and how two screens differ."""

import re
from collections import Counter
from collections.abc import Iterator

from sandbox.slack.shown import Shown
from tests.faults.fault_flows import WHERE, Flow, on_screens
from tests.scenario.world import World

Line = tuple[str, str, str]
"""Who, where, and the line."""

Seen = tuple[Line, ...]

NOTHING_OF_IT = "nothing of it"

_NAMES = {"ada": "Ada", "eve": "Eve", "ivan": "Ivan"}
_TELLING = ("❌", "❓", "⏸")
_COULDNT = re.compile(r"I couldn't|couldn't be read")


def seen(world: World, flow: Flow) -> Seen:
    """The lines that tell how it went: of each message its first words, and whatever is amiss."""
    found = [
        (who, where, line)
        for who, where, shown in on_screens(world, flow)
        for line in _lines(shown)
    ]
    forms = [
        (who, "form", _short(modal.plain.splitlines()[1]))
        for who in dict(flow.onlookers)
        if (modal := world.person(who).modal) is not None
    ]
    return tuple(found + forms)


def _lines(shown: Shown) -> Iterator[str]:
    lines = shown.plain.splitlines()
    first = lines[0] if _COULDNT.search(lines[0]) else shown.text.splitlines()[0]
    yield _short(first)
    for line in lines[1:]:
        amiss = _COULDNT.search(line) and not _COULDNT.search(first)
        if amiss or line.startswith(_TELLING):
            yield _short(line)


def _short(line: str) -> str:
    line = re.sub(r"(today|tomorrow|\w+ \d+, \d{4}) at \d\d:\d\d|\b\d\d:\d\d\b", "…", line)
    line = re.sub(r"<!date[^>]*>|`[^`]*@[^`]*`|\b[0-9a-f]{32}\b", "…", line)
    line = re.sub(r"(<@U0ADA00001>|@Ada Lovelace)( \([^)]*\))?", "Ada", line)
    line = re.sub(r"\b[0-5] of 6 steps", "some of 6 steps", line)  # one that is no longer edited
    line = re.sub(r"<!subteam[^>]*> ?", "", line)
    return line.replace("*", "").replace("|", "/").strip()


def difference(clean: Seen, now: Seen) -> str:
    """Say what somebody saw that isn't there when all is well, or missed that is."""
    more, less = Counter(now) - Counter(clean), Counter(clean) - Counter(now)
    if not more and not less:
        return NOTHING_OF_IT
    said = _said([line for line in dict.fromkeys(now) if line in more], clean)
    if not said:
        said = f"all but {_said([line for line in dict.fromkeys(clean) if line in less])}"
    return said


def _said(lines: list[Line], clean: Seen = ()) -> str:
    """Quote lines, with what is in `clean` already as said twice."""
    said = []
    for who, where, words in lines:
        place = "in a form" if where == "form" else WHERE[where]
        twice = ", twice" if (who, where, words) in clean else ""
        said.append(f"{_NAMES[who]}, {place}{twice}: “{words}”")
    return "; ".join(said)
