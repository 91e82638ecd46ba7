"""The store against a real Valkey."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from services.resets.model import Reset
from services.resets.states import IllegalMoveError, Move, State
from services.store import keys
from services.store.changes import AccountOp, Change, Job, JobName, Put
from services.store.connection import POOL, connect, translated
from services.store.errors import (
    AccountHinderedError,
    Hindrance,
    StaleError,
    StoreUnavailableError,
)
from services.store.resets import ResetStore
from services.store.stores import Stores
from tests.factories import ADA, NOW, a_reset, an_offer

HOUR = timedelta(hours=1)


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    async with open_stores(redis_url) as opened:
        yield opened


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[Valkey]:
    async with Valkey.from_url(redis_url, decode_responses=True) as client:
        yield client


def open_stores(url: str) -> Stores:
    return Stores(
        url,
        retention=timedelta(days=90),
        audit_retention=timedelta(days=365),
        cooldown=timedelta(minutes=10),
        evidence=timedelta(days=90),
    )


async def started(store: ResetStore, reset: Reset | None = None) -> Reset:
    return await store.move(None, Change(Move.START, reset or a_reset(), NOW, actor=ADA))


async def offered(store: ResetStore) -> Reset:
    first = await started(store)
    after = an_offer(id=first.id, version=first.version)
    return await store.move(first, Change(Move.OFFER, after, NOW))


def confirm(reset: Reset, *, minutes: int = 0) -> Change:
    return Change(
        Move.CONFIRM,
        reset,
        NOW + timedelta(minutes=minutes),
        actor=ADA,
        account=AccountOp.TAKE,
        jobs=(Job(JobName.RUN, reset.id),),
    )


async def test_a_reset_reads_back_as_it_was_saved(stores: Stores) -> None:
    saved = await offered(stores.resets)
    assert await stores.resets.get(saved.id) == saved
    assert saved.state is State.AWAITING_USER
    assert saved.version == 2


async def test_a_move_writes_the_audit_the_outbox_and_the_short_lived_keys_together(
    stores: Stores, raw: Valkey
) -> None:
    reset = a_reset()
    await stores.resets.move(
        None,
        Change(
            Move.START,
            reset,
            NOW,
            actor=ADA,
            jobs=(Job(JobName.PREPARE, reset.id), Job(JobName.EXPIRE, reset.id, NOW + HOUR)),
            puts=(Put(keys.response_url(reset.id), "https://hooks.slack.com/x", 60_000),),
        ),
    )
    ((_, audit),) = await raw.xrange(keys.AUDIT)
    row = json.loads(audit["row"])
    assert (row["what"], row["after"], row["slack_user"]) == ("start", "preparing", ADA.user_id)
    outbox = [fields for _, fields in await raw.xrange(keys.OUTBOX)]
    assert [(one["job"], one["id"]) for one in outbox] == [
        ("prepare", reset.id),
        ("expire", reset.id),
    ]
    assert outbox[0]["at"] == "0"
    assert int(outbox[1]["at"]) == int((NOW + HOUR).timestamp() * 1000)
    assert 0 < await raw.pttl(keys.response_url(reset.id)) <= 60_000


async def test_only_one_of_many_presses_at_once_is_a_claim(stores: Stores, raw: Valkey) -> None:
    reset = await offered(stores.resets)
    outcomes = await asyncio.gather(
        *(stores.resets.move(reset, confirm(reset)) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(one, Reset) for one in outcomes) == 1
    assert sum(isinstance(one, StaleError) for one in outcomes) == 49
    jobs = [fields["job"] for _, fields in await raw.xrange(keys.OUTBOX)]
    assert jobs == ["run"]
    moved = await stores.resets.get(reset.id)
    assert moved is not None
    assert moved.state is State.QUEUED


async def test_a_refused_move_writes_nothing(stores: Stores, raw: Valkey) -> None:
    reset = await offered(stores.resets)
    await stores.resets.move(reset, confirm(reset))
    before = await _everything(raw)
    with pytest.raises(StaleError):
        await stores.resets.move(reset, Change(Move.CANCEL, reset, NOW))
    assert await _everything(raw) == before


async def test_a_move_that_the_table_lacks_is_refused_before_it_is_sent(stores: Stores) -> None:
    reset = await offered(stores.resets)
    with pytest.raises(IllegalMoveError):
        await stores.resets.move(reset, Change(Move.SUCCEED, reset, NOW))


async def test_the_script_itself_refuses_an_illegal_move(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script holds the table too: an older or newer process beside this one is held to it."""
    reset = await offered(stores.resets)
    monkeypatch.setattr("services.store.resets.after", lambda *_: State.DONE)
    with pytest.raises(StaleError):
        await stores.resets.move(reset, Change(Move.SUCCEED, reset, NOW))
    unmoved = await stores.resets.get(reset.id)
    assert unmoved == reset


