"""*Show all*: every integration of a reset, by verdict, in a modal."""

import json
from bisect import bisect_left
from functools import partial

from slack_sdk.models.blocks import Block

from handlers.account_notes import notes, urgent
from handlers.blocks import actions, button, contexts, modal, section, sections
from handlers.history_wording import reach
from handlers.impact_wording import by_fate, hurting, is_folded
from handlers.integration_words import grant_line, line
from handlers.reset_wording import account, both
from services.impact.model import Impact
from services.resets.model import Reset

MOST_BYTES = 200_000
"""Slack refuses a view over 250 KB; how it counts isn't documented."""

_MOST_BLOCKS = 100
"""In a modal, by Slack's reference for views."""

_NOT_KEPT = (
    "I no longer have this list: I keep it only until the reset has ended. For a fresh one, type "
    "`/reset-token`."
)


def show_all(reset: Reset) -> list[Block]:
    """Offer the whole list below a message that shows only the top of it."""
    if not is_folded(reset.impact):
        return []
    return [actions(button("Show all", "impact.show_all", reset.id))]


def everything(reset: Reset, *, yours: bool = False) -> dict[str, object]:
    """List all that is kept of a reset's impact, or say that it is no longer kept.

    Args:
        reset: whose button was pressed.
        yours: whether the person whose reset it is reads this, and not IT.
    """
    impact = reset.impact
    if impact is None:
        return modal("All that logs in", [section(_NOT_KEPT)], close="Close")
    blocks = _listing(reset, impact, len(impact.integrations), yours=yours)
    if not _fits(blocks):
        fewer = range(len(impact.integrations))
        most = bisect_left(
            fewer,
            x=True,
            key=lambda count: not _fits(_listing(reset, impact, count + 1, yours=yours)),
        )
        blocks = _listing(reset, impact, most, yours=yours)
    return modal("All that logs in", blocks, close="Close")


def _listing(reset: Reset, impact: Impact, count: int, *, yours: bool) -> list[Block]:
    """List the first `count` integrations, and say how many there are beside them."""
    password = both(reset)
    lines = [
        account(reset),
        # A newer reading of the same reset may hold less than the one that offered the button.
        *(
            by_fate(impact.integrations[:count], partial(line, yours=yours), password=password)
            or hurting(impact, password=password, yours=yours)
        ),
        *_beyond(len(impact.integrations) - count + impact.more),
        *_grants(impact, yours=yours),
    ]
    return [
        *sections([*urgent(impact, password=password, yours=yours), *notes(impact, yours=yours)]),
        *sections(lines),
        *contexts(reach(impact)),
    ]


def _fits(blocks: list[Block]) -> bool:
    if len(blocks) > _MOST_BLOCKS:
        return False
    return len(json.dumps([block.to_dict() for block in blocks])) <= MOST_BYTES


def _beyond(count: int) -> list[str]:
    if not count:
        return []
    return [f"And {count:,} more: there were too many to list, so only the first are here."]


def _grants(impact: Impact, *, yours: bool) -> list[str]:
    if not impact.grants:
        return []
    who = "you" if yours else "this user"
    more = [f"And {impact.more_grants:,} more."] if impact.more_grants else []
    return [
        f"*Apps that {who} approved:* not affected, they go on after any reset",
        *map(grant_line, impact.grants),
        *more,
    ]
