"""Reads profiles no faster than Slack lets all workers together, first come, first served."""

from datetime import timedelta
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.resets.policy import Profile
from services.slack.people import People
from services.store.line import Line

PER_MINUTE = 100
"""Calls of `users.info` that Slack promises (Tier 4: "100+ per minute")."""

BURST = 100
"""That may come at once after a pause; how many Slack takes isn't documented: inferred."""

LONGEST: Final = timedelta(minutes=5)
"""After which a job that stands in line looks again whether it is still wanted."""


class PacedPeople(People):
    """For jobs: one that has to wait is run again when it is its turn, which is no failure.

    Without a line each job would try, be refused and wait ever longer, while what Slack would
    have allowed went by unused.
    """

    def __init__(self, client: AsyncWebClient, line: Line) -> None:
        super().__init__(client)
        self._line = line

    async def profile(self, user_id: str) -> Profile:
        """Read one person's profile, as `People` does.

        Raises:
            RunAgain: others come first.
            StoreUnavailableError: Redis doesn't answer.
        """
        turn = self._line.turn("users.info", user_id, per_minute=PER_MINUTE, burst=BURST)
        async with turn as wait:
            if wait is not None:
                raise RunAgain(utc_now() + min(wait, LONGEST))  # a pause, not a deadline
            return await super().profile(user_id)
