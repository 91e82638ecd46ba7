"""What a case does to its Salesforce user: one case at a time, and no self-service meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from valkey.asyncio import Valkey

from services.cases.joining import merge
from services.cases.model import MOST_VOICES, Case, CaseKind
from services.cases.states import CaseMove, CaseState
from services.resets.model import Reset, SlackUser
from services.resets.states import Move, State
from services.store import keys
from services.store.case_changes import CaseChange
from services.store.changes import AccountOp, Change
from services.store.errors import (
    AccountHinderedError,
    AccountTakenError,
    Hindrance,
    StaleError,
)
from services.store.stores import Stores
from tests.contract.case_stores import (
    a_new_case,
    approved,
    closing,
    contained,
    denied,
    everything,
    fields_of,
    finishing,
    presented,
    presenting,
    reported,
    write,
)
from tests.factories import FakeClock, a_reset, an_offer
from tests.unit.handlers.case_examples import BEN, IVAN, NOT_ME, TARGET
from tests.unit.handlers.examples import NOW

ORG, USER = TARGET.org, TARGET.user_id
ACCOUNT = keys.account(ORG, USER)


async def alerts(raw: Valkey) -> dict[str, str]:
    """What stops self-service for the account: a count, and each alert by its id."""
    held = await fields_of(raw, ACCOUNT)
    return {name: value for name, value in held.items() if name.startswith("alert")}


async def offered(stores: Stores) -> Reset:
    first = await stores.resets.move(None, Change(Move.START, a_reset(), NOW))
    return await stores.resets.move(
        first, Change(Move.OFFER, an_offer(id=first.id, version=first.version), NOW)
    )


def confirming(reset: Reset) -> Change:
    return Change(Move.CONFIRM, reset, NOW, account=AccountOp.TAKE)


# One case at a time


@pytest.mark.parametrize("is_approved", [False, True])
async def test_a_second_case_about_an_account_is_told_of_the_first(
    stores: Stores, raw: Valkey, *, is_approved: bool
) -> None:
    first, second = await presented(stores), await reported(stores)
    if is_approved:
        first = await approved(stores, first)
    before = await everything(raw)
    with pytest.raises(AccountTakenError) as taken:
        await presented(stores, second)
    assert taken.value.case_id == first.id
    assert await everything(raw) == before


async def test_of_many_at_once_one_is_the_case_of_the_account(stores: Stores) -> None:
    cases = [await reported(stores) for _ in range(20)]
    outcomes = await asyncio.gather(
        *(presented(stores, case) for case in cases), return_exceptions=True
    )
    (first,) = [one for one in outcomes if isinstance(one, Case)]
    taken = [one.case_id for one in outcomes if isinstance(one, AccountTakenError)]
    assert taken == [first.id] * 19


async def test_a_claim_is_void_once_its_case_was_decided_or_is_contained(stores: Stores) -> None:
    await denied(stores, await presented(stores))
    await contained(stores, await presented(stores))
    assert (await presented(stores)).state is CaseState.AWAITING_APPROVAL


async def test_a_claim_that_was_never_given_back_is_void_once_its_case_is_over(
    stores: Stores,
) -> None:
    case = await presented(stores)
    await stores.cases.move(case, CaseChange(CaseMove.MERGE, case, NOW))
    assert (await presented(stores)).state is CaseState.AWAITING_APPROVAL


async def test_a_claim_of_a_case_that_is_gone_is_void(stores: Stores, raw: Valkey) -> None:
    lost = await presented(stores)
    await raw.delete(keys.case(lost.id))
    assert (await presented(stores)).state is CaseState.AWAITING_APPROVAL


async def test_a_case_that_ends_late_takes_no_newer_ones_claim(stores: Stores) -> None:
    older = await contained(stores, await presented(stores))
    newer = await presented(stores)
    older = await stores.cases.move(older, CaseChange(CaseMove.RETRY, older, NOW))
    await stores.cases.move(older, finishing(older))
    with pytest.raises(AccountTakenError) as taken:
        await presented(stores)
    assert taken.value.case_id == newer.id


async def test_a_case_may_be_brought_before_it_again(stores: Stores, raw: Valkey) -> None:
    """What couldn't be read at first is presented again once it can."""
    case = await presented(stores)
    again = await stores.cases.move(case, presenting(case))
    assert again.state is CaseState.AWAITING_APPROVAL
    assert (await alerts(raw))["alerts"] == "1"


