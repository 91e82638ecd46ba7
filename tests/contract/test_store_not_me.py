"""*This wasn't me* in the store: self-service stops at once, and until its case is decided."""

from collections.abc import AsyncIterator

import pytest
from valkey.asyncio import Valkey

from services.cases.model import Case, Report, Source
from services.cases.states import CaseMove, CaseState
from services.resets.model import Reset
from services.resets.states import Move, State
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange
from services.store.changes import AccountOp, Change
from services.store.errors import AccountHinderedError, Hindrance
from services.store.stores import Stores
from tests.contract.test_store import confirm, offered, open_stores
from tests.factories import ADA, NOW


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    async with open_stores(redis_url) as opened:
        yield opened


async def not_me(stores: Stores) -> Reset:
    """A reset that was done, and of which its person says that it wasn't theirs."""
    done = await offered(stores.resets)
    for change in (
        confirm(done),
        Change(Move.RUN, done, NOW),
        Change(Move.SUCCEED, done, NOW, account=AccountOp.SPEND),
        Change(Move.NOT_ME, done, NOW, account=AccountOp.ALERT),
    ):
        done = await stores.resets.move(done, change)
    return done


async def before_it(stores: Stores, done: Reset) -> Case:
    """The case that it makes, brought before IT: it looks into that alert from now on."""
    case_id = "c" * 32
    report = Report(
        id=case_id, source=Source.NOT_ME, reporter=ADA, at=NOW, reason="-", reset_id=done.id
    )
    case = Case(
        id=case_id,
        created_at=NOW,
        org="production",
        asked_for="005000000000001AAA",
        reports=(report,),
    )
    case = await stores.cases.move(None, CaseChange(CaseMove.REPORT, case, NOW))
    return await stores.cases.move(
        case,
        CaseChange(
            CaseMove.PRESENT,
            case,
            NOW,
            claims_account=True,
            alert=AlertOp.OPEN,
            alerts_taken_over=case.resets,
        ),
    )


async def denied(stores: Stores, case: Case) -> Case:
    change = CaseChange(CaseMove.DENY, case, NOW, leaves_account=True, alert=AlertOp.CLOSE)
    return await stores.cases.move(case, change)


async def test_self_service_stops_from_the_alert_until_its_case_is_decided(stores: Stores) -> None:
    waiting = await offered(stores.resets)

    async def refused() -> None:
        with pytest.raises(AccountHinderedError) as error:
            await stores.resets.move(waiting, confirm(waiting, minutes=60))
        assert error.value.hindrance is Hindrance.UNDER_INVESTIGATION

    done = await not_me(stores)
    await refused()
    case = await before_it(stores, done)
    await refused()
    assert (await denied(stores, case)).state is CaseState.DENIED
    moved = await stores.resets.move(waiting, confirm(waiting, minutes=60))
    assert moved.state is State.QUEUED


async def test_what_it_looks_into_does_not_expire(stores: Stores, redis_url: str) -> None:
    account = keys.account("production", "005000000000001AAA")
    async with Valkey.from_url(redis_url) as raw:
        done = await not_me(stores)
        assert await raw.pttl(keys.reset(done.id)) > 0, "the case holds what IT needs of it"
        assert await raw.pttl(account) == -1
        case = await before_it(stores, done)
        assert await raw.pttl(keys.case(case.id)) == -1
        assert await raw.pttl(account) == -1
        await denied(stores, case)
        assert await raw.pttl(keys.case(case.id)) > 0
        assert await raw.pttl(account) > 0
