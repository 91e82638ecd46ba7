"""What logins after a reset tell."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.follow_ups.memory import LAG, LAG_AT_FIRST, MOST_RECENT, read_from
from services.follow_ups.model import (
    MOST_FAILING_KEPT,
    MOST_ITEMS,
    AlertKind,
    Ended,
    FollowUp,
    ItemState,
)
from services.follow_ups.observe import Look, observe
from services.impact.model import Verdict, Way, Why
from services.salesforce.records import AccountLock, Login
from tests.factories import NOW
from tests.unit.follow_ups.examples import (
    CLOUD,
    DAYS,
    OFFICE,
    REFUSED,
    a_follow_up,
    a_login,
    after,
    an_integration,
    looked,
    the_item,
)

LOCKED = AccountLock(is_frozen=False, is_password_locked=True, changed_at=after(minutes=2))
UNLOCKED = AccountLock(is_frozen=False, is_password_locked=False)
FLOW_NOT_READ: dict[str, Any] = {
    "way": Way.UNKNOWN,
    "verdict": Verdict.CANT_TELL,
    "why": Why.FLOW_NOT_READ,
    "read": 0,
}
NONE_SEEN: tuple[Login, ...] = ()


def kinds(follow_up: FollowUp) -> list[AlertKind]:
    return [alert.kind for alert in follow_up.alerts]


def two() -> FollowUp:
    """An account with another integration that stays open."""
    return a_follow_up(an_integration(), an_integration("Acme ETL"))


# What ticks and what fails


def test_not_seen_yet_stays_open() -> None:
    seen = looked(a_follow_up(), after(minutes=1))
    assert the_item(seen).state is ItemState.OPEN
    assert (seen.round, seen.next_at, seen.alerts) == (1, after(minutes=3), ())


def test_a_login_that_succeeds_ticks_the_last_item_and_ends_it() -> None:
    seen = looked(a_follow_up(), after(minutes=3), a_login(after(minutes=2)))
    assert the_item(seen).state is ItemState.WORKS
    assert the_item(seen).worked_at == after(minutes=2)
    assert (seen.ended, seen.ended_at, seen.next_at) == (Ended.ALL_DONE, after(minutes=3), None)


def test_a_failure_is_named_with_its_address_and_how_often() -> None:
    logins = [a_login(after(minutes=1, seconds=n), ok=False) for n in range(3)]
    seen = looked(a_follow_up(), after(minutes=3), *logins)
    item = the_item(seen)
    assert item.state is ItemState.FAILS
    (failing,) = item.failing
    assert (failing.address, failing.count, failing.status) == (OFFICE, 3, REFUSED)
    assert failing.last_at == after(minutes=1, seconds=2)
    assert kinds(seen) == [AlertKind.FAILING]


def test_a_success_from_the_same_address_clears_its_failures() -> None:
    seen = looked(
        two(),
        after(minutes=5),
        a_login(after(minutes=1), ok=False),
        a_login(after(minutes=2)),
    )
    assert seen.items[0].state is ItemState.WORKS
    assert seen.alerts == ()


def test_a_success_from_elsewhere_leaves_an_address_that_fails() -> None:
    """One copy of the program was mended, the other will still lock the account."""
    seen = looked(
        two(),
        after(minutes=5),
        a_login(after(minutes=1), ok=False, address=OFFICE),
        a_login(after(minutes=2), address=CLOUD),
    )
    assert seen.items[0].state is ItemState.FAILS
    assert [one.address for one in seen.items[0].failing] == [OFFICE]
    later = looked(seen, after(days=2), a_login(after(hours=30), address=CLOUD))
    assert later.items[0].state is ItemState.WORKS


def test_an_address_that_fails_today_is_not_let_go() -> None:
    seen = looked(
        two(),
        after(days=2),
        a_login(after(hours=47), ok=False, address=OFFICE),
        a_login(after(hours=47, minutes=30), address=CLOUD),
    )
    assert seen.items[0].state is ItemState.FAILS


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-15, ItemState.OPEN), (0, ItemState.OPEN), (29, ItemState.OPEN), (30, ItemState.WORKS)],
)
@pytest.mark.parametrize("effective_at", [None, after(seconds=10)])
def test_a_success_close_to_the_effect_proves_nothing(
    seconds: int, state: ItemState, effective_at: datetime | None
) -> None:
    """The old token may have been good until then. An older document has no such time."""
    follow_up = a_follow_up(effective_at=effective_at)
    at = (effective_at or NOW) + timedelta(seconds=seconds)
    assert the_item(looked(follow_up, after(minutes=1), a_login(at))).state is state


def test_a_failure_counts_from_the_beginning_on() -> None:
    """The effect is somewhere between the intent and the answer."""
    follow_up = a_follow_up(effective_at=after(seconds=30))
    seen = looked(follow_up, after(minutes=1), a_login(after(seconds=5), ok=False))
    assert the_item(seen).state is ItemState.FAILS


def test_close_to_the_reset_a_success_after_a_failure_counts() -> None:
    seen = looked(
        a_follow_up(),
        after(minutes=1),
        a_login(after(seconds=5), ok=False),
        a_login(after(seconds=20)),
    )
    assert the_item(seen).state is ItemState.WORKS


@pytest.mark.parametrize(
    ("address", "status", "success_from"),
    [
        (CLOUD, "Invalid Password", OFFICE),
        (OFFICE, "Restricted IP", OFFICE),
        (OFFICE, "restricted Domain", OFFICE),
        (OFFICE, "Password Lockout", OFFICE),
        (None, "Invalid Password", None),
    ],
)
def test_a_failure_that_says_nothing_of_the_old_token_proves_no_order(
    address: str | None, status: str, success_from: str | None
) -> None:
    """The success may be one with the old token, from before the effect."""
    failure = a_login(after(seconds=2), status=status, source_ip=address)
    success = a_login(after(seconds=5), source_ip=success_from)
    seen = looked(
        a_follow_up(effective_at=after(seconds=35)),
        after(minutes=1),
        failure,
        success,
        lock=UNLOCKED,
    )
    assert the_item(seen).worked_at is None
    assert the_item(seen).state in {ItemState.OPEN, ItemState.FAILS}
    assert seen.ended is None


def test_a_failure_before_the_reset_is_none_of_it() -> None:
    seen = looked(a_follow_up(), after(minutes=1), a_login(after(seconds=-5), ok=False))
    assert the_item(seen).state is ItemState.OPEN


def test_what_worked_can_fail_again() -> None:
    seen = looked(two(), after(minutes=3), a_login(after(minutes=2)))
    seen = looked(seen, after(minutes=5), a_login(after(minutes=4), ok=False, address=CLOUD))
    assert seen.items[0].state is ItemState.FAILS
    assert seen.items[0].worked_at == after(minutes=2)


def test_a_failure_that_shows_up_late_does_not_undo_a_success() -> None:
    seen = looked(two(), after(minutes=3), a_login(after(minutes=2, seconds=30)))
    late = a_login(after(minutes=2, seconds=10), ok=False)
    seen = looked(seen, after(minutes=5), late)
    assert seen.items[0].state is ItemState.WORKS


def test_only_the_newest_addresses_are_kept_and_the_rest_counted() -> None:
    logins = [
        a_login(after(minutes=2, seconds=n), ok=False, address=f"203.0.113.{n}")
        for n in range(MOST_FAILING_KEPT + 3)
    ]
    item = the_item(looked(a_follow_up(), after(minutes=3), *logins))
    newest = [f"203.0.113.{n}" for n in range(MOST_FAILING_KEPT + 2, 2, -1)]
    assert [one.address for one in item.failing] == newest
    assert item.more_failing == 1  # at least: those that fell out aren't told apart


@pytest.mark.parametrize(("addresses", "more"), [(6, 0), (MOST_FAILING_KEPT + 1, 1)])
def test_addresses_that_take_turns_are_counted_once_each(addresses: int, more: int) -> None:
    logins = [
        a_login(after(seconds=40 + n), ok=False, address=f"203.0.113.{n % addresses}")
        for n in range(4 * addresses)
    ]
    item = the_item(looked(a_follow_up(), after(minutes=5), *logins))
    assert (len(item.failing), item.more_failing) == (min(addresses, MOST_FAILING_KEPT), more)
    if not more:
        assert {one.count for one in item.failing} == {4}
    mended = looked(a_follow_up(items=(item,)), after(days=2), a_login(after(hours=30)))
    assert (the_item(mended).state, the_item(mended).more_failing) == (ItemState.WORKS, 0)


# Which item a login belongs to


@pytest.mark.parametrize(
    ("changes", "ticked"),
    [
        ({}, True),
        ({"client_version": "61.0"}, True),  # an update
        ({"client_version": None, "api_type": "SOAP Enterprise"}, True),
        ({"login_type": "OtherApi"}, True),  # the value for the label
        ({"application": "data loader"}, False),
        ({"login_type": "Remote Access 2.0", "login_subtype": "OauthRefreshToken"}, False),
    ],
)
def test_a_login_ticks_the_item_of_its_name_and_way(
    changes: dict[str, Any], *, ticked: bool
) -> None:
    seen = looked(a_follow_up(), after(minutes=3), a_login(after(minutes=2), **changes))
    assert (the_item(seen).state is ItemState.WORKS) is ticked


def test_among_several_versions_none_is_ticked_by_a_guess() -> None:
    follow_up = a_follow_up(an_integration(), an_integration(client_version="59.0"))
    seen = looked(follow_up, after(minutes=3), a_login(after(minutes=2), client_version="61.0"))
    assert {item.state for item in seen.items} == {ItemState.OPEN}
    seen = looked(follow_up, after(minutes=3), a_login(after(minutes=2), client_version="59.0"))
    assert [item.state for item in seen.items] == [ItemState.OPEN, ItemState.WORKS]


def test_where_only_counts_were_read_before_the_way_may_be_new() -> None:
    counted = an_integration(**FLOW_NOT_READ)
    seen = looked(a_follow_up(counted), after(minutes=3), a_login(after(minutes=2)))
    assert the_item(seen).state is ItemState.WORKS


@pytest.mark.parametrize("ok", [True, False])
def test_a_way_that_was_read_and_not_recognised_is_not_another(*, ok: bool) -> None:
    unknown = an_integration(way=Way.UNKNOWN, verdict=Verdict.CANT_TELL, why=Why.NOT_RECOGNISED)
    seen = looked(a_follow_up(unknown), after(minutes=3), a_login(after(minutes=2), ok=ok))
    assert seen.items[0].state is ItemState.OPEN
    assert [item.surprise for item in seen.items[1:]] == ([] if ok else [True])
    odd = a_login(after(minutes=4), ok=ok, login_type="Something New", client_version="61.0")
    seen = looked(a_follow_up(unknown), after(minutes=5), odd)
    assert the_item(seen).state is (ItemState.WORKS if ok else ItemState.FAILS)


@pytest.mark.parametrize(
    "way",
    [
        {"login_type": "Remote Access 2.0", "login_subtype": "OauthRefreshToken"},
        {"login_type": "Application"},
    ],
)
@pytest.mark.parametrize("ok", [True, False])
def test_what_needs_no_token_says_nothing_of_a_way_that_was_not_known(
    way: dict[str, str], *, ok: bool
) -> None:
    counted = a_follow_up(an_integration(**FLOW_NOT_READ))
    seen = looked(counted, after(minutes=3), a_login(after(minutes=2), ok=ok, **way))
    assert the_item(seen).state is ItemState.OPEN


@pytest.mark.parametrize("status", [None, "", "  "])
def test_a_login_without_a_status_is_neither_a_success_nor_a_failure(status: str | None) -> None:
    seen = looked(a_follow_up(), after(minutes=3), a_login(after(minutes=2), status=status))
    assert the_item(seen).state is ItemState.OPEN


# What nobody had named


def test_a_program_that_nobody_named_and_that_fails_is_added() -> None:
    quarterly = a_login(after(minutes=2), ok=False, application="Quarterly")
    seen = looked(a_follow_up(), after(minutes=3), quarterly)
    item = seen.items[1]
    assert (item.name, item.surprise, item.state) == ("Quarterly", True, ItemState.FAILS)
    assert item.verdict is Verdict.CANT_TELL
    mended = looked(seen, after(minutes=5), a_login(after(minutes=4), application="Quarterly"))
    assert mended.items[1].state is ItemState.WORKS


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Success"},
        {"login_type": "Application", "api_type": None},
        {"login_type": "Remote Access 2.0", "login_subtype": "OauthRefreshToken"},
    ],
)
def test_what_works_and_people_who_mistype_are_no_surprise(changes: dict[str, str]) -> None:
    login = a_login(after(minutes=2), ok=False, **({"application": "Other"} | changes))
    assert len(looked(a_follow_up(), after(minutes=3), login).items) == 1


def test_the_programs_beyond_the_most_are_counted() -> None:
    follow_up = a_follow_up()
    for minute in (2, 4):
        many = [
            a_login(after(minutes=minute, seconds=second), ok=False, application=f"App {n}")
            for n in range(50)
            for second in (0, 1)
        ]
        follow_up = looked(follow_up, after(minutes=minute + 1), *many)
        assert (len(follow_up.items), follow_up.more) == (MOST_ITEMS, 50 - MOST_ITEMS + 1)


def test_the_own_logins_of_the_bot_are_left_out() -> None:
    own = a_login(
        after(minutes=2),
        application="Reset Token",
        login_type="Remote Access 2.0",
        login_subtype=None,
        api_type=None,
        client_version=None,
    )
    jwt = an_integration("Reset Token", way=Way.OAUTH_UNNAMED, api_type=None, client_version=None)
    look = Look((own,), None, read_to=after(minutes=3))
    for own_apps, state in (((), ItemState.WORKS), (("reset token",), ItemState.OPEN)):
        seen = observe(a_follow_up(jwt), look, now=after(minutes=3), days=DAYS, own_apps=own_apps)
        assert the_item(seen).state is state


# The person's word


@pytest.mark.parametrize("state", [ItemState.NOT_MINE, ItemState.DISMISSED])
def test_what_was_put_aside_stays_so_and_is_counted_quietly(state: ItemState) -> None:
    """Should it lock the user, that message can still name it."""
    first, second = two().items
    aside = two().model_copy(update={"items": (first.model_copy(update={"state": state}), second)})
    failures = [a_login(after(minutes=3, seconds=n), ok=False) for n in range(4)]
    seen = looked(aside, after(minutes=5), a_login(after(minutes=2)), *failures)
    item = seen.items[0]
    assert (item.state, item.worked_at) == (state, after(minutes=2))
    assert [(one.address, one.count) for one in item.failing] == [(OFFICE, 4)]
    assert seen.alerts == ()
    mended = looked(seen, after(minutes=15), a_login(after(minutes=6)))
    assert (mended.items[0].state, mended.items[0].failing) == (state, ())
    etl = a_login(after(minutes=7), application="Acme ETL")
    assert looked(seen, after(minutes=15), etl).ended is Ended.ALL_DONE


# Alerts


def test_at_most_one_alert_about_failures_in_a_day() -> None:
    follow_up = a_follow_up()
    for hours in (1, 4, 20, 24):
        follow_up = looked(
            follow_up, after(hours=hours), a_login(after(hours=hours, minutes=-5), ok=False)
        )
    assert kinds(follow_up) == [AlertKind.FAILING]
    later = looked(follow_up, after(hours=26), a_login(after(hours=25), ok=False))
    assert kinds(later) == [AlertKind.FAILING] * 2
    assert [alert.number for alert in later.alerts] == [1, 2]


def test_a_daily_look_that_comes_a_moment_early_is_not_silent_for_a_day() -> None:
    late, early = after(days=1, seconds=40), after(days=2)
    seen = looked(two(), late, a_login(after(hours=23), ok=False))
    seen = looked(seen, early, a_login(after(hours=30), ok=False))
    assert [alert.at for alert in seen.alerts] == [late, early]


def test_what_fails_in_every_look_is_told_once_a_day() -> None:
    seen = two()
    while seen.ended is None:
        assert seen.next_at is not None
        failure = a_login(seen.next_at - timedelta(seconds=20), ok=False)
        seen = looked(seen, seen.next_at, failure, lock=UNLOCKED)
    assert [alert.at for alert in seen.alerts] == [
        after(minutes=1),
        *(after(days=day) for day in range(1, DAYS + 1)),
    ]


def test_a_failure_that_was_kept_back_is_told_when_a_day_is_over() -> None:
    seen = looked(two(), after(minutes=3), a_login(after(minutes=2), ok=False))
    etl = a_login(after(hours=3), ok=False, application="Acme ETL")
    seen = looked(seen, after(hours=4), a_login(after(hours=2)), etl)
    assert kinds(seen) == [AlertKind.FAILING]
    assert kinds(looked(seen, after(days=2))) == [AlertKind.FAILING] * 2


def test_a_program_that_goes_on_failing_quietly_is_not_told_again() -> None:
    seen = looked(a_follow_up(), after(minutes=3), a_login(after(minutes=2), ok=False))
    assert kinds(looked(seen, after(days=3))) == [AlertKind.FAILING]


def test_a_person_who_mistypes_gets_no_message() -> None:
    person = an_integration("Browser", way=Way.BROWSER, api_type=None, client_version=None)
    login = a_login(
        after(minutes=2),
        ok=False,
        application="Browser",
        login_type="Application",
        api_type=None,
        client_version=None,
    )
    seen = looked(a_follow_up(person), after(minutes=3), login)
    assert the_item(seen).state is ItemState.FAILS
    assert seen.alerts == ()


def test_a_lock_is_told_at_once_and_once_with_its_age() -> None:
    seen = looked(a_follow_up(), after(minutes=3), lock=LOCKED)
    assert seen.locked_since == after(minutes=2)
    assert kinds(seen) == [AlertKind.LOCKED]
    seen = looked(seen, after(minutes=5), lock=LOCKED)
    assert kinds(seen) == [AlertKind.LOCKED]
    seen = looked(seen, after(minutes=15), lock=None)
    assert seen.locked_since == after(minutes=2)
    seen = looked(seen, after(hours=1), lock=UNLOCKED)
    assert seen.locked_since is None
    assert kinds(looked(seen, after(hours=4), lock=LOCKED)) == [AlertKind.LOCKED] * 2


def test_a_login_that_met_a_lock_names_no_program() -> None:
    met = a_login(after(minutes=2), status="Password Lockout")
    seen = looked(a_follow_up(), after(minutes=3), met, lock=UNLOCKED)
    assert [(item.state, item.failing) for item in seen.items] == [(ItemState.OPEN, ())]
    assert (seen.locked_since, seen.alerts) == (None, ())
    nameless = looked(a_follow_up(), after(minutes=3), lockout(minutes=2), lock=UNLOCKED)
    assert (len(nameless.items), nameless.more) == (1, 0)


def test_where_the_lock_cannot_be_read_a_login_that_met_it_tells() -> None:
    met = [
        a_login(after(minutes=minute), status="Password Lockout", application=f"Job {minute}")
        for minute in (3, 2)
    ]
    seen = looked(a_follow_up(), after(minutes=5), *met)
    assert seen.locked_since == after(minutes=2)
    assert [alert.kind for alert in seen.alerts] == [AlertKind.LOCKED]
    assert len(seen.items) == 1, "nobody is blamed for it"


def lockout(**at: float) -> Login:
    return a_login(after(**at), status="Password Lockout", application="Job")


SSO = {"login_type": "SAML", "api_type": None}
REFRESH = {"login_type": "Remote Access 2.0", "login_subtype": "OauthRefreshToken"}
PERSON = {"login_type": "Application", "api_type": None}


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [({}, True), (PERSON, True), (REFRESH, False), (SSO, False), ({"status": REFUSED}, False)],
)
def test_a_login_with_the_password_shows_that_a_lock_is_over(
    changes: dict[str, Any], *, is_open: bool
) -> None:
    seen = looked(two(), after(minutes=5), lockout(minutes=4))
    assert (seen.locked_since, seen.lock_inferred) == (after(minutes=4), True)
    seen = looked(seen, after(hours=1), a_login(after(minutes=30), **changes))
    assert (seen.locked_since is None, seen.lock_inferred) == (is_open, not is_open)


def test_a_lock_is_known_as_the_newest_logins_show_it() -> None:
    success = a_login(after(minutes=3))
    over = looked(two(), after(minutes=5), lockout(minutes=2), success)
    assert (over.locked_since, over.alerts) == (None, ())
    again = looked(two(), after(minutes=5), lockout(minutes=2), success, lockout(minutes=4))
    assert (again.locked_since, kinds(again)) == (after(minutes=4), [AlertKind.LOCKED])
    before = looked(two(), after(minutes=5), lockout(minutes=4))
    before = looked(before, after(minutes=15), a_login(after(minutes=3, seconds=50)))
    assert before.locked_since == after(minutes=4)


def test_a_mended_program_ends_it_though_the_lock_cannot_be_read() -> None:
    seen = looked(a_follow_up(), after(minutes=5), lockout(minutes=4))
    seen = looked(seen, after(hours=4), a_login(after(hours=3)))
    assert (seen.ended, seen.locked_since) == (Ended.ALL_DONE, None)


def test_a_row_that_was_counted_tells_of_no_lock_again() -> None:
    met = lockout(hours=3, minutes=55)
    seen = looked(two(), after(hours=4), met)
    seen = looked(seen, after(hours=4, minutes=1), met, lock=UNLOCKED)
    seen = looked(seen, after(hours=4, minutes=2), met)
    assert (seen.locked_since, kinds(seen)) == (None, [AlertKind.LOCKED])


def test_a_lock_that_was_read_and_cannot_be_any_more_is_not_said_to_last() -> None:
    seen = looked(two(), after(minutes=3), lock=LOCKED)
    assert not seen.lock_inferred
    seen = looked(seen, after(minutes=5))
    assert (seen.locked_since, seen.lock_inferred) == (after(minutes=2), True)
    assert not looked(seen, after(minutes=15), lock=LOCKED).lock_inferred
    over = looked(seen, after(minutes=15), lock=UNLOCKED)
    assert (over.locked_since, over.lock_inferred) == (None, False)


def test_while_locked_no_failure_is_told_and_afterwards_what_failed_since() -> None:
    seen = looked(two(), after(minutes=3), a_login(after(minutes=2), ok=False), lock=LOCKED)
    assert kinds(seen) == [AlertKind.LOCKED]
    quiet = looked(seen, after(minutes=15), lock=UNLOCKED)
    assert kinds(quiet) == [AlertKind.LOCKED], "the message about the lock has named it"
    etl = a_login(after(minutes=10), ok=False, application="Acme ETL")
    seen = looked(seen, after(minutes=15), etl, lock=LOCKED)
    assert kinds(seen) == [AlertKind.LOCKED]
    seen = looked(seen, after(minutes=30), lock=UNLOCKED)
    assert kinds(seen) == [AlertKind.LOCKED, AlertKind.FAILING]


@pytest.mark.parametrize("changed_at", [None, after(days=1)])
def test_a_lock_without_a_time_that_makes_sense_counts_from_now(changed_at: None) -> None:
    lock = LOCKED.model_copy(update={"changed_at": changed_at})
    assert looked(a_follow_up(), after(minutes=3), lock=lock).locked_since == after(minutes=3)


# What can't be read


def test_unreadable_is_said_once_and_the_looks_go_on() -> None:
    seen = looked(a_follow_up(), after(minutes=1), logins=None, needs="Manage Users", lock=LOCKED)
    assert (seen.unreadable_since, seen.needs) == (after(minutes=1), "Manage Users")
    assert (seen.read_to, seen.next_at) == (NOW, after(minutes=3))
    assert kinds(seen) == [AlertKind.LOCKED]
    seen = looked(seen, after(minutes=3), logins=None, needs="Manage Users")
    assert seen.unreadable_since == after(minutes=1)
    seen = looked(seen, after(minutes=5), a_login(after(minutes=1)), lock=UNLOCKED)
    assert (seen.unreadable_since, seen.needs) == (None, None)
    assert the_item(seen).state is ItemState.WORKS


def test_times_in_the_future_are_taken_for_now() -> None:
    seen = looked(a_follow_up(), after(minutes=3), a_login(after(minutes=9), ok=False))
    assert the_item(seen).failing[0].last_at == after(minutes=3)
    again = looked(seen, after(minutes=5), a_login(after(minutes=9), ok=False))
    assert the_item(again).failing[0].count == 1


def test_rows_of_nulls_are_borne() -> None:
    bare = Login(time=after(minutes=2), status="Invalid Password")
    seen = looked(a_follow_up(), after(minutes=3), bare, bare)
    item = seen.items[1]
    assert (item.name, item.way) == ("Unnamed application", Way.UNKNOWN)
    assert item.failing[0].address is None
    assert item.failing[0].count == 1


# What is read twice


def test_a_row_that_is_read_twice_counts_once_and_a_late_one_counts() -> None:
    first = a_login(after(minutes=2, seconds=50), ok=False)
    late = a_login(after(minutes=2, seconds=40), ok=False)
    seen = looked(a_follow_up(), after(minutes=3), first)
    seen = looked(seen, after(minutes=5), first, late)
    assert the_item(seen).failing[0].count == 2
    seen = looked(seen, after(minutes=15), first, late)
    assert the_item(seen).failing[0].count == 2
    assert seen.recent == ()


@pytest.mark.parametrize(
    ("minutes", "lag"), [(3, LAG_AT_FIRST), (5, LAG_AT_FIRST), (15, LAG), (60, LAG), (4320, LAG)]
)
def test_the_later_looks_read_more_again(minutes: float, lag: timedelta) -> None:
    seen = looked(a_follow_up(), after(minutes=minutes))
    assert read_from(seen) == after(minutes=minutes) - lag


def test_a_reading_never_begins_before_the_last_one() -> None:
    """Of what lies before that, no ids are known: it would be counted twice."""
    failure = a_login(after(minutes=6), ok=False)
    follow_up = a_follow_up(an_integration(), an_integration("Another"))
    # Put aside, so that its failure doesn't bring the next look forward.
    aside = follow_up.items[0].model_copy(update={"state": ItemState.DISMISSED})
    follow_up = follow_up.model_copy(update={"items": (aside, follow_up.items[1])})
    seen = looked(follow_up, after(minutes=14, seconds=50), failure)
    seen = looked(seen, after(minutes=15))
    assert read_from(seen) == after(minutes=12, seconds=50)
    again = looked(seen, after(hours=1), failure)
    assert again.items[0].failing[0].count == 1


def test_a_clock_that_is_ahead_of_salesforces_misses_nothing() -> None:
    seen = looked(two(), after(hours=4))
    just_after = after(hours=4, seconds=5) - timedelta(minutes=9)
    seen = looked(seen, after(days=1), a_login(just_after))
    assert seen.items[0].state is ItemState.WORKS


def test_what_a_part_did_not_bring_again_is_not_forgotten() -> None:
    """An account that was read further than its like: the page ends before its own rows."""
    own = a_login(after(hours=3, minutes=59), ok=False)
    seen = looked(two(), after(hours=4), own)
    part = looked(seen, after(days=1), read_to=after(hours=3, minutes=55), whole=False)
    assert read_from(part) == after(hours=3, minutes=55)
    late = a_login(after(hours=3, minutes=57), ok=False)
    whole = looked(part, after(days=1), own, late)
    assert whole.items[0].failing[0].count == 2


def test_what_cannot_be_remembered_is_not_read_again() -> None:
    """More logins in a minute than ids are kept: none is counted twice."""
    start = after(minutes=4)
    many = [
        a_login(start + timedelta(milliseconds=100 * n), ok=False, id=f"row {n}")
        for n in range(MOST_RECENT + 200)
    ]
    seen = looked(a_follow_up(), after(minutes=5), *many)
    assert len(seen.recent) <= MOST_RECENT
    assert all(login.time < read_from(seen) for login in many[: -len(seen.recent)])
    again = looked(seen, after(minutes=6), *many)
    assert the_item(again).failing[0].count == len(many)


def test_a_part_of_a_reading_leaves_the_account_due() -> None:
    follow_up = a_follow_up(next_at=after(minutes=3))
    login = a_login(after(minutes=1), ok=False)
    seen = looked(follow_up, after(minutes=3), login, read_to=after(minutes=1), whole=False)
    assert (seen.next_at, seen.round, seen.read_to) == (after(minutes=3), 0, after(minutes=1))
    assert read_from(seen) == after(minutes=1)  # without a lag, or it would never get on
    assert the_item(seen).state is ItemState.FAILS
    rest = looked(seen, after(minutes=4), login, a_login(after(minutes=2), ok=False))
    assert the_item(rest).failing[0].count == 2
    assert read_from(rest) == after(minutes=4) - LAG_AT_FIRST


# How it ends


def test_time_is_up_after_the_last_look() -> None:
    follow_up = looked(a_follow_up(), after(days=6, hours=1))
    assert follow_up.next_at == after(days=7)
    assert looked(follow_up, after(days=7)).ended is Ended.TIME_IS_UP


def test_a_locked_account_is_not_done() -> None:
    login = a_login(after(minutes=1))
    seen = looked(a_follow_up(), after(minutes=3), login, lock=LOCKED)
    assert seen.ended is None
    assert looked(seen, after(minutes=5), lock=UNLOCKED).ended is Ended.ALL_DONE


@pytest.mark.parametrize("changes", [{"history_known": False}, {"more": 3}, {"items": ()}])
def test_what_was_not_named_keeps_it_open(changes: dict[str, object]) -> None:
    follow_up = a_follow_up().model_copy(update=changes)
    seen = looked(follow_up, after(minutes=3), a_login(after(minutes=2)))
    assert seen.ended is None


def test_a_mended_surprise_alone_is_not_the_end() -> None:
    follow_up = a_follow_up().model_copy(update={"items": ()})
    seen = looked(follow_up, after(minutes=3), a_login(after(minutes=1), ok=False))
    seen = looked(seen, after(minutes=5), a_login(after(minutes=4)))
    assert the_item(seen).state is ItemState.WORKS
    assert seen.ended is None
