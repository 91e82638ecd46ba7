"""Profiles as they are kept for ten minutes, in a real Valkey."""

from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.resets.policy import Profile
from services.store import keys
from services.store.profiles import LIFE
from services.store.stores import Stores
from tests.factories import ADA, EVE, NOW

PROFILE = Profile(
    user_id=ADA.user_id,
    email="ada@acme.example",
    is_email_confirmed=True,
    deleted=False,
    is_bot=False,
    is_restricted=False,
    is_ultra_restricted=False,
    is_stranger=False,
    teams=frozenset({"T0ACME0001"}),
)
KEY = keys.profile(ADA.user_id)


async def test_a_profile_holds_ten_minutes_by_the_clock(stores: Stores, raw: Valkey) -> None:
    await stores.profiles.keep(PROFILE, NOW)
    assert await stores.profiles.get(ADA.user_id, NOW) == PROFILE
    assert await stores.profiles.get(ADA.user_id, NOW + LIFE - timedelta(seconds=1)) == PROFILE
    assert await stores.profiles.get(ADA.user_id, NOW + LIFE) is None
    assert await stores.profiles.get(EVE.user_id, NOW) is None
    assert timedelta() < timedelta(milliseconds=await raw.pttl(KEY)) <= LIFE


async def test_a_profile_that_is_let_go_of_is_gone(stores: Stores, raw: Valkey) -> None:
    await stores.profiles.keep(PROFILE, NOW)
    await stores.profiles.forget(ADA.user_id)
    assert await stores.profiles.get(ADA.user_id, NOW) is None
    assert not await raw.exists(KEY)


@pytest.mark.parametrize("stored", ["", "{", "[]", "{}", '{"profile": {}, "until": "soon"}'])
async def test_what_cant_be_read_counts_as_not_kept(
    stores: Stores, raw: Valkey, stored: str
) -> None:
    await raw.set(KEY, stored)
    assert await stores.profiles.get(ADA.user_id, NOW) is None
