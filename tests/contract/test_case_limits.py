"""What may be done only once, or only so often: reports, alerts and emergency overrides."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.cases import plans, policy
from services.cases.alerts import AlertReport
from services.cases.model import Case, Source, Urgency
from services.cases.reporting import Draft, Reporting
from services.resets.model import SlackUser
from services.standing import Presser
from services.store import keys
from services.store.case_changes import CaseChange
from services.store.errors import KnownError, QuotaError
from services.store.stores import Stores
from services.token_shape import HIDDEN
from tests.contract.case_stores import (
    a_new_case,
    everything,
    fields_of,
    presented,
    press_of,
    reported,
    reporting,
)
from tests.factories import FakeClock, a_reset, an_account
from tests.unit.handlers.case_examples import BEN, IVAN, TARGET
from tests.unit.handlers.examples import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TOKEN = "aB3dE5fG7hI9jK1lM3nO5pQ7"
ALERT = AlertReport(
    webhook_id="msg_1",
    alert_id="alert-1",
    user="ada@acme.example",
    org=None,
    reason=f"seen {TOKEN}",
    source="siem",
    severity=Urgency.CRITICAL,
    evidence=("from 203.0.113.9",),
    secret=2,
    secrets=3,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def desk(stores: Stores, clock: FakeClock) -> Reporting:
    return Reporting(stores.cases, clock)


def draft(reporter: SlackUser = BEN) -> Draft:
    return Draft(reporter=reporter, source=Source.COMMAND, reason="odd logins", suspect="U0ADA")


# Once


async def test_a_case_is_made_once(stores: Stores, raw: Valkey) -> None:
    case = await reported(stores)
    before = await everything(raw)
    with pytest.raises(KnownError) as known:
        await stores.cases.move(None, reporting(case))
    assert known.value.item_id == case.id
    assert await everything(raw) == before


@pytest.mark.parametrize("taken", [("a",), ("b",), ("b", "a")])
async def test_a_key_that_names_a_case_already_makes_no_second_one(
    stores: Stores, raw: Valkey, taken: tuple[str, ...]
) -> None:
    first, second = a_new_case(), a_new_case()
    await stores.cases.move(None, reporting(first, once=("a", "b")))
    before = await everything(raw)
    with pytest.raises(KnownError) as known:
        await stores.cases.move(None, reporting(second, once=(*taken, "c")))
    assert known.value.item_id == first.id
    assert await everything(raw) == before
    assert await stores.cases.get(second.id) is None


async def test_of_many_at_once_with_one_key_one_is_made(stores: Stores, raw: Valkey) -> None:
    outcomes = await asyncio.gather(
        *(stores.cases.move(None, reporting(a_new_case(), once=("a",))) for _ in range(50)),
        return_exceptions=True,
    )
    (made,) = [one for one in outcomes if isinstance(one, Case)]
    known = [one.item_id for one in outcomes if isinstance(one, KnownError)]
    assert known == [made.id] * 49
    assert await stores.cases.count_open() == 1
    assert await raw.xlen(keys.AUDIT) == 1


async def test_an_alert_is_known_by_its_message_and_by_its_id(
    desk: Reporting, stores: Stores
) -> None:
    case_id, is_new = await desk.alert(ALERT)
    assert is_new
    for again in (
        ALERT,
        AlertReport(**(vars(ALERT) | {"alert_id": "alert-2"})),
        AlertReport(**(vars(ALERT) | {"webhook_id": "msg_2", "secret": 1, "secrets": 1})),
    ):
        assert await desk.alert(again) == (case_id, False)
    other = AlertReport(**(vars(ALERT) | {"webhook_id": "msg_3", "source": "flow"}))
    assert (await desk.alert(other))[1]
    assert await stores.cases.count_open() == 2


async def test_an_alert_is_kept_with_its_evidence_and_without_a_token(
    desk: Reporting, stores: Stores, raw: Valkey
) -> None:
    case_id, _ = await desk.alert(ALERT)
    case = await stores.cases.get(case_id)
    assert case is not None
    assert case.origin.reason == f"seen {HIDDEN}"
    assert case.origin.evidence == ("from 203.0.113.9",)
    assert case.origin.alert is not None
    assert (case.origin.alert.secret, case.origin.alert.secrets) == (2, 3)
    assert (case.urgency, case.reporters) == (Urgency.CRITICAL, frozenset())
    stored = await fields_of(raw, keys.case(case_id))
    assert HIDDEN in stored["d"]
    assert TOKEN not in str(stored)


async def test_this_was_not_me_makes_one_case_however_often_its_job_runs(
    desk: Reporting, stores: Stores
) -> None:
    reset = a_reset(account=an_account(), not_me_at=NOW)
    for _ in range(2):
        await desk.not_me(reset)
    (case,) = await stores.cases.newest_open(9)
    assert case.resets == (reset.id,)
    assert case.account == ("production", "005000000000001AAA")
    assert (case.suspect, case.slack_suspected) == (reset.requester.user_id, True)


# So often


async def test_a_person_reports_five_times_an_hour(
    desk: Reporting, stores: Stores, clock: FakeClock, raw: Valkey
) -> None:
    for _ in range(5):
        await desk.report(draft())
        clock.forward(minutes=10)
    before = await everything(raw)
    with pytest.raises(QuotaError) as refused:
        await desk.report(draft())
    assert refused.value.until == NOW + HOUR
    assert await everything(raw) == before
    assert await stores.cases.count_open() == 5
    await desk.report(draft(IVAN))  # somebody else's are theirs


async def test_the_hour_slides(desk: Reporting, clock: FakeClock) -> None:
    for _ in range(5):
        await desk.report(draft())
        clock.forward(minutes=10)
    clock.now = NOW + HOUR - timedelta(milliseconds=1)
    with pytest.raises(QuotaError):
        await desk.report(draft())
    clock.now = NOW + HOUR
    await desk.report(draft())  # the first is an hour old, the second isn't
    with pytest.raises(QuotaError) as refused:
        await desk.report(draft())
    assert refused.value.until == NOW + HOUR + 10 * MINUTE


async def test_of_many_reports_at_once_five_are_taken(desk: Reporting, stores: Stores) -> None:
    outcomes = await asyncio.gather(
        *(desk.report(draft()) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(one, Case) for one in outcomes) == 5
    assert sum(isinstance(one, QuotaError) for one in outcomes) == 45
    assert await stores.cases.count_open() == 5


async def test_what_counts_a_quota_goes_away_by_itself(desk: Reporting, raw: Valkey) -> None:
    await desk.report(draft())
    assert 0 < await raw.pttl(keys.reports_of(BEN.user_id)) <= HOUR.total_seconds() * 1000


async def test_three_overrides_an_hour(stores: Stores, raw: Valkey) -> None:
    def overriding(case: Case) -> CaseChange:
        press, presser = press_of(case, BEN), Presser(BEN, is_approver=True)
        change = plans.override(case, press, presser, NOW)
        assert isinstance(change, CaseChange)
        return change

    cases = [await accounted(stores, number) for number in range(4)]
    for case in cases[:3]:
        await stores.cases.move(case, overriding(case))
    before = await everything(raw)
    with pytest.raises(QuotaError) as refused:
        await stores.cases.move(cases[3], overriding(cases[3]))
    assert refused.value.until == NOW + HOUR
    assert policy.OVERRIDES_AN_HOUR == 3
    assert await everything(raw) == before


async def accounted(stores: Stores, number: int) -> Case:
    """A case before IT, about an account of its own."""
    target = TARGET.model_copy(update={"user_id": f"00500000000001{number}AAA"})
    return await presented(stores, target=target)
