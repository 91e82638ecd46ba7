"""Cases in a real Valkey: a move is made once, whole, or not at all."""

import asyncio
import itertools
import json
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from valkey.asyncio import Valkey

from services.cases.model import Case
from services.cases.states import CaseMove, CaseState, IllegalCaseMoveError
from services.store import keys
from services.store.case_changes import CaseChange
from services.store.changes import Job, JobName, Put
from services.store.errors import StaleError, StoreUnavailableError
from services.store.stores import Stores
from tests.contract.case_stores import (
    a_new_case,
    approved,
    approving,
    closing,
    contained,
    denied,
    everything,
    open_stores,
    presented,
    reported,
    reporting,
    write,
)
from tests.unit.handlers.case_examples import BEN, IRIS, REPORT
from tests.unit.handlers.examples import NOW

HOUR = timedelta(hours=1)
RETENTION = 90 * 24 * 3600 * 1000


# Reading


async def test_a_case_reads_back_as_it_was_saved(stores: Stores) -> None:
    case = await approved(stores, await presented(stores))
    assert (case.state, case.version) == (CaseState.APPROVED, 3)
    assert await stores.cases.get(case.id) == case
    assert case.card is not None
    assert await stores.cases.of_card(case.card.id) == case
    for step in case.steps:
        assert await stores.cases.of_step(step.id) == case


async def test_what_is_not_there_reads_as_none(stores: Stores) -> None:
    nothing = "0" * 32
    assert await stores.cases.get(nothing) is None
    assert await stores.cases.of_card(nothing) is None
    assert await stores.cases.of_step(nothing) is None
    assert await stores.cases.many([]) == []


async def test_many_are_read_in_the_order_asked_for(stores: Stores) -> None:
    first, second = await reported(stores), await reported(stores)
    asked = [second.id, "0" * 32, first.id]
    assert await stores.cases.many(asked) == [second, None, first]


@pytest.mark.parametrize(
    ("field", "value"), [("d", "{"), ("d", '{"id": 7}'), ("s", "brand_new"), ("v", "one")]
)
async def test_one_that_can_not_be_read_is_logged_without_what_it_holds(
    stores: Stores, raw: Valkey, field: str, value: str
) -> None:
    good, bad = await reported(stores), await reported(stores)
    await write(raw, keys.case(bad.id), **{field: value})
    with capture_logs() as logs:
        assert await stores.cases.many([bad.id, good.id]) == [None, good]
    unreadable = {"event": "case.unreadable", "case_id": bad.id, "log_level": "error"}
    assert logs == [unreadable]


# A move and what goes with it


async def test_a_move_writes_the_audit_the_outbox_and_the_short_lived_keys_together(
    stores: Stores, raw: Valkey
) -> None:
    case = a_new_case()
    jobs = (Job(JobName.PREPARE_CASES, "all"), Job(JobName.REMIND_OF_CASE, case.id, NOW + HOUR))
    puts = (Put(keys.card("d" * 32), case.id, 60_000),)
    change = reporting(case, jobs=jobs, puts=puts, why="command", detail="with:x")
    await stores.cases.move(None, change)
    ((_, fields),) = await raw.xrange(keys.AUDIT)
    assert json.loads(fields["row"]) == {
        "at": "2026-06-03T14:05:00Z",
        "reset_id": case.id,
        "what": "breach_report",
        "after": "preparing",
        "slack_user": BEN.user_id,
        "slack_team": BEN.team_id,
        "requester": BEN.user_id,
        "why": "command",
        "detail": "with:x",
    }
    outbox = [(one["job"], one["id"], int(one["at"])) for _, one in await raw.xrange(keys.OUTBOX)]
    assert outbox == [
        ("prepare_cases", "all", 0),
        ("remind_of_case", case.id, int((NOW + HOUR).timestamp() * 1000)),
    ]
    assert await stores.cases.of_card("d" * 32) == await stores.cases.get(case.id)
    assert 0 < await raw.pttl(keys.card("d" * 32)) <= 60_000


async def test_an_audit_row_says_who_did_what_to_which_account_and_not_why_in_their_words(
    stores: Stores, raw: Valkey
) -> None:
    reason = REPORT.reason
    case = await approved(stores, await presented(stores))
    rows = [fields["row"] for _, fields in await raw.xrange(keys.AUDIT)]
    assert [json.loads(row)["what"] for row in rows] == [
        "breach_report",
        "breach_present",
        "breach_approve",
    ]
    last = json.loads(rows[-1])
    assert (last["before"], last["after"]) == ("awaiting_approval", "approved")
    assert (last["slack_user"], last["requester"]) == (IRIS.user_id, BEN.user_id)
    assert (last["org"], last["salesforce_user"]) == ("production", "005000000000001AAA")
    assert case.target is not None
    for private in (reason, case.target.username, case.target.name, case.target.mailed_to):
        assert not any(private in row for row in rows)


async def test_moves_are_counted(stores: Stores) -> None:
    await approved(stores, await presented(stores))
    await reported(stores)
    assert await stores.health.moves() == {
        "breach_report": 2,
        "breach_present": 1,
        "breach_approve": 1,
    }


