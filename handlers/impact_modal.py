"""*Show all*: every integration of a reset, by verdict, in a modal."""

from slack_sdk.models.blocks import Block

from handlers.account_notes import notes, urgent
from handlers.blocks import actions, button, contexts, modal, section, sections
from handlers.impact_wording import by_verdict, hurting, is_folded, reach
from handlers.integration_words import grant_line, line
from handlers.reset_wording import account, both
from services.impact.model import Impact
from services.resets.model import Reset

_NOT_KEPT = (
    "I no longer have this list: I keep it only until the reset has ended. For a fresh one, type "
    "`/reset-token`."
)


def show_all(reset: Reset) -> list[Block]:
    """Offer the whole list below a message that shows only the top of it."""
    if not is_folded(reset.impact):
        return []
    return [actions(button("Show all", "impact.show_all", reset.id))]


def everything(reset: Reset) -> dict[str, object]:
    """List all that is kept of a reset's impact, or say that it is no longer kept."""
    impact = reset.impact
    if impact is None:
        return modal("All that logs in", [section(_NOT_KEPT)], close="Close")
    password = both(reset)
    lines = [
        account(reset),
        # A newer reading of the same reset may hold less than the one that offered the button.
        *(
            by_verdict(impact.integrations, line, password=password)
            or hurting(impact, password=password)
        ),
        *_beyond(impact),
        *_grants(impact),
    ]
    return modal(
        "All that logs in",
        [
            *sections([*urgent(impact, password=password), *notes(impact)]),
            *sections(lines),
            *contexts(reach(impact)),
        ],
        close="Close",
    )


def _beyond(impact: Impact) -> list[str]:
    if not impact.more:
        return []
    return [f"And {impact.more:,} more: there were too many to keep, so only the first are listed."]


def _grants(impact: Impact) -> list[str]:
    if not impact.grants:
        return []
    more = [f"And {impact.more_grants:,} more."] if impact.more_grants else []
    return [
        "*Apps that this user approved:* not affected, they go on after any reset",
        *map(grant_line, impact.grants),
        *more,
    ]
