"""Rows about logins, however odd they are."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.salesforce import login_rows
from services.salesforce.records import Login
from tests.unit.salesforce.parts import TIME, login_row

THEN = datetime(2026, 2, 28, 10, tzinfo=UTC)
NAMES = [
    *login_row(),
    "AppName",
    "LastUsedDate",
    "UseCount",
    "IsFrozen",
    "IsPasswordLocked",
    "LastModifiedDate",
    "PermissionSet",
    "logins",
    "latest",
]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**20)
    | st.floats()
    | st.text(st.characters(), max_size=400)
    | st.datetimes().map(datetime.isoformat)
    | st.just(TIME),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES), ANYTHING), max_size=8)


def the_login(row: Mapping[str, object]) -> Login:
    logins, all_read = login_rows.logins([dict(row)])
    assert logins is not None
    assert all_read
    (login,) = logins
    return login


@given(ROWS)
def test_nothing_that_a_row_holds_is_an_exception(rows: list[dict[str, Any]]) -> None:
    logins, all_read = login_rows.logins(rows)
    assert (logins is None) == (bool(rows) and not logins)
    read = logins or ()
    assert all_read == (len(read) == len(rows))
    groups, whole = login_rows.login_groups(rows)
    assert whole == (len(groups) == len(rows))
    locks = login_rows.account_locks(rows)
    assert all(0 < len(user_id) <= 15 for user_id in locks)
    rules = login_rows.login_rules(rows)
    lock = [login_rows.account_lock(row) for row in rows]
    # What was read can be stored and sent.
    for one in (*read, *groups, *login_rows.grants(rows), *lock, *([rules] if rules else ())):
        assert one is None or json.loads(one.model_dump_json())
    times = [login.time for login in read]
    assert times == sorted(times, reverse=True)
    assert all(time.tzinfo is UTC for time in times)


@given(
    st.permutations([login_row(Id=str(n), LoginTime=f"2026-02-0{n}T10:00:00Z") for n in (1, 2, 3)])
)
def test_rows_out_of_order_are_sorted(rows: list[dict[str, object]]) -> None:
    logins, all_read = login_rows.logins(rows)
    assert [login.id for login in logins or ()] == ["3", "2", "1"]
    assert all_read


@pytest.mark.parametrize(
    "time",
    [None, "", "yesterday", 1_772_272_800, True, ["2026"], "0001-01-01T00:00:00+2300", "9" * 5000],
)
def test_a_login_without_a_readable_time_is_left_out_and_missed(time: object) -> None:
    odd, without = login_row(LoginTime=time), login_row()
    del without["LoginTime"]
    logins, all_read = login_rows.logins([odd, login_row(Id="2"), without])
    assert [one.id for one in logins or ()] == ["2"]
    assert not all_read
    assert login_rows.logins([odd, without]) == (None, False)


def test_no_rows_are_no_logins() -> None:
    assert login_rows.logins([]) == ((), True)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (TIME, THEN),
        ("2026-02-28T10:00:00Z", THEN),
        ("2026-02-28T12:00:00+02:00", THEN),
        ("2026-02-28T10:00:00", THEN),
        ("2036-02-28T10:00:00.000+0000", THEN.replace(year=2036)),
    ],
)
def test_a_time_is_read_in_utc(time: str, expected: datetime) -> None:
    login = the_login(login_row(LoginTime=time))
    assert login.time == expected


def test_odd_fields_are_none_and_the_login_stays() -> None:
    odd: dict[str, object] = {name: 7 for name in login_row() if name != "LoginTime"}
    for row in (odd | {"LoginTime": TIME}, {"LoginTime": TIME}):
        assert the_login(row) == Login(time=THEN)


def test_texts_are_cut_and_can_be_sent() -> None:
    long = "x" * 1000
    row = login_row(Application=long, Status=long, SourceIp=long, Id=long, ClientVersion="  ")
    login = the_login(row | {"ApiType": "half \ud83d of one"})
    assert [len(text or "") for text in (login.application, login.status)] == [255, 80]
    assert [len(text or "") for text in (login.source_ip, login.id)] == [64, 18]
    assert login.client_version is None
    assert login.api_type == "half ? of one"


@pytest.mark.parametrize("count", [None, True, -1, 1.5, "3", 10**12])
def test_an_odd_count_is_no_group_and_no_uses(count: object) -> None:
    rows = [{"logins": count, "latest": TIME}, {"logins": 1, "latest": TIME}]
    groups, whole = login_rows.login_groups(rows)
    assert ([group.logins for group in groups], whole) == ([1], False)
    (grant,) = login_rows.grants([{"AppName": "Outlook", "UseCount": count}, {"AppName": None}])
    assert (grant.app, grant.uses, grant.last_used) == ("Outlook", 0, None)


@pytest.mark.parametrize("odd", [None, "false", 0])
def test_a_lock_that_isnt_said_is_unknown(odd: object) -> None:
    row = {"UserId": "005000000000001AAA", "IsFrozen": False, "IsPasswordLocked": odd}
    assert login_rows.account_lock(row) is None
    assert login_rows.account_locks([row]) == {}
    known = row | {"IsPasswordLocked": True, "LastModifiedDate": odd}
    lock = login_rows.account_locks([{**known, "UserId": None}, known])["005000000000001"]
    assert (lock.is_password_locked, lock.changed_at) == (True, None)


def test_rules_come_from_any_of_the_permission_sets() -> None:
    none = {"PermissionsTwoFactorApi": False, "PermissionsIsSsoEnabled": False}
    rows: list[dict[str, object]] = [{"PermissionSet": none}, {"PermissionSet": "odd"}, {}]
    assert login_rows.login_rules(rows[1:]) is None
    rules = login_rows.login_rules(rows)
    assert rules is not None
    assert (rules.mfa_for_api, rules.is_sso_enabled) == (False, False)
    rules = login_rows.login_rules([*rows, {"PermissionSet": {"PermissionsIsSsoEnabled": True}}])
    assert rules is not None
    assert (rules.mfa_for_api, rules.is_sso_enabled) == (False, True)
