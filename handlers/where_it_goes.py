"""Where a new token goes, as the warning's programs tell: for a message that nobody edits later."""

from slack_sdk.models.blocks import Block

from handlers.blocks import sections
from handlers.integration_words import name
from handlers.token_places import IN_PLACE
from services.impact.model import Impact, Integration, Place, Verdict

MOST_SHOWN = 15
"""Programs that are named one by one."""

ANY_PROGRAM = f"• Any other program that asks for a token: {IN_PLACE[Place.OTHER]}"

NONE_SEEN = "I saw no program in the login history that may need the token."

NO_HISTORY = (
    "I have no login history to name your programs. Think of each that logs in with your "
    "password: Data Loader, connectors, scripts, scheduled jobs."
)


def where_it_goes(impact: Impact | None) -> list[Block]:
    """List the programs that may need the token, or say why they aren't known."""
    listed = needing(impact)
    shown = listed[:MOST_SHOWN]
    left_out = len(listed) - len(shown)
    lines = [
        f"*Where it goes:* {_why_none(impact)}".rstrip(),
        *(f"• *{name(one.name)}*: {IN_PLACE[one.place]}" for one in shown),
        *([f"And {left_out} more."] if left_out else []),
        ANY_PROGRAM,
    ]
    return sections(lines)


def needing(impact: Impact | None) -> tuple[Integration, ...]:
    """Pick the programs that need the token, or may."""
    if impact is None or not impact.readable:
        return ()
    return impact.with_verdict(Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED, Verdict.CANT_TELL)


def _why_none(impact: Impact | None) -> str:
    if impact is None or not impact.readable:
        return NO_HISTORY
    return "" if needing(impact) else NONE_SEEN
