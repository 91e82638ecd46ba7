"""Keeps the next steps in somebody's DM at the newest state of their follow-up."""

from typing import TYPE_CHECKING

import structlog

from handlers.next_steps_messages import next_steps
from services.clock import Clock
from services.follow_ups.model import FollowUp
from services.resets.model import Reset
from services.slack.errors import SlackRefusedError
from services.slack.messenger import Messenger
from services.store.posts import Place

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.follow_ups.followers import FollowUps

log = structlog.get_logger(__name__)


class StepsInDM:
    """Edits a message until it shows what is newest: another job may edit it meanwhile."""

    def __init__(self, follow_ups: "FollowUps", messenger: Messenger, clock: Clock) -> None:
        self._follow_ups = follow_ups
        self._messenger = messenger
        self._clock = clock

    async def edit(self, reset: Reset, place: Place, *, shown: int | None = None) -> None:
        """Bring the message up to date.

        Args:
            reset: whose next steps they are.
            place: where they stand.
            shown: the version of the follow-up that they are known to show.

        Raises:
            SlackUnavailableError: another try is worth it.
            StoreUnavailableError: Redis doesn't answer.
        """
        follow_up = await self._follow_ups.get(reset.id)
        while follow_up is not None and follow_up.version != shown:
            if not await self._edited(reset, place, follow_up):
                return
            shown = follow_up.version
            follow_up = await self._follow_ups.get(reset.id)

    async def _edited(self, reset: Reset, place: Place, follow_up: FollowUp) -> bool:
        try:
            await self._messenger.update(place, next_steps(reset, follow_up, self._clock()))
        except SlackRefusedError as error:
            log_refused("slack.steps_not_edited", error, reset_id=reset.id)
            return False
        return True


def log_refused(event: str, error: SlackRefusedError, **about: str) -> None:
    """Log a message that Slack didn't take: too long is a defect here, the rest may happen."""
    if error.code.endswith("_too_long"):
        log.error(event, code=error.code, **about)
    else:  # such as deleted by the workspace's retention, or a person that is gone
        log.warning(event, code=error.code, **about)
