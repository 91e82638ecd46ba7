"""Where a new token goes, as the warning's programs tell: for a message that nobody edits later."""

from slack_sdk.models.blocks import Block

from handlers.blocks import sections
from handlers.integration_words import name
from handlers.token_places import IN_PLACE
from services.impact.model import Impact, Integration, Place, Why

MOST_SHOWN = 15
"""Programs that are named one by one."""

ANY_PROGRAM = f"• Any other program that asks for a token: {IN_PLACE[Place.OTHER]}"

NONE_SEEN = "I saw no program in the login history that may need the token."

NO_HISTORY = (
    "I have no login history to name your programs. Think of each that logs in with your "
    "password: Data Loader, connectors, scripts, scheduled jobs."
)

_ON_TRUSTED = " (needs none on a trusted network, but may fail if it sends the old one)"


def where_it_goes(impact: Impact | None) -> list[Block]:
    """List the programs that may need the token, or say why they aren't known."""
    listed = needing(impact)
    lines = [
        f"*Where it goes:* {_why_none(impact)}".rstrip(),
        *map(_line, listed[:MOST_SHOWN]),
        *_left_out(len(listed) - MOST_SHOWN, impact.more if impact else 0),
        ANY_PROGRAM,
    ]
    return sections(lines)


def needing(impact: Impact | None) -> tuple[Integration, ...]:
    """Pick the programs that need the token, or may: on a trusted network, if they send it."""
    if impact is None or not impact.readable:
        return ()
    return tuple(one for one in impact.integrations if one.may_fail)


def _line(one: Integration) -> str:
    doubt = _ON_TRUSTED if one.why is Why.TRUSTED_NETWORK else ""
    return f"• *{name(one.name)}*{doubt}: {IN_PLACE[one.place]}"


def _left_out(count: int, unlisted: int) -> list[str]:
    """Count what isn't named. Of what the impact doesn't list, it isn't known what needs it."""
    count = max(0, count)
    if unlisted:
        others = f"my list was too long for {unlisted:,} others, and they may need it too."
        return [f"And at least {count:,} more: {others}" if count else f"And maybe more: {others}"]
    return [f"And {count:,} more."] if count else []


def _why_none(impact: Impact | None) -> str:
    if impact is None or not impact.readable:
        return NO_HISTORY
    return "" if needing(impact) else NONE_SEEN