async def test_a_job_may_be_asked_for_alone(stores: Stores, raw: Valkey) -> None:
    await stores.cases.ask_for(Job(JobName.PREPARE_CASES, "all:1", NOW))
    ((_, fields),) = await raw.xrange(keys.OUTBOX)
    assert (fields["job"], fields["id"]) == ("prepare_cases", "all:1")
    assert int(fields["at"]) == NOW.timestamp() * 1000


# Once


async def test_only_one_of_many_at_once_is_a_claim(stores: Stores, raw: Valkey) -> None:
    case = await presented(stores)
    outbox = await raw.xlen(keys.OUTBOX)
    outcomes = await asyncio.gather(
        *(stores.cases.move(case, approving(case)) for _ in range(50)), return_exceptions=True
    )
    won = [one for one in outcomes if isinstance(one, Case)]
    assert len(won) == 1
    assert sum(isinstance(one, StaleError) for one in outcomes) == 49
    assert await stores.cases.get(case.id) == won[0]
    later = [fields["job"] for _, fields in await raw.xrange(keys.OUTBOX)][outbox:]
    assert later == [job.name for job in approving(case).jobs]


async def test_an_approval_against_a_denial_is_one_decision(stores: Stores) -> None:
    case = await presented(stores)
    outcomes = await asyncio.gather(
        approved(stores, case), denied(stores, case), return_exceptions=True
    )
    (won,) = [one for one in outcomes if isinstance(one, Case)]
    assert sum(isinstance(one, StaleError) for one in outcomes) == 1
    assert await stores.cases.get(case.id) == won
    assert bool(won.approvals) is not bool(won.denial)


async def test_a_refused_move_writes_nothing(stores: Stores, raw: Valkey) -> None:
    case = await presented(stores)
    await approved(stores, case)
    before = await everything(raw)
    with pytest.raises(StaleError):
        await denied(stores, case)
    assert await everything(raw) == before


async def test_the_same_claim_again_gets_the_same_answer(
    stores: Stores, raw: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply is lost, the client sends the script again: one move, one job."""
    case = await presented(stores)
    monkeypatch.setattr(stores.cases, "_claims", itertools.repeat(99))
    change = approving(case)
    first = await stores.cases.move(case, change)
    after = await everything(raw)
    assert await stores.cases.move(case, change) == first
    assert await everything(raw) == after


async def test_a_move_of_a_case_that_is_gone_is_stale(stores: Stores, raw: Valkey) -> None:
    case = await presented(stores)
    await raw.delete(keys.case(case.id))
    with pytest.raises(StaleError, match="missing"):
        await approved(stores, case)
    assert await stores.cases.get(case.id) is None


async def test_a_move_that_the_table_lacks_is_refused_before_it_is_sent(stores: Stores) -> None:
    case = await presented(stores)
    with pytest.raises(IllegalCaseMoveError):
        await stores.cases.move(case, CaseChange(CaseMove.CLOSE, case, NOW))


async def test_the_script_itself_refuses_an_illegal_move(
    stores: Stores, raw: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script holds the table too: an older or newer process beside this one is held to it."""
    case = await presented(stores)
    before = await everything(raw)
    monkeypatch.setattr("services.store.cases.after", lambda *_: CaseState.CLOSED)
    with pytest.raises(StaleError, match="illegal"):
        await stores.cases.move(case, CaseChange(CaseMove.CLOSE, case, NOW))
    assert await everything(raw) == before


async def test_nothing_but_a_report_makes_a_case(stores: Stores, raw: Valkey) -> None:
    with pytest.raises(StaleError, match="illegal"):
        await stores.cases.move(None, CaseChange(CaseMove.PRESENT, a_new_case(), NOW))
    assert await everything(raw) == {}


# How long it is kept


async def test_an_open_case_never_expires_and_a_finished_one_does(
    stores: Stores, raw: Valkey
) -> None:
    case = await reported(stores)
    kept = [await raw.pttl(keys.case(case.id))]
    case = await presented(stores, case)
    kept.append(await raw.pttl(keys.case(case.id)))
    case = await contained(stores, case)
    kept.append(await raw.pttl(keys.case(case.id)))
    assert kept == [-1, -1, -1]
    await stores.cases.move(case, closing(case))
    assert 0 < await raw.pttl(keys.case(case.id)) <= RETENTION


async def test_a_case_that_was_denied_or_refused_expires(stores: Stores, raw: Valkey) -> None:
    over = await denied(stores, await presented(stores))
    refused = await reported(stores)
    refused = await stores.cases.move(refused, CaseChange(CaseMove.REFUSE, refused, NOW))
    for case in (over, refused):
        assert 0 < await raw.pttl(keys.case(case.id)) <= RETENTION


async def test_no_redis_is_an_error_of_ours_without_its_text(tmp_path: object) -> None:
    async with open_stores(f"unix://{tmp_path}/nothing.sock") as stores:
        with pytest.raises(StoreUnavailableError) as refused:
            await reported(stores)
        with pytest.raises(StoreUnavailableError):
            await stores.cases.get("0" * 32)
    assert "nothing.sock" not in str(refused.value)
    assert refused.value.__cause__ is None
