"""Follow-ups in a real Valkey."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from valkey.asyncio import Valkey

from services.follow_ups.changes import change_of, round_of
from services.follow_ups.dismissals import Dismissals
from services.follow_ups.ending import end
from services.follow_ups.model import Ended, FollowUp, ItemState
from services.resets.policy import Answer, AnswerCode
from services.salesforce.records import AccountLock
from services.store import keys
from services.store.errors import StaleError, StoreUnavailableError
from services.store.follow_ups import FollowUpStore
from tests.contract.follow_up_stores import jobs, open_store, rewrite
from tests.factories import ADA, EVE, NOW, FakeClock
from tests.unit.follow_ups.examples import USER, a_follow_up, a_login, after, an_integration, looked

LIFE = timedelta(days=8)


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[FollowUpStore]:
    async with open_store(redis_url) as opened:
        yield opened


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[Valkey]:
    async with Valkey.from_url(redis_url, decode_responses=True) as client:
        yield client


async def started(store: FollowUpStore, follow_up: FollowUp | None = None) -> FollowUp:
    new = follow_up or a_follow_up(an_integration(), an_integration("Acme ETL"))
    await store.start(change_of(None, new, NOW, life=LIFE))
    found = await store.get(new.id)
    assert found == new.model_copy(update={"version": 1})
    return found


async def test_a_start_writes_everything_together(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    assert await jobs(raw) == [("follow_round", f"production:{after(minutes=1).timestamp():.0f}")]
    assert await store.watchers([follow_up]) == [follow_up.id]
    for item in follow_up.items:
        assert await store.owner_of(item.id) == follow_up.id
        assert await store.owner_of(item.dismiss_id) == follow_up.id
        assert 0 < await raw.pttl(keys.follow_item(item.id)) <= LIFE.total_seconds() * 1000
    assert 0 < await raw.pttl(keys.follow_up(follow_up.id)) <= 90 * 24 * 3600 * 1000
    ((_, row),) = await raw.xrange(keys.AUDIT)
    assert json.loads(row["row"])["what"] == "follow_up_started"


async def test_it_is_started_once(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    with pytest.raises(StaleError):
        await store.start(change_of(None, follow_up, NOW))
    assert await raw.xlen(keys.OUTBOX) == 1


async def test_a_newer_one_names_the_one_before(store: FollowUpStore) -> None:
    older, newer = await started(store), a_follow_up()
    assert await store.start(change_of(None, newer, NOW)) == older.id
    assert await store.watchers([older, newer]) == [newer.id, newer.id]


async def test_an_older_one_that_starts_late_takes_nothing_over(
    store: FollowUpStore, raw: Valkey
) -> None:
    newer = await started(store, a_follow_up(began_at=after(milliseconds=1)))
    older, outbox = a_follow_up(), await raw.xlen(keys.OUTBOX)
    with pytest.raises(StaleError, match="outdated"):
        await store.start(change_of(None, older, NOW, life=LIFE))
    assert await store.get(older.id) is None
    assert await store.watchers([older, newer]) == [newer.id, newer.id]
    assert await store.owner_of(older.items[0].id) is None
    assert await raw.xlen(keys.OUTBOX) == outbox
    assert await store.due("production", after(days=1), 9) == [newer.id]


async def test_an_account_is_watched_for_as_long_as_its_newest_follow_up_is_kept(
    store: FollowUpStore, raw: Valkey
) -> None:
    older, newer = await started(store), await started(store)
    pointer, short = keys.following("production", USER), 60_000
    for follow_up, is_renewed in ((older, False), (newer, True)):
        await raw.pexpire(pointer, short)
        seen = looked(follow_up, after(minutes=1))
        await store.save(follow_up, change_of(follow_up, seen, after(minutes=1)))
        assert (await raw.pttl(pointer) > short) is is_renewed
    assert await store.watchers([older]) == [newer.id]


async def test_a_lost_reply_gets_the_same_answer(
    store: FollowUpStore, raw: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = await started(store), a_follow_up()
    monkeypatch.setattr(store, "_claims", itertools.repeat(9))
    for _ in range(2):
        assert await store.start(change_of(None, newer, NOW)) == older.id
    assert await raw.xlen(keys.OUTBOX) == 2


async def test_due_is_who_waits_longest_and_nobody_who_has_ended(store: FollowUpStore) -> None:
    late, soon, over, later = [
        await started(store, a_follow_up(next_at=after(minutes=minutes)))
        for minutes in (5, 3, 1, 60)
    ]
    await store.save(over, change_of(over, end(over, Ended.ALL_DONE, NOW), NOW))
    assert await store.due("production", after(minutes=5), 10) == [soon.id, late.id]
    assert await store.due("production", after(minutes=5), 1) == [soon.id]
    assert await store.due("sandbox", after(minutes=5), 10) == []
    assert later.id in await store.due("production", after(hours=1), 10)
    await store.forget("production", [soon.id])
    assert await store.due("production", after(minutes=5), 10) == [late.id]


async def test_the_first_that_is_due_is_known_and_may_be_put_off(
    store: FollowUpStore, raw: Valkey
) -> None:
    assert await store.first_due("production") is None
    follow_up = await started(store)
    assert await store.first_due("production") == after(minutes=1)
    await store.put_off("production", [follow_up.id, "ended"], after(hours=1))
    assert await store.first_due("production") == after(hours=1)
    await store.put_off("production", [follow_up.id], after(minutes=5))
    await store.put_off("production", [], after(hours=9))
    assert await store.first_due("production") == after(hours=1)
    assert await raw.zcard(keys.follow_ups_due("production")) == 1


@pytest.mark.parametrize(
    ("field", "was", "now"),
    [("d", '"soap_password"', '"brand_new_way"'), ("d", "{", ""), ("v", "1", "one")],
)
async def test_one_that_can_not_be_read_is_told_apart(
    store: FollowUpStore, raw: Valkey, field: str, was: str, now: str
) -> None:
    good, bad = await started(store), await started(store)
    await rewrite(raw, bad.id, field, was, now)
    with capture_logs() as logs:
        assert await store.watched([bad.id, good.id]) == ([good], [], [bad.id])
        assert await store.get(bad.id) is None
    unreadable = {"event": "follow_up.unreadable", "reset_id": bad.id, "log_level": "warning"}
    assert logs == [unreadable, unreadable]


async def test_only_what_is_shown_is_shown_anew(store: FollowUpStore, raw: Valkey) -> None:
    """Neither the next look's time nor what was put aside: unless it may lock the user."""
    aside = a_follow_up(an_integration(), an_integration("Acme ETL"))
    first, second = aside.items
    first = first.model_copy(update={"state": ItemState.NOT_MINE})
    before = await started(store, aside.model_copy(update={"items": (first, second)}))
    quiet = looked(before, after(minutes=1), a_login(after(seconds=40), ok=False))
    assert quiet.items[0].failing
    assert quiet.next_at != before.next_at
    saved = await store.save(before, change_of(before, quiet, after(minutes=1)))
    assert ("follow_show", before.id) not in await jobs(raw)
    lock = AccountLock(is_frozen=False, is_password_locked=True)
    locked = looked(saved, after(minutes=3), lock=lock)
    await store.save(saved, change_of(saved, locked, after(minutes=3)))
    assert ("follow_show", before.id) in await jobs(raw)


