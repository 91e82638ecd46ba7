"""Ends what nobody pressed in time."""

from services.clock import Clock
from services.jobs.timer import RunAgain
from services.resets.desk import ending_jobs
from services.resets.model import Reset
from services.resets.states import WAITING, Move, State
from services.store.changes import AccountOp, Change
from services.store.resets import ResetStore


async def expire(store: ResetStore, reset_id: str, clock: Clock) -> Reset | None:
    """End a reset whose deadline has passed. None: there is nothing to end.

    Raises:
        RunAgain: the deadline was moved after this timer was set.
    """
    reset = await store.get(reset_id)
    if reset is None or reset.state not in WAITING or reset.deadline is None:
        return None
    now = clock()
    if now < reset.deadline:
        raise RunAgain(reset.deadline)
    held = reset.state is State.AWAITING_PRESS
    return await store.move(
        reset,
        Change(
            Move.EXPIRE,
            reset.model_copy(update={"deadline": None, "impact": None, "detail": reset.state}),
            now,
            account=AccountOp.RELEASE if held else AccountOp.NONE,
            jobs=ending_jobs(reset),
        ),
    )
