"""A card on which nobody decided is posted afresh, and never just closes."""

from datetime import timedelta

import pytest

from services.cases.model import Case
from services.cases.policy import CARD_HOLDS
from services.cases.renewal import is_due, renewal
from services.cases.states import CaseMove, CaseState
from services.store import keys
from services.store.case_changes import QueueOp
from services.store.changes import Job, JobName
from tests.unit.handlers.case_examples import CARD, CASE_ID, a_case
from tests.unit.handlers.examples import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "due"),
    [
        (a_case(), True),
        (a_case(card=None), False),
        (a_case(card=CARD.model_copy(update={"until": None})), False),
        (a_case(CaseState.APPROVED), False),
        (a_case(CaseState.DENIED), False),
    ],
)
def test_it_is_due_where_nobody_decided_until_its_time_was_over(case: Case, *, due: bool) -> None:
    assert not is_due(case, NOW + CARD_HOLDS - timedelta(seconds=1))
    assert is_due(case, NOW + CARD_HOLDS) is due


def test_a_fresh_card_has_an_id_and_a_time_of_its_own() -> None:
    now = NOW + CARD_HOLDS
    change = renewal(a_case(), now)
    card = change.after.card
    assert card is not None
    assert (change.move, card.number, card.until) == (CaseMove.RENEW, 2, now + DAY)
    assert card.id != CARD.id
    assert [(put.key, put.value) for put in change.puts] == [(keys.card(card.id), CASE_ID)]
    assert change.card is QueueOp.JOIN
    assert change.jobs == (
        Job(JobName.SHOW_CARD, CASE_ID),
        Job(JobName.POST_CARDS, "all"),
        Job(JobName.TELL_REPORTERS, CASE_ID),
        Job(JobName.RENEW_CARD, CASE_ID, now + DAY),
    )


def test_it_is_posted_daily_for_a_week_and_then_holds_until_it_is_decided() -> None:
    first = NOW
    case, now = a_case(first_card_at=first), first + CARD_HOLDS
    timers = []
    while is_due(case, now):
        change = renewal(case, now)
        timers += [job.at for job in change.jobs if job.name is JobName.RENEW_CARD]
        case = change.after
        now += DAY
    assert timers == [first + CARD_HOLDS + number * DAY for number in range(1, 7)]
    assert case.card is not None
    assert (case.card.number, case.card.until) == (8, None)


def test_what_has_no_card_gets_no_fresh_one() -> None:
    with pytest.raises(ValueError, match="card"):
        renewal(a_case(card=None), NOW)