async def test_a_save_is_compared_and_written_whole(store: FollowUpStore, raw: Valkey) -> None:
    before = await started(store)
    seen = looked(before, after(minutes=1), a_login(after(seconds=40), ok=False))
    saved = await store.save(before, change_of(before, seen, after(minutes=1), life=LIFE))
    assert await store.get(before.id) == saved
    assert saved.version == 2
    assert await jobs(raw) == [
        ("follow_round", f"production:{after(minutes=1).timestamp():.0f}"),
        ("follow_show", before.id),
        ("follow_round", f"production:{after(minutes=3).timestamp():.0f}"),
    ]
    rows = [json.loads(fields["row"]) for _, fields in await raw.xrange(keys.AUDIT)]
    assert [(row["what"], row.get("detail")) for row in rows] == [
        ("follow_up_started", None),
        ("integration_failing", "1"),
    ]
    assert not any("Data Loader" in json.dumps(row) for row in rows)
    with pytest.raises(StaleError):
        await store.save(before, change_of(before, seen, NOW))


async def test_only_one_of_many_at_once_is_saved(store: FollowUpStore) -> None:
    before = await started(store)
    change = change_of(before, looked(before, after(minutes=1)), NOW)
    outcomes = await asyncio.gather(
        *(store.save(before, change) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, FollowUp) for one in outcomes) == 1
    assert sum(isinstance(one, StaleError) for one in outcomes) == 19


