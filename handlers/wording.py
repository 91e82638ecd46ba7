"""Words from outside made harmless, and times, people and links in Slack's notation."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Literal

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

# An invisible character between two words would switch formatting on rather than off, so the marks
# themselves go: each is replaced by its nearest look-alike.
_LOOK_ALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_IN_CODE = {"`": "\u02cb"}

_EMOJI = re.compile(r":(?=[^\s:]+:)")
"""A colon that begins what may be an emoji's name, such as ":x:"."""
_COLON = "\u2236"

_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")

_LONGEST_LINK = 2000
"""Well under the 3000 characters that a section's text or a button's URL may have."""

MOST_MENTIONS = 40

MAIL_SUBJECT = "“Your new Salesforce security token”"
"""Of the mail with the token, seen in public accounts. Its sender varies, so none is named."""


def plain(text: str, limit: int) -> str:
    """One line without control or invisible characters, at most `limit` characters.

    For `plain_text` objects, in which Slack reads no mentions, links or formatting.
    """
    line = _one_line(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def plain_ends(text: str, limit: int) -> str:
    """Like `plain`, but cut in the middle: two usernames often differ only in their ends."""
    line = _one_line(text)
    if len(line) <= limit:
        return line
    head = (limit - 1) // 2
    return f"{line[:head]}…{line[len(line) - (limit - 1 - head) :]}"


def safe(text: str, limit: int = 300) -> str:
    """Text from outside, fit to stand inside a sentence of `mrkdwn`.

    It mentions nobody, links nowhere, formats nothing, draws no emoji by its name and is one line
    of at most `limit` characters as sent.
    """
    return _cut(_EMOJI.sub(_COLON, _one_line(text)), _ENTITIES | _LOOK_ALIKES, limit)


def code(text: str, limit: int = 200) -> str:
    """Text from outside as a code span: what people copy, such as a username, stays exact.

    Only a backtick is replaced. An empty text becomes a dash, as an empty span isn't one.
    """
    return f"`{_cut(_one_line(text), _ENTITIES | _IN_CODE, limit - 2) or '-'}`"


def quoted(text: str, limit: int = 1500) -> str:
    """Somebody's words, in quotation marks."""
    return f"“{safe(text, limit - 2)}”"


def when(at: datetime, style: Literal["time", "date", "date_time"] = "time") -> str:
    """Write a time that every reader sees in their own time zone; the fall-back text is in UTC."""
    utc = at.astimezone(UTC)
    date = f"{utc.day} {utc:%B %Y}"
    shown, fallback = {
        "time": ("{time}", f"{utc:%H:%M} UTC"),
        "date": ("{date}", date),
        "date_time": ("{date_short_pretty} at {time}", f"{date} at {utc:%H:%M} UTC"),
    }[style]
    return f"<!date^{int(utc.timestamp())}^{shown}|{fallback}>"


def next_minute(at: datetime) -> datetime:
    """Round up: times are shown to the minute, and "from 16:58" must hold at 16:58:00."""
    return (
        at
        if at.second == at.microsecond == 0
        else at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )


def org_label(name: str) -> str:
    """Write an org's name as people read it: "production" is "Production"."""
    return safe(plain_org(name), 60)


def plain_org(name: str) -> str:
    """Do the same for a `plain_text` object."""
    return plain(name.replace("_", " ").title(), 60)


def person(user_id: str) -> str:
    """Mention somebody in Slack."""
    return f"<@{user_id}>" if _PERSON.fullmatch(user_id) else code(user_id, 60)


def channel(channel_id: str) -> str:
    """Name a channel; Slack shows its name to those who may see it."""
    return f"<#{channel_id}>" if _CHANNEL.fullmatch(channel_id) else code(channel_id, 60)


def it(it_channel: str) -> str:
    """Name IT together with its channel."""
    return f"IT ({channel(it_channel)})"


def mentions(approvers: tuple[str, ...]) -> str:
    """Mention IT's approvers, people and user groups. Empty when there are none."""
    return " ".join(
        f"<!subteam^{one}>" if _GROUP.fullmatch(one) else person(one)
        for one in approvers[:MOST_MENTIONS]
    )


def link(url: str, label: str) -> str | None:
    """Write a link; None when the address is no web address or too long for a message."""
    if not url.startswith(("https://", "http://")) or len(url) > _LONGEST_LINK:
        return None
    address = "".join(_IN_LINKS.get(letter, letter) for letter in _one_line(url))
    return f"<{address}|{safe(label, 100)}>"


_IN_LINKS = {"&": "&amp;", "<": "%3C", ">": "%3E", "|": "%7C", " ": "%20", "`": "%60"}


def _one_line(text: str) -> str:
    """Control, formatting and unassigned characters go: some of them turn text around."""
    spaced = " ".join(text.split())
    return "".join(
        letter for letter in spaced if not unicodedata.category(letter).startswith("C")
    ).strip()


def _cut(text: str, replaced: dict[str, str], limit: int) -> str:
    """Replace, and cut between two characters, so that no entity is cut in half."""
    parts = [replaced.get(letter, letter) for letter in text]
    if sum(map(len, parts)) <= limit:
        return "".join(parts)
    length, kept = 1, []
    for part in parts:
        length += len(part)
        if length > limit:
            break
        kept.append(part)
    return f"{''.join(kept)}…"