async def test_what_is_planned_and_what_is_suspected_stand_side_by_side(stores: Stores) -> None:
    breach = await presented(stores)
    planned = await presented(stores, await reported(stores, kind=CaseKind.PLANNED))
    for kind, first in ((CaseKind.BREACH, breach), (CaseKind.PLANNED, planned)):
        with pytest.raises(AccountTakenError) as taken:
            await presented(stores, await reported(stores, kind=kind))
        assert taken.value.case_id == first.id


async def test_other_accounts_are_none_of_its_business(stores: Stores) -> None:
    await presented(stores)
    for changes in ({"user_id": "005000000000002AAA"}, {"org": "uat"}):
        target = TARGET.model_copy(update=changes)
        case = await presented(stores, target=target, org=target.org)
        assert case.state is CaseState.AWAITING_APPROVAL


# Self-service


async def test_nobody_resets_an_account_that_it_looks_at(stores: Stores) -> None:
    offer, case = await offered(stores), await presented(stores)
    later = NOW + timedelta(days=365)
    hindered = (Hindrance.UNDER_INVESTIGATION, None)
    for step in (approved, None):
        assert await stores.resets.hindrance(ORG, USER, later) == hindered
        with pytest.raises(AccountHinderedError) as refused:
            await stores.resets.move(offer, confirming(offer))
        assert refused.value.hindrance is Hindrance.UNDER_INVESTIGATION
        case = await step(stores, case) if step else case
    case = await stores.cases.move(case, CaseChange(CaseMove.FINISH, case, NOW))
    assert await stores.resets.hindrance(ORG, USER, later) == hindered
    await stores.cases.move(case, closing(case))
    assert await stores.resets.hindrance(ORG, USER, later) is None
    assert (await stores.resets.move(offer, confirming(offer))).state is State.QUEUED


async def test_a_denial_opens_self_service_again(stores: Stores) -> None:
    offer = await offered(stores)
    await denied(stores, await presented(stores))
    assert (await stores.resets.move(offer, confirming(offer))).state is State.QUEUED


async def test_what_is_planned_stops_nobody(stores: Stores, raw: Valkey) -> None:
    await presented(stores, await reported(stores, kind=CaseKind.PLANNED))
    assert await alerts(raw) == {}
    assert await stores.resets.hindrance(ORG, USER, NOW) is None


async def test_each_case_closes_its_own_alert_and_only_once(stores: Stores, raw: Valkey) -> None:
    first = await contained(stores, await presented(stores))
    second = await presented(stores)
    assert (await alerts(raw))["alerts"] == "2"
    await stores.cases.move(first, closing(first))
    assert set(await alerts(raw)) == {"alerts", f"alert:{second.id}"}
    assert (await alerts(raw))["alerts"] == "1"
    hindrance = await stores.resets.hindrance(ORG, USER, NOW)
    assert hindrance == (Hindrance.UNDER_INVESTIGATION, None)
    await denied(stores, second)
    assert await alerts(raw) == {"alerts": "0"}


async def test_an_account_with_an_open_case_never_expires(stores: Stores, raw: Valkey) -> None:
    case = await presented(stores)
    assert await raw.pttl(ACCOUNT) == -1
    await denied(stores, case)
    assert 0 < await raw.pttl(ACCOUNT) <= 90 * 24 * 3600 * 1000


async def test_a_password_that_may_have_changed_starts_the_cool_down(stores: Stores) -> None:
    case = await approved(stores, await presented(stores))
    (first, *_) = case.steps
    begin = CaseChange(CaseMove.BEGIN_STEP, case, NOW, detail=first.kind)
    case = await stores.cases.move(case, begin)
    case = await stores.cases.move(case, CaseChange(CaseMove.END_STEP, case, NOW, spends=True))
    case = await stores.cases.move(case, CaseChange(CaseMove.FINISH, case, NOW))
    await stores.cases.move(case, closing(case))
    until = NOW + timedelta(minutes=10)
    hindrance = await stores.resets.hindrance(ORG, USER, NOW)
    assert hindrance == (Hindrance.COOLING_DOWN, until)


