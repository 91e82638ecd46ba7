"""How a reset ends whose time is over: nobody pressed in time, or the bot was too slow."""

from datetime import datetime, timedelta

from services.resets.model import Reason, Reset
from services.resets.states import WAITING, Move, State
from services.store.changes import AccountOp, Change, Job, JobName

SHOWN_WITHIN = timedelta(minutes=25)
"""For so long after a command or a choice an offer is still shown. Slack takes answers to either
for 30 minutes; later than this the person has gone on to other things, and may be answered no
more."""


def is_late(reset: Reset, now: datetime) -> bool:
    """Whether it is too late to show an offer. In a DM it never is: it can be shown at any time."""
    return not reset.in_dm and now >= (reset.asked_at or reset.created_at) + SHOWN_WITHIN


def lateness(reset: Reset, now: datetime) -> Change:
    """Build the move that ends a reset whose offer wasn't shown in time, and asks to tell it."""
    return Change(
        Move.EXPIRE,
        reset.model_copy(
            update={
                "deadline": None,
                "impact": None,
                "choices": (),
                "reason": Reason.TOO_LATE,
                "detail": reset.state,
            }
        ),
        now,
        jobs=(Job(JobName.SHOW, reset.id),),
    )


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
