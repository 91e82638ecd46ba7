"""Evidence in a real Valkey, under keys of its own."""

import pytest
from valkey.asyncio import Valkey

from services.salesforce.records import (
    AccountLock,
    Evidence,
    KeptGrant,
    KeptUser,
    Login,
    OpenSession,
)
from services.store import keys
from services.store.errors import StoreUnavailableError
from services.store.evidence import EvidenceStore
from services.store.stores import Stores
from tests.contract.case_stores import open_stores
from tests.factories import NOW

CASE = "c" * 32
KEPT = Evidence(
    user_id="005000000000001AAA",
    read_at=NOW,
    days=90,
    user=KeptUser(
        id="005000000000001AAA",
        username="ada@acme.example",
        email="ada@acme.example",
        name="Ada Lovelace",
        is_active=True,
        user_type="Standard",
    ),
    sessions=(OpenSession(id="0Ak000000000001AAA", session_type="UI", source_ip="203.0.113.9"),),
    grants=(KeptGrant(app="Data Loader", uses=3), KeptGrant(app=None)),
    logins=(Login(id="0Ya000000000001AAA", time=NOW, status="Success"),),
    lock=AccountLock(is_frozen=False, is_password_locked=True),
    needs="Manage Users",
)
NOTHING = Evidence(
    user_id=KEPT.user_id,
    read_at=NOW,
    days=90,
    user=None,
    sessions=None,
    grants=(),
    logins=None,
    lock=None,
)


@pytest.fixture
def evidence(stores: Stores) -> EvidenceStore:
    return stores.evidence


@pytest.mark.parametrize("kept", [KEPT, NOTHING])
async def test_it_reads_back_as_it_was_kept(evidence: EvidenceStore, kept: Evidence) -> None:
    """What couldn't be read isn't the same as what was empty."""
    await evidence.keep(CASE, kept)
    assert await evidence.get(CASE) == kept


async def test_it_is_kept_for_its_own_time_and_apart_from_the_case(
    evidence: EvidenceStore, raw: Valkey
) -> None:
    await evidence.keep(CASE, KEPT)
    assert await raw.keys("*") == [keys.evidence(CASE)]
    month = 30 * 24 * 3600 * 1000
    assert month - 60_000 < await raw.pttl(keys.evidence(CASE)) <= month


async def test_a_later_reading_takes_the_place_of_an_earlier_one(evidence: EvidenceStore) -> None:
    await evidence.keep(CASE, KEPT)
    await evidence.keep(CASE, NOTHING)
    assert await evidence.get(CASE) == NOTHING
    assert await evidence.get("d" * 32) is None


@pytest.mark.parametrize("damaged", ["{", "[]", '{"user_id": 7}', "brand new"])
async def test_what_can_not_be_read_is_none(
    evidence: EvidenceStore, raw: Valkey, damaged: str
) -> None:
    await raw.set(keys.evidence(CASE), damaged)
    assert await evidence.get(CASE) is None


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError):
            await stores.evidence.keep(CASE, KEPT)
        with pytest.raises(StoreUnavailableError):
            await stores.evidence.get(CASE)