async def test_the_same_claim_again_gets_the_same_answer(
    stores: Stores, raw: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply is lost, the client sends the script again: one move, one job."""
    monkeypatch.setattr(stores.resets, "_claims", itertools.repeat(1))
    reset = a_reset()
    change = Change(Move.START, reset, NOW, actor=ADA, jobs=(Job(JobName.PREPARE, reset.id),))
    first = await stores.resets.move(None, change)
    assert await stores.resets.move(None, change) == first
    assert await raw.xlen(keys.OUTBOX) == 1
    assert await raw.xlen(keys.AUDIT) == 1


async def test_one_reset_at_a_time_for_a_salesforce_user(stores: Stores) -> None:
    running, waiting = await offered(stores.resets), await offered(stores.resets)
    await stores.resets.move(running, confirm(running))
    with pytest.raises(AccountHinderedError) as refused:
        await stores.resets.move(waiting, confirm(waiting))
    assert refused.value.hindrance is Hindrance.BUSY
    assert await stores.resets.hindrance("production", "005000000000001AAA", NOW) == (
        Hindrance.BUSY,
        None,
    )


async def test_a_claim_of_a_reset_whose_data_is_gone_blocks_nobody(
    stores: Stores, raw: Valkey
) -> None:
    lost, waiting = await offered(stores.resets), await offered(stores.resets)
    await stores.resets.move(lost, confirm(lost))
    await raw.delete(keys.reset(lost.id))
    moved = await stores.resets.move(waiting, confirm(waiting))
    assert moved.state is State.QUEUED


@pytest.mark.parametrize(("minutes", "free"), [(0, False), (9, False), (10, True)])
async def test_the_cool_down_is_stored_data_and_not_a_key_that_expires(
    stores: Stores, *, minutes: int, free: bool
) -> None:
    done, waiting = await offered(stores.resets), await offered(stores.resets)
    done = await stores.resets.move(done, confirm(done))
    done = await stores.resets.move(done, Change(Move.RUN, done, NOW))
    await stores.resets.move(done, Change(Move.SUCCEED, done, NOW, account=AccountOp.SPEND))
    if free:
        moved = await stores.resets.move(waiting, confirm(waiting, minutes=minutes))
        assert moved.state is State.QUEUED
        return
    with pytest.raises(AccountHinderedError) as refused:
        await stores.resets.move(waiting, confirm(waiting, minutes=minutes))
    assert refused.value.hindrance is Hindrance.COOLING_DOWN
    assert refused.value.until == NOW + timedelta(minutes=10)


async def test_a_failed_reset_frees_the_account_at_once(stores: Stores) -> None:
    failed, waiting = await offered(stores.resets), await offered(stores.resets)
    failed = await stores.resets.move(failed, confirm(failed))
    failed = await stores.resets.move(failed, Change(Move.RUN, failed, NOW))
    await stores.resets.move(failed, Change(Move.FAIL, failed, NOW, account=AccountOp.RELEASE))
    assert await stores.resets.hindrance("production", "005000000000001AAA", NOW) is None
    assert (await stores.resets.move(waiting, confirm(waiting))).state is State.QUEUED


async def test_the_newest_resets_of_a_person_come_first(stores: Stores) -> None:
    ids = [(await started(stores.resets)).id for _ in range(25)]
    newest = await stores.resets.newest_of(ADA.user_id, 5)
    assert [reset.id for reset in newest] == ids[:-6:-1]
    assert await stores.resets.newest_of("U0NOBODY01", 5) == []


async def test_a_reset_that_is_gone_reads_as_none(stores: Stores) -> None:
    assert await stores.resets.get("0" * 32) is None


async def test_a_crowd_waits_for_a_connection_and_is_not_refused(stores: Stores) -> None:
    reset = await offered(stores.resets)
    crowd = 10 * POOL  # each waits for a connection a second at most, on a busy machine too
    answers = await asyncio.gather(*(stores.resets.get(reset.id) for _ in range(crowd)))
    assert answers == [reset] * crowd


async def test_who_may_stand_in_line_for_longer_waits_while_every_connection_is_taken(
    redis_url: str,
) -> None:
    for seconds, served in ((0.1, False), (10, True)):
        async with connect(redis_url, in_line_for=seconds) as redis:
            taken = [asyncio.ensure_future(redis.blpop(["nothing"], 0.5)) for _ in range(POOL)]
            async with Valkey.from_url(redis_url) as other:
                while len(await other.client_list(_type="normal")) <= POOL:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            waiting = redis.exists("nothing")
            if served:
                assert await waiting == 0
            else:
                with pytest.raises(StoreUnavailableError), translated():
                    await waiting
            await asyncio.gather(*taken)


async def test_a_move_of_a_start_that_a_worker_has_moved_on_is_stale(stores: Stores) -> None:
    first = await started(stores.resets)
    with pytest.raises(StaleError):
        await stores.resets.move(None, Change(Move.START, first, NOW, actor=ADA))


async def test_no_redis_is_an_error_of_ours_without_its_text(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError) as refused:
            await started(stores.resets)
    assert "nothing.sock" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


async def test_a_finished_reset_is_small_and_expires(stores: Stores, raw: Valkey) -> None:
    done = await offered(stores.resets)
    for change in (
        confirm(done),
        Change(Move.RUN, done, NOW),
        Change(Move.SUCCEED, done, NOW, account=AccountOp.SPEND),
    ):
        done = await stores.resets.move(done, change)
    assert 0 < await raw.pttl(keys.reset(done.id)) <= 90 * 24 * 3600 * 1000
    size = await raw.memory_usage(keys.reset(done.id))
    assert size is not None
    assert size < 2048


async def _everything(raw: Valkey) -> dict[str, bytes | None]:
    return {key: await raw.dump(key) for key in sorted(await raw.keys("*"))}


async def test_what_waits_outlives_its_deadline_however_short_the_retention(
    stores: Stores, raw: Valkey
) -> None:
    """A question to IT may wait for 30 days, and ended resets be kept for three."""
    first = await started(stores.resets)
    waits = timedelta(days=120)
    after = an_offer(id=first.id, version=first.version, deadline=NOW + waits)
    await stores.resets.move(first, Change(Move.OFFER, after, NOW))
    for key in (keys.reset(first.id), keys.resets_of(ADA.user_id)):
        assert timedelta(milliseconds=await raw.pttl(key)) > waits, key