# Joining


async def joined(stores: Stores, other: Case, **fields: Any) -> tuple[Case, Case]:  # noqa: ANN401
    """Report the same account again; return the two cases as they now stand."""
    case = await reported(stores, **fields)
    await merge(stores.cases, case, TARGET, other.id, FakeClock(NOW))
    found = await stores.cases.many([other.id, case.id])
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


async def test_a_newer_report_joins_the_open_case_as_another_voice(stores: Stores) -> None:
    other = await presented(stores)
    other, case = await joined(stores, other, reporter=IVAN, slack_suspected=True)
    assert [one.reporter for one in other.reports] == [BEN, IVAN]
    assert other.reporters == {BEN.user_id, IVAN.user_id}
    assert other.slack_suspected
    assert other.state is CaseState.AWAITING_APPROVAL
    assert (case.state, case.merged_into) == (CaseState.MERGED, other.id)
    assert await stores.cases.count_open() == 1


async def test_a_job_that_runs_again_adds_no_voice(stores: Stores) -> None:
    other, case = await presented(stores), await reported(stores, reporter=IVAN)
    await merge(stores.cases, case, TARGET, other.id, FakeClock(NOW))
    with pytest.raises(StaleError):
        await merge(stores.cases, case, TARGET, other.id, FakeClock(NOW))
    other_now = await stores.cases.get(other.id)
    assert other_now is not None
    assert len(other_now.reports) == 2


async def test_whoever_reported_stays_known_beyond_the_voices_that_are_kept(
    stores: Stores,
) -> None:
    """Else an approver could wait until their own report is crowded out, and decide about it."""
    other = await presented(stores)
    people = [SlackUser(user_id=f"U0VOICE{number:03}") for number in range(15)]
    for person in people:
        other, _ = await joined(stores, other, reporter=person)
    assert len(other.reports) == MOST_VOICES
    assert other.origin.reporter == BEN
    assert other.more_reports == 16 - MOST_VOICES
    assert other.reporters == {BEN.user_id, *(one.user_id for one in people)}
    assert other == await stores.cases.get(other.id)


async def test_many_voices_at_once_are_all_heard(stores: Stores) -> None:
    other = await presented(stores)
    cases = [
        await reported(stores, reporter=SlackUser(user_id=f"U0VOICE{number:03}"))
        for number in range(8)
    ]
    await asyncio.gather(
        *(merge(stores.cases, one, TARGET, other.id, FakeClock(NOW)) for one in cases)
    )
    now = await stores.cases.get(other.id)
    assert now is not None
    assert {one.id for one in now.reports} == {other.id, *(one.id for one in cases)}


async def test_the_alert_of_a_reset_is_taken_over_by_the_case_that_is_joined(
    stores: Stores, raw: Valkey
) -> None:
    reset_id = str(NOT_ME.reset_id)
    await write(raw, ACCOUNT, **{"alerts": "1", f"alert:{reset_id}": "1"})
    other = await presented(stores)
    case = a_new_case(org=ORG, asked_for=USER)
    voice = case.origin.model_copy(update={"reset_id": reset_id})
    other, _ = await joined(stores, other, reports=(voice,), org=ORG, asked_for=USER)
    assert await alerts(raw) == {"alerts": "1", f"alert:{other.id}": str(_ms())}
    await denied(stores, other)
    assert await alerts(raw) == {"alerts": "0"}


def _ms() -> int:
    return int(NOW.timestamp() * 1000)


def undoing(case: Case) -> CaseChange:
    return CaseChange(CaseMove.UNFREEZE, case, NOW, claims_account=True, needs_alone=True)


async def test_what_a_newer_case_did_is_not_undone_by_an_older_one(
    stores: Stores, raw: Valkey
) -> None:
    older = await contained(stores, await presented(stores))
    newer = await contained(stores, await presented(stores))
    before = await everything(raw)
    with pytest.raises(AccountTakenError):
        await stores.cases.move(older, undoing(older))
    assert await everything(raw) == before, "refused whole"
    await stores.cases.move(newer, closing(newer))
    assert (await stores.cases.move(older, undoing(older))).state is CaseState.APPROVED
