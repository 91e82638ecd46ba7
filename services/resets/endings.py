"""How a reset that waited for somebody ends, when its time is over."""

from datetime import datetime

from services.resets.model import Reset
from services.resets.states import WAITING, Move, State
from services.store.changes import AccountOp, Change, Job, JobName


def is_over(reset: Reset, now: datetime) -> bool:
    """Whether a reset waits, and has waited long enough."""
    return reset.state in WAITING and reset.deadline is not None and now >= reset.deadline


def expiry(reset: Reset, now: datetime) -> Change:
    """Build the move that ends it, and asks for its end to be shown."""
    held = reset.state is State.AWAITING_PRESS
    return Change(
        Move.EXPIRE,
        reset.model_copy(update={"deadline": None, "impact": None, "detail": reset.state}),
        now,
        account=AccountOp.RELEASE if held else AccountOp.NONE,
        jobs=ending_jobs(reset),
    )


def ending_jobs(reset: Reset) -> tuple[Job, ...]:
    """Say which jobs show that what waited has ended."""
    show = Job(JobName.SHOW, reset.id)
    if reset.state is State.AWAITING_IT:
        return (show, Job(JobName.CLOSE_CARD, reset.id))
    return (show,)
