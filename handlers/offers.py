"""Shows an offer while there is time for it, and ends what nobody was shown or pressed in time."""

from handlers.message import Message
from handlers.surface import Surface
from services.clock import Clock
from services.jobs.timer import RunAgain
from services.resets.endings import expiry, is_late, is_over, lateness
from services.resets.model import Reset
from services.resets.states import WAITING, State
from services.store.resets import ResetStore

OFFERED = frozenset({State.AWAITING_CHOICE, State.AWAITING_USER})
"""The states that begin with an offer."""


class Offers:
    """Each method may run twice. Raises `SlackUnavailableError` where another try is worth it."""

    def __init__(self, store: ResetStore, surface: Surface, clock: Clock) -> None:
        self._store = store
        self._surface = surface
        self._clock = clock

    async def show(self, reset: Reset, message: Message) -> None:
        """Show an offer; one that is late, and wasn't shown by an earlier try, ends instead."""
        now = self._clock()
        if is_late(reset, now) and not await self._surface.has_offered(reset):
            await self._store.move(reset, lateness(reset, now))
            return
        await self._surface.offer(reset, message)

    async def expire(self, reset_id: str) -> None:
        """End what nobody pressed in time. The move asks for its end to be shown."""
        reset = await self._store.get(reset_id)
        now = self._clock()
        if reset is None or reset.state not in WAITING or reset.deadline is None:
            return
        if not is_over(reset, now):  # the deadline was moved after this timer was set
            raise RunAgain(reset.deadline)
        unseen = reset.state in OFFERED and not await self._surface.has_offered(reset)
        await self._store.move(reset, lateness(reset, now) if unseen else expiry(reset, now))
