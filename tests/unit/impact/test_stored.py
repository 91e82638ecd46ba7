"""What was seen, as it is kept for the next who asks."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.impact.model import Impact, Integration
from services.orgs import ResetMethod
from services.store import keys
from services.store.connection import connect
from services.store.impacts import LIFE, ImpactStore, Seen
from tests.unit.impact.readings import NOW, REFRESH, USER, a_count, a_login, assessed, only

WHERE = ("production", USER.id, ResetMethod.TOKEN)
SEEN = Seen(impact=assessed(a_login(REFRESH), logins_cut=True, groups=[a_count(5, REFRESH)]))


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[ImpactStore]:
    redis = connect(redis_url)
    yield ImpactStore(redis)
    await redis.aclose()


async def test_what_was_kept_is_found_for_five_minutes(store: ImpactStore) -> None:
    assert await store.get(*WHERE, NOW) is None
    await store.keep(*WHERE, SEEN)
    assert await store.get(*WHERE, NOW + LIFE - timedelta(seconds=1)) == SEEN
    assert await store.get(*WHERE, NOW + LIFE) is None


@pytest.mark.parametrize(
    ("known", "unknown"),
    [('"cant_tell"', '"new_verdict"'), ('"flow_not_read"', '"new_why"'), ("{", "[")],
)
async def test_what_a_newer_version_kept_is_not_seen(
    redis_url: str, store: ImpactStore, known: str, unknown: str
) -> None:
    text = SEEN.model_dump_json(exclude_defaults=True)
    assert known in text
    async with Valkey.from_url(redis_url) as raw:
        await raw.set(keys.impact(*WHERE), text.replace(known, unknown))
    assert await store.get(*WHERE, NOW) is None


def test_an_older_version_read_all_that_it_counted() -> None:
    seen = only(assessed(a_login(), a_login()))
    older = Integration.model_validate_json(seen.model_dump_json(exclude={"read"}))
    assert older == seen
    assert older.read == 2


def test_how_many_were_read_is_kept() -> None:
    kept = Impact.model_validate_json(SEEN.impact.model_dump_json(exclude_defaults=True))
    assert {one.read for one in kept.integrations} == {0, 1}