async def test_what_is_gone_reads_as_nothing(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    await raw.delete(keys.follow_up(follow_up.id))
    assert await store.get(follow_up.id) is None
    assert await store.watched([follow_up.id]) == ([], [follow_up.id], [])
    assert await store.watched([]) == ([], [], [])
    assert await store.watchers([]) == []
    with pytest.raises(StaleError):
        await store.save(follow_up, change_of(follow_up, follow_up, NOW))


async def test_a_round_is_held_by_one(store: FollowUpStore, raw: Valkey) -> None:
    token = await store.rounds.take("production")
    assert token is not None
    assert await store.rounds.take("production") is None
    assert await store.rounds.take("sandbox") is not None
    assert 0 < await raw.pttl(keys.follow_round("production")) <= 60_000
    await store.rounds.release("production", token)
    assert await store.rounds.take("production") is not None


async def test_a_round_whose_hold_ran_out_lets_go_of_nothing(
    store: FollowUpStore, raw: Valkey
) -> None:
    first = await store.rounds.take("production")
    assert first is not None
    await raw.delete(keys.follow_round("production"))  # a minute is over
    second = await store.rounds.take("production")
    assert second is not None
    assert not await store.rounds.renew("production", first)
    await store.rounds.release("production", first)
    assert await store.rounds.take("production") is None
    assert await store.rounds.renew("production", second)


async def test_a_hold_is_renewed_and_taken_anew_where_nobody_has_it(
    store: FollowUpStore, raw: Valkey
) -> None:
    token = await store.rounds.take("production")
    assert token is not None
    await raw.pexpire(keys.follow_round("production"), 1000)
    assert await store.rounds.renew("production", token)
    assert await raw.pttl(keys.follow_round("production")) > 20_000
    await raw.delete(keys.follow_round("production"))
    assert await store.rounds.renew("production", token)
    assert await store.rounds.take("production") is None


async def test_a_job_may_be_asked_for_alone(store: FollowUpStore, raw: Valkey) -> None:
    await store.ask_for(round_of("production", NOW))
    ((_, fields),) = await raw.xrange(keys.OUTBOX)
    assert fields["job"] == "follow_round"
    assert int(fields["at"]) == NOW.timestamp() * 1000


async def test_no_redis_is_an_error_of_ours(tmp_path: object) -> None:
    async with open_store(f"unix://{tmp_path}/nothing.sock") as store:
        with pytest.raises(StoreUnavailableError):
            await started(store)
        with pytest.raises(StoreUnavailableError):
            await store.due("production", NOW, 1)


# Presses


async def test_not_mine_is_saved_shown_and_written_down(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    dismissals = Dismissals(store, FakeClock())
    changed = await dismissals.dismiss(follow_up.items[0].id, ADA)
    assert isinstance(changed, FollowUp)
    assert changed == await store.get(follow_up.id)
    assert changed.items[0].state is ItemState.NOT_MINE
    assert (await jobs(raw))[-1] == ("follow_show", follow_up.id)
    *_, (_, last) = await raw.xrange(keys.AUDIT)
    row = json.loads(last["row"])
    assert (row["what"], row["slack_user"], row["reset_id"]) == (
        "not_mine",
        ADA.user_id,
        follow_up.id,
    )
    outbox = await raw.xlen(keys.OUTBOX)
    assert await dismissals.dismiss(follow_up.items[0].id, ADA) == changed
    assert await raw.xlen(keys.OUTBOX) == outbox


async def test_the_last_press_ends_it(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    dismissals = Dismissals(store, FakeClock())
    for item in follow_up.items:
        await dismissals.dismiss(item.dismiss_id, ADA)
    changed = await store.get(follow_up.id)
    assert changed is not None
    assert changed.ended is Ended.ALL_DONE
    assert await store.due("production", after(days=9), 10) == []
    rows = [json.loads(fields["row"]) for _, fields in await raw.xrange(keys.AUDIT)]
    assert [row["what"] for row in rows[-2:]] == ["dismissed", "follow_up_ended"]
    assert rows[-1]["why"] == "all_done"


async def test_presses_at_the_same_moment_are_all_taken(store: FollowUpStore) -> None:
    follow_up = await started(store)
    dismissals = Dismissals(store, FakeClock())
    answers = await asyncio.gather(*(dismissals.dismiss(item.id, ADA) for item in follow_up.items))
    assert all(isinstance(answer, FollowUp) for answer in answers)
    changed = await store.get(follow_up.id)
    assert changed is not None
    assert {item.state for item in changed.items} == {ItemState.NOT_MINE}


async def test_presses_without_an_effect_are_answered(store: FollowUpStore, raw: Valkey) -> None:
    follow_up = await started(store)
    dismissals = Dismissals(store, FakeClock())
    pressed = follow_up.items[0].id
    assert await dismissals.dismiss("0" * 32, ADA) == Answer(code=AnswerCode.GONE)
    assert await dismissals.dismiss(pressed, EVE) == Answer(code=AnswerCode.NOT_YOURS)
    over = end(follow_up, Ended.TIME_IS_UP, NOW)
    await store.save(follow_up, change_of(follow_up, over, NOW))
    answer = Answer(code=AnswerCode.FOLLOW_UP_OVER, at=NOW)
    assert await dismissals.dismiss(pressed, ADA) == answer
    await raw.delete(keys.follow_up(follow_up.id))
    assert await dismissals.dismiss(pressed, ADA) == Answer(code=AnswerCode.GONE)


async def test_a_press_that_is_always_late_is_answered(
    store: FollowUpStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_: object) -> FollowUp:
        raise StaleError("stale")

    follow_up = await started(store)
    monkeypatch.setattr(store, "save", late)
    answer = await Dismissals(store, FakeClock()).dismiss(follow_up.items[0].id, ADA)
    assert answer == Answer(code=AnswerCode.ALREADY_PRESSED)
