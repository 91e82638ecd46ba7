"""What becomes of a card on which nobody decided: it is posted afresh, and never just closes."""

from datetime import datetime

from services.cases.model import Card, Case
from services.cases.policy import POSTED_AFRESH_EVERY, POSTED_AFRESH_FOR
from services.cases.preparation import card_found
from services.cases.reporting import EVERY
from services.cases.states import CaseMove, CaseState
from services.resets.model import new_id
from services.store.case_changes import CaseChange, QueueOp
from services.store.changes import Job, JobName


def is_due(case: Case, now: datetime) -> bool:
    """Whether the card's time is over and nobody has decided."""
    card = case.card
    waits = case.state is CaseState.AWAITING_APPROVAL
    return waits and card is not None and card.until is not None and now >= card.until


def renewal(case: Case, now: datetime) -> CaseChange:
    """Build the move to a fresh card: daily for a week, then one that holds until it is decided.

    Raises:
        ValueError: the case has no card.
    """
    if case.card is None or case.first_card_at is None:
        raise ValueError("only a case with a card gets a fresh one")
    until = now + POSTED_AFRESH_EVERY
    is_last = until > case.first_card_at + POSTED_AFRESH_FOR
    card = Card(id=new_id(), number=case.card.number + 1, until=None if is_last else until)
    timer = () if card.until is None else (Job(JobName.RENEW_CARD, case.id, card.until),)
    return CaseChange(
        CaseMove.RENEW,
        case.model_copy(update={"card": card}),
        now,
        jobs=(
            Job(JobName.SHOW_CARD, case.id),
            Job(JobName.POST_CARDS, EVERY),
            Job(JobName.TELL_REPORTERS, case.id),
            *timer,
        ),
        puts=card_found(card, case.id),
        card=QueueOp.JOIN,
    )
