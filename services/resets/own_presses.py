"""Decides on a person's press on a reset of their own, and makes the move of it."""

import contextlib
from collections.abc import Callable, Collection
from datetime import datetime

from services.clock import Clock
from services.resets.endings import expiry, is_over
from services.resets.model import Reset, SlackUser
from services.resets.policy import Answer, AnswerCode, refuse_owner, refuse_press
from services.resets.states import State
from services.store import keys
from services.store.changes import Change, Put
from services.store.errors import AccountHinderedError, StaleError
from services.store.resets import RESPONSE_URL_LIFE, ResetStore

TRIES = 4
"""Re-reads when somebody else moves the same reset at the same moment."""


class OwnPresses:
    """Every method answers with the reset, or with why the press had no effect.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, store: ResetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def own(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Read a reset for its owner."""
        reset = await self._store.get(reset_id)
        answer = refuse_owner(reset, person)
        return answer or reset or Answer(code=AnswerCode.GONE)

    async def take(
        self,
        reset_id: str,
        person: SlackUser,
        expected: Collection[State],
        change: Callable[[Reset, datetime], Change],
        *,
        also: Callable[[Reset], Answer | None] | None = None,
    ) -> Reset | Answer:
        """Decide on a press and make its move; decide anew when somebody was faster."""
        for _ in range(TRIES):
            now = self._clock()
            reset = await self.own(reset_id, person)
            if isinstance(reset, Answer):
                return reset
            wanted = reset.state if reset.state in expected else next(iter(expected))
            if late := refuse_press(reset, wanted, now):
                await self._end_if_over(reset, now)
                return late
            if also and (refused := also(reset)):
                return refused
            try:
                return await self._store.move(reset, change(reset, now))
            except StaleError:
                continue
            except AccountHinderedError as error:
                return Answer(code=AnswerCode(error.hindrance), at=error.until)
        return Answer(code=AnswerCode.ALREADY_PRESSED)

    async def _end_if_over(self, reset: Reset, now: datetime) -> None:
        """End an offer whose time is over, should its timer be late or lost."""
        if is_over(reset, now):
            with contextlib.suppress(StaleError):
                await self._store.move(reset, expiry(reset, now))


def way_back(owner: str, response_url: str | None) -> tuple[Put, ...]:
    """Keep the `response_url` of what was pressed or typed, for as long as Slack takes it."""
    if not response_url:
        return ()
    life = int(RESPONSE_URL_LIFE.total_seconds() * 1000)
    return (Put(keys.response_url(owner), response_url, life),)
