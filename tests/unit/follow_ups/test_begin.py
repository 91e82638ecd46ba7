"""What is watched after a reset."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.follow_ups.begin import UNKNOWN_FOR, begin
from services.follow_ups.model import MOST_ITEMS
from services.follow_ups.schedule import bucket, next_look
from services.impact.model import Impact, Integration, Verdict, Way, Why
from services.resets.states import State
from services.salesforce.records import AccountLock
from tests.factories import NOW, a_reset
from tests.unit.follow_ups.examples import (
    DAYS,
    a_done_reset,
    a_login,
    after,
    an_integration,
    looked,
)

UNLOCKED = AccountLock(is_frozen=False, is_password_locked=False)


def test_what_may_fail_is_watched_in_the_order_of_the_warning() -> None:
    reset = a_done_reset(
        an_integration("A"),
        an_integration("B", verdict=Verdict.BREAKS_UNLESS_TRUSTED),
        an_integration("C", verdict=Verdict.CANT_TELL),
        an_integration("D", verdict=Verdict.NOT_AFFECTED, why=Why.TRUSTED_NETWORK),
        an_integration("E", verdict=Verdict.NOT_AFFECTED, why=Why.REFRESH_TOKEN),
    )
    follow_up = begin(reset, NOW, days=DAYS)
    assert [item.name for item in follow_up.items] == ["A", "B", "C", "D"]
    assert follow_up.history_known
    assert follow_up.more == 0


def test_what_is_too_much_is_counted() -> None:
    many = [an_integration(f"App {number}") for number in range(MOST_ITEMS + 7)]
    follow_up = begin(a_done_reset(*many), NOW, days=DAYS)
    assert len(follow_up.items) == MOST_ITEMS
    assert follow_up.more == 7


def counted(name: str, **changes: Any) -> Integration:  # noqa: ANN401
    flow_not_read = {
        "way": Way.UNKNOWN,
        "verdict": Verdict.CANT_TELL,
        "why": Why.FLOW_NOT_READ,
        "read": 0,
    }
    return an_integration(name, **(flow_not_read | changes))


SPARED = {"way": Way.OAUTH_WEB, "verdict": Verdict.NOT_AFFECTED, "why": Why.APPROVED_IN_BROWSER}


def test_what_only_the_counting_saw_is_watched() -> None:
    follow_up = begin(a_done_reset(an_integration("A"), counted("Weekly")), NOW, days=DAYS)
    assert [(item.name, item.flow_read) for item in follow_up.items] == [
        ("A", True),
        ("Weekly", False),
    ]
    assert follow_up.more == 0


def test_the_rest_of_a_program_that_was_read_is_no_item_and_keeps_it_open() -> None:
    reset = a_done_reset(an_integration(), an_integration("Sync", **SPARED), counted("Sync"))
    follow_up = begin(reset, NOW, days=DAYS)
    assert [item.name for item in follow_up.items] == ["Data Loader"]
    assert follow_up.more == 1
    later = after(minutes=3)
    assert looked(follow_up, later, a_login(after(minutes=2)), lock=UNLOCKED).ended is None


@pytest.mark.parametrize("other", [{"client_version": "59.0"}, {"api_type": "REST API"}])
def test_another_version_is_another_program(other: dict[str, str]) -> None:
    reset = a_done_reset(an_integration("Sync", **SPARED), counted("Sync", **other))
    follow_up = begin(reset, NOW, days=DAYS)
    assert ([item.name for item in follow_up.items], follow_up.more) == (["Sync"], 0)


def test_counts_of_one_program_hide_none_of_each_other() -> None:
    follow_up = begin(a_done_reset(counted("Sync"), counted("Sync")), NOW, days=DAYS)
    assert follow_up.more == 0


def test_what_the_warning_did_not_list_keeps_it_open() -> None:
    impact = Impact(days=90, read_at=NOW, integrations=(an_integration(),), more=5)
    follow_up = begin(a_done_reset(impact=impact), NOW, days=DAYS)
    assert follow_up.more == 5
    later = after(minutes=3)
    assert looked(follow_up, later, a_login(after(minutes=2)), lock=UNLOCKED).ended is None


def test_ids_are_opaque_different_and_the_same_again() -> None:
    reset = a_done_reset(an_integration("A"), an_integration("A", client_version="61.0"))
    first, again = begin(reset, NOW, days=DAYS), begin(reset, NOW, days=DAYS)
    ids = [key for item in first.items for key in (item.id, item.dismiss_id)]
    assert len(set(ids)) == 4
    assert all(len(key) == 32 and reset.id not in key for key in ids)
    assert first == again


@pytest.mark.parametrize("impact", [None, Impact(readable=False, days=90, read_at=NOW)])
def test_an_unreadable_history_is_not_an_empty_one(impact: Impact | None) -> None:
    follow_up = begin(a_done_reset(impact=impact), NOW, days=DAYS)
    assert not follow_up.history_known
    assert begin(a_done_reset(), NOW, days=DAYS).history_known


@pytest.mark.parametrize(
    ("state", "offset"), [(State.DONE, 0), (State.UNKNOWN, 0), (State.REPORTED, 3)]
)
def test_it_begins_when_the_reset_took_effect(state: State, offset: int) -> None:
    follow_up = begin(a_done_reset(state=state), NOW + timedelta(minutes=1), days=DAYS)
    assert follow_up.began_at == NOW + timedelta(seconds=offset)
    assert follow_up.read_to == follow_up.began_at


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.DONE, timedelta(seconds=3)),
        (State.UNKNOWN, UNKNOWN_FOR),
        (State.REPORTED, timedelta(seconds=3)),
    ],
)
def test_it_knows_by_when_the_reset_had_its_effect(state: State, after: timedelta) -> None:
    follow_up = begin(a_done_reset(state=state), NOW + timedelta(minutes=1), days=DAYS)
    assert follow_up.effective_at == NOW + after


@pytest.mark.parametrize("finished_at", [None, NOW - timedelta(seconds=1)])
def test_the_effect_is_never_before_the_beginning(finished_at: datetime | None) -> None:
    follow_up = begin(a_done_reset(finished_at=finished_at), NOW, days=DAYS)
    assert follow_up.effective_at == follow_up.began_at == NOW


def test_it_knows_until_when_it_looks() -> None:
    began_at = NOW + timedelta(seconds=1)
    follow_up = begin(a_done_reset(intent_at=began_at), began_at, days=DAYS)
    assert follow_up.until == bucket(began_at + timedelta(days=DAYS))
    assert next_look(began_at, after=follow_up.until, days=DAYS) is None
    assert next_look(began_at, after=NOW + timedelta(days=DAYS), days=DAYS) == follow_up.until


def test_a_late_beginning_looks_at_once_in_its_next_look() -> None:
    follow_up = begin(a_done_reset(), NOW + timedelta(minutes=40), days=DAYS)
    assert follow_up.next_at == NOW + timedelta(hours=1)


def test_without_a_salesforce_user_there_is_nothing_to_follow() -> None:
    with pytest.raises(ValueError, match="known Salesforce user"):
        begin(a_reset(), NOW, days=DAYS)
