"""A report that joins an open case may know better whose account it is, where that is proven."""

from collections.abc import AsyncIterator

import pytest

from services.cases.joining import merge
from services.cases.model import Case, SlackFact
from services.store.stores import Stores
from tests.contract.case_stores import open_stores, presented, reported
from tests.factories import FakeClock
from tests.unit.handlers.case_examples import IVAN, a_target
from tests.unit.handlers.examples import NOW

UNPROVEN = a_target(address_differs=None)
PROVEN = a_target(address_differs=False)


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    built = open_stores(redis_url)
    yield built
    await built.aclose()


async def joined(stores: Stores, other: Case, case: Case) -> Case:
    assert case.target is not None
    reporting = case.model_copy(update={"target": None})
    await merge(stores.cases, reporting, case.target, other.id, FakeClock(NOW))
    found = await stores.cases.get(other.id)
    assert found is not None
    return found


async def a_report(stores: Stores, **fields: object) -> Case:
    case = await reported(stores, reporter=IVAN)
    return case.model_copy(update=fields)


async def test_a_report_that_proves_whose_account_it_is_tells_an_open_case(stores: Stores) -> None:
    other = await presented(
        stores, suspect=None, slack_fact=SlackFact.NOT_LOOKED_UP, target=UNPROVEN
    )
    guest = await a_report(stores, suspect="U0ADA", slack_fact=SlackFact.GUEST, target=PROVEN)
    other = await joined(stores, other, guest)
    assert (other.suspect, other.slack_fact) == ("U0ADA", SlackFact.GUEST)
    assert other.target is not None
    assert other.target.address_differs is False


async def test_an_address_that_changed_since_the_card_stays_doubtful(stores: Stores) -> None:
    other = await presented(stores, suspect=None, target=UNPROVEN)
    elsewhere = PROVEN.model_copy(update={"address": "9" * 32})
    other = await joined(stores, other, await a_report(stores, suspect="U0ADA", target=elsewhere))
    assert other.target is not None
    assert other.target.address_differs is True


@pytest.mark.parametrize(
    ("known", "target"), [("U0EVE", PROVEN), (None, UNPROVEN)], ids=["known", "unproven"]
)
async def test_else_whoever_it_is_about_stays_as_it_was(
    stores: Stores, known: str | None, target: object
) -> None:
    """Else anybody could name an approver, who may then not decide and gets the message."""
    before = await presented(stores, suspect=known, slack_fact=SlackFact.STRANGER, target=UNPROVEN)
    case = await a_report(stores, suspect="U0ADA", misnamed="U0DANA", target=target)
    other = await joined(stores, before, case)
    assert (other.suspect, other.slack_fact) == (known, SlackFact.STRANGER)
    assert other.target == before.target
    assert other.misnamed == "U0DANA", "the card says so"
