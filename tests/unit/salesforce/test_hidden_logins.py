"""Logins that aren't shown, or can't be read, are never taken for none."""

from datetime import UTC, datetime

import pytest

from services.salesforce.errors import LimitReached, Unavailable
from services.salesforce.org import Org
from tests.unit.salesforce import parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.stub import Stub

SINCE = datetime(2026, 2, 28, 9, 30, 15, tzinfo=UTC)


def new_logins(*rows: dict[str, object], done: bool = True) -> dict[str, dict[str, object]]:
    return {
        "logins": parts.found(*rows, done=done),
        "shown": parts.found({"Id": "0Ya000000000001AAA"}),
        "locks": parts.found(),
    }


async def test_somebody_of_whom_nothing_at_all_is_shown_is_no_account_without_logins(
    stub: Stub, org: Org
) -> None:
    empty = dict.fromkeys(("logins", "groups", "grants", "lock", "rules"), parts.found())
    stub.on(
        sf.COMPOSITE,
        parts.composite(empty),
        parts.composite({"shown": parts.found()}),
        parts.composite(dict.fromkeys(("logins", "shown", "locks"), parts.found())),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.groups, reading.needs) == (None, None, "Manage Users")
    later = await org.read_new_logins([sf.USER_ID], SINCE)
    assert (later.logins, later.needs) == (None, "Manage Users")


@pytest.mark.parametrize(
    "lock",
    [parts.refused(400, "INVALID_TYPE"), parts.refused(403, "http_403"), parts.found()],
)
@pytest.mark.parametrize(
    ("shown", "logins", "needs"),
    [
        (parts.found({"Id": "0Ya000000000001AAA"}), (), None),
        (parts.found(), None, "Manage Users"),
        (parts.refused(400, "INVALID_TYPE"), None, "Manage Users"),
        (parts.refused(400, "QUERY_TIMEOUT"), None, None),
    ],
)
async def test_who_sees_neither_logins_nor_lock_asks_for_an_older_login(
    stub: Stub,
    org: Org,
    lock: dict[str, object],
    shown: dict[str, object],
    logins: tuple[()] | None,
    needs: str | None,
) -> None:
    none = {"logins": parts.found(), "groups": parts.found(), "lock": lock}
    stub.on(
        sf.COMPOSITE,
        parts.composite(parts.account(**none)),
        parts.composite({"shown": shown}),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.groups, reading.needs) == (logins, logins, needs)
    assert (reading.lock, reading.grants is None) == (None, False)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE, sf.COMPOSITE]
    (query,) = parts.queries(stub.asked[-1]).values()
    assert f"UserId IN ('{sf.USER_ID}')" in query
    assert "LoginTime" not in query


@pytest.mark.parametrize(
    "lock", [parts.refused(400, "QUERY_TIMEOUT"), parts.refused(500, "UNKNOWN_EXCEPTION")]
)
async def test_a_lock_that_fails_hides_no_logins(
    stub: Stub, org: Org, lock: dict[str, object]
) -> None:
    none = {"logins": parts.found(), "groups": parts.found(), "lock": lock}
    stub.on(sf.COMPOSITE, parts.composite(parts.account(**none)))
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.lock, reading.needs) == ((), None, None)
    assert stub.paths.count(sf.COMPOSITE) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (parts.refused(400, "QUERY_TIMEOUT"), Unavailable),
        (parts.refused(500, "UNKNOWN_EXCEPTION"), Unavailable),
        (parts.refused(403, "REQUEST_LIMIT_EXCEEDED"), LimitReached),
    ],
)
async def test_new_logins_that_weren_t_answered_for_now_are_no_refusal(
    stub: Stub, org: Org, answer: dict[str, object], kind: type[Unavailable]
) -> None:
    stub.on(sf.COMPOSITE, parts.composite(new_logins() | {"logins": answer}))
    with pytest.raises(Unavailable) as caught:
        await org.read_new_logins([sf.USER_ID], SINCE)
    assert type(caught.value) is kind


@pytest.mark.parametrize("part", ["shown", "locks"])
async def test_another_part_that_isnt_answered_for_now_hides_no_new_logins(
    stub: Stub, org: Org, part: str
) -> None:
    timeout = parts.refused(400, "QUERY_TIMEOUT")
    stub.on(sf.COMPOSITE, parts.composite(new_logins(parts.login_row(Id="1")) | {part: timeout}))
    later = await org.read_new_logins([sf.USER_ID], SINCE)
    assert [login.id for login in later.logins or ()] == ["1"]
    assert (later.locks is None) is (part == "locks")


async def test_a_group_that_cant_be_read_makes_the_count_less_than_whole(
    stub: Stub, org: Org
) -> None:
    groups = parts.found({"logins": 2, "latest": parts.TIME}, {"logins": "?", "latest": None})
    stub.on(sf.COMPOSITE, parts.composite(parts.account(groups=groups)))
    reading = await org.read_account(sf.USER_ID, 90)
    assert reading.groups is not None
    assert [group.logins for group in reading.groups] == [2]
    assert (reading.groups_unread, reading.groups_cut) == (True, False)


async def test_more_counts_than_an_answer_holds_are_said_to_be_cut(stub: Stub, org: Org) -> None:
    groups = parts.found({"logins": 2, "latest": parts.TIME}, done=False)
    stub.on(sf.COMPOSITE, parts.composite(parts.account(groups=groups)))
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.groups_unread, reading.groups_cut) == (False, True)


@pytest.mark.parametrize("done", [True, False])
async def test_a_login_that_cant_be_read_is_missing_and_said_to_be(
    stub: Stub, org: Org, *, done: bool
) -> None:
    rows = parts.login_row(Id="1", LoginTime=None), parts.login_row(Id="2")
    stub.on(
        sf.COMPOSITE,
        parts.composite(parts.account(logins=parts.found(*rows))),
        parts.composite(new_logins(*rows, done=done)),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert [login.id for login in reading.logins or ()] == ["2"]
    assert reading.logins_cut
    later = await org.read_new_logins([sf.USER_ID], SINCE)
    assert [login.id for login in later.logins or ()] == ["2"]
    # Asked again it would be no more readable.
    assert later.cut is not done


async def test_logins_of_which_none_can_be_read_are_not_none(stub: Stub, org: Org) -> None:
    rows = parts.login_row(LoginTime=None), parts.login_row(LoginTime="soon")
    stub.on(
        sf.COMPOSITE,
        parts.composite(parts.account(logins=parts.found(*rows))),
        parts.composite(new_logins(*rows)),
    )
    reading = await org.read_account(sf.USER_ID, 90)
    assert (reading.logins, reading.needs) == (None, None)
    later = await org.read_new_logins([sf.USER_ID], SINCE)
    assert (later.logins, later.needs) == (None, None)
