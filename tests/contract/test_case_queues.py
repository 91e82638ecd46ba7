"""Which cases wait for what: to be read up on, for their card, and for a decision."""

from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.cases.model import Problem, Urgency
from services.cases.renewal import renewal
from services.cases.states import CaseMove
from services.store import keys
from services.store.case_changes import CaseChange, QueueOp
from services.store.stores import Stores
from tests.contract.case_stores import (
    a_voice,
    approved,
    closing,
    contained,
    denied,
    presented,
    presenting,
    queued,
    reported,
)
from tests.unit.handlers.case_examples import TARGET
from tests.unit.handlers.examples import NOW

MINUTE = timedelta(minutes=1)
OPEN, PREPARING, CARDS = keys.CASES_OPEN, keys.CASES_PREPARING, keys.CARDS_DUE


async def test_a_case_goes_from_queue_to_queue(stores: Stores, raw: Valkey) -> None:
    case = await reported(stores)
    it = [case.id]
    assert await queued(raw) == {OPEN: it, PREPARING: it, CARDS: []}
    case = await presented(stores, case)
    assert await queued(raw) == {OPEN: it, PREPARING: [], CARDS: it}
    await stores.cards.done(case.id)  # its card stands
    case = await stores.cases.move(case, renewal(case, NOW + timedelta(hours=4)))
    assert await queued(raw) == {OPEN: it, PREPARING: [], CARDS: it}
    await stores.cards.done(case.id)
    case = await contained(stores, case)
    assert await queued(raw) == {OPEN: [], PREPARING: [], CARDS: []}
    await stores.cases.move(case, closing(case))
    assert await queued(raw) == {OPEN: [], PREPARING: [], CARDS: []}


async def test_a_case_that_ends_before_its_card_stands_leaves_every_queue(
    stores: Stores, raw: Valkey
) -> None:
    await denied(stores, await presented(stores))
    assert await queued(raw) == {OPEN: [], PREPARING: [], CARDS: []}
    case = await presented(stores)
    merge = CaseChange(CaseMove.MERGE, case, NOW, preparing=QueueOp.LEAVE, card=QueueOp.LEAVE)
    await stores.cases.move(case, merge)
    assert await queued(raw) == {OPEN: [], PREPARING: [], CARDS: []}
    refused = await reported(stores)
    refuse = CaseChange(CaseMove.REFUSE, refused, NOW, preparing=QueueOp.LEAVE)
    await stores.cases.move(refused, refuse)
    assert await queued(raw) == {OPEN: [], PREPARING: [], CARDS: []}


async def test_what_could_not_be_read_waits_to_be_tried_again_and_has_a_card(
    stores: Stores, raw: Valkey
) -> None:
    case = await reported(stores)
    change = presenting(case, target=None, problem=Problem.SALESFORCE_UNREADABLE)
    unread = CaseChange(CaseMove.PRESENT, change.after, NOW, card=QueueOp.JOIN)
    await stores.cases.move(case, unread)
    assert await queued(raw) == {OPEN: [case.id], PREPARING: [case.id], CARDS: [case.id]}


async def test_an_approval_takes_a_case_out_of_the_open_ones(stores: Stores) -> None:
    case = await presented(stores)
    assert await stores.cases.count_open() == 1
    await approved(stores, case)
    assert await stores.cases.count_open() == 0
    assert await stores.cases.newest_open(5) == []


async def test_the_newest_open_ones_come_first(stores: Stores) -> None:
    cases = [
        await reported(stores, created_at=NOW + number * MINUTE, reports=(a_voice(),))
        for number in (3, 1, 2)
    ]
    newest = [cases[0].id, cases[2].id]
    assert [case.id for case in await stores.cases.newest_open(2)] == newest
    assert await stores.cases.count_open() == 3


async def test_an_open_one_that_is_gone_is_left_out(stores: Stores, raw: Valkey) -> None:
    gone, case = await reported(stores), await reported(stores)
    await raw.delete(keys.case(gone.id))
    assert await stores.cases.newest_open(5) == [case]


async def test_the_urgent_go_before_those_that_were_reported_a_little_earlier(
    stores: Stores,
) -> None:
    order = {}
    for number, urgency in enumerate([Urgency.LOW, Urgency.MEDIUM, Urgency.HIGH, Urgency.CRITICAL]):
        case = await reported(stores, reports=(a_voice(urgency=urgency),))
        target = TARGET.model_copy(update={"user_id": f"00500000000001{number}AAA"})
        order[urgency] = case.id
        await presented(stores, case, target=target)
    for expected in (Urgency.CRITICAL, Urgency.HIGH):
        assert await stores.cards.lease(NOW, MINUTE) == order[expected]
    last = {await stores.cards.lease(NOW, MINUTE) for _ in range(2)}
    assert last == {order[Urgency.LOW], order[Urgency.MEDIUM]}
    assert await stores.cards.lease(NOW, MINUTE) is None


@pytest.mark.parametrize(
    ("urgency", "ahead"),
    [
        (Urgency.CRITICAL, timedelta(hours=1)),
        (Urgency.HIGH, timedelta(minutes=10)),
        (Urgency.MEDIUM, timedelta(0)),
        (Urgency.LOW, timedelta(0)),
    ],
)
async def test_how_far_ahead_the_urgent_go_has_an_end(
    stores: Stores, raw: Valkey, urgency: Urgency, ahead: timedelta
) -> None:
    """What isn't urgent is hidden behind what is for an hour at most."""
    case = await reported(stores, reports=(a_voice(urgency=urgency),))
    due = await raw.zscore(PREPARING, case.id)
    assert due == (NOW - ahead).timestamp() * 1000


async def test_a_voice_may_make_a_case_more_urgent(stores: Stores, raw: Valkey) -> None:
    case = await reported(
        stores, reports=(a_voice(urgency=Urgency.LOW), a_voice(urgency=Urgency.CRITICAL))
    )
    due = await raw.zscore(PREPARING, case.id)
    assert due == (NOW - timedelta(hours=1)).timestamp() * 1000
