"""Slack's marks in a text, turned into what a reader sees: mentions, links, dates, entities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = re.compile(r"<([^<>]+)>")
_DATE = re.compile(r"!date\^(\d+)\^([^|^]+)(?:\^([^|]+))?\|(.*)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: how ids become names, the reader's time zone and the present (seconds)."""

    name_of: Callable[[str], str | None]
    tz: str = "UTC"
    now: float = 0


def readable(text: str, reader: Reader) -> str:
    """Return a mrkdwn text as the reader sees it; `*bold*` and other plain marks stay."""
    return unescape(_MARK.sub(lambda mark: _shown(mark.group(1), reader), text))


def _shown(mark: str, reader: Reader) -> str:
    date = _DATE.fullmatch(mark)
    if date is not None:
        return _date(int(date.group(1)), date.group(2), reader)
    target, _, label = mark.partition("|")
    if target.startswith("!subteam^"):
        group = target.removeprefix("!subteam^")
        return f"@{reader.name_of(group) or label.removeprefix('@') or group}"
    if target.startswith("!"):
        return f"@{target.removeprefix('!')}"
    if target[0] in "@#":
        return f"{target[0]}{reader.name_of(target[1:]) or label or target[1:]}"
    return f"{label} ({target})" if label else target


def _date(seconds: int, form: str, reader: Reader) -> str:
    try:
        zone = ZoneInfo(reader.tz)
    except ZoneInfoNotFoundError:
        # A machine without a time zone database still shows a true time, and says which.
        return datetime.fromtimestamp(seconds, UTC).strftime("%d %B %Y at %H:%M UTC")
    when = datetime.fromtimestamp(seconds, zone)
    today = datetime.fromtimestamp(reader.now, zone).date()
    near = {
        today: "today",
        today - timedelta(days=1): "yesterday",
        today + timedelta(days=1): "tomorrow",
    }.get(when.date())
    full = f"{when:%B} {when.day}, {when.year}"
    short = f"{when:%b} {when.day}, {when.year}"
    long = f"{when:%A}, {full}"
    tokens = {
        "{date_num}": f"{when:%Y-%m-%d}",
        "{date}": full,
        "{date_short}": short,
        "{date_long}": long,
        "{date_pretty}": near or full,
        "{date_short_pretty}": near or short,
        "{date_long_pretty}": near or long,
        "{time}": f"{when:%H:%M}",
        "{time_secs}": f"{when:%H:%M:%S}",
        "{ago}": _ago(reader.now - seconds),
    }
    return re.sub(r"\{\w+\}", lambda token: tokens.get(token.group(), token.group()), form)


def _ago(seconds: float) -> str:
    minutes = round(abs(seconds) / 60)
    amount = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    return f"{amount} ago" if seconds >= 0 else f"in {amount}"
