"""What is read of an account in a breach: one request each, and nothing taken for none."""

from datetime import UTC, datetime

import pytest

from services.salesforce.errors import NotFound, NotPermitted, Unavailable, Unexpected
from services.salesforce.org import Org
from tests.unit.salesforce import breach, parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.breach import Part
from tests.unit.salesforce.conftest import NOW
from tests.unit.salesforce.stub import Stub

THEN = datetime(2026, 2, 28, 10, tzinfo=UTC)
DENIED = parts.refused(400, "INVALID_TYPE")
LATE = parts.refused(400, "QUERY_TIMEOUT")
NONE = parts.found()
UNTOLD = {"people": parts.found(breach.user_row(), breach.own_row(sees_grants=False))}


async def test_evidence_is_one_request_of_five_queries(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE]
    asked = parts.queries(stub.asked[-1])
    assert set(asked) == {"people", "sessions", "grants", "logins", "lock"}
    assert not any(secret in "".join(asked.values()) for secret in ("DeleteToken", "AccessToken"))
    assert (kept.user_id, kept.read_at, kept.days, kept.needs) == (sf.USER_ID, NOW, 30, None)
    assert (kept.sessions_cut, kept.grants_cut, kept.logins_cut) == (False, False, False)


async def test_evidence_holds_the_account_as_it_was(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    assert kept.user is not None
    assert (kept.user.id, kept.user.username) == (sf.USER_ID, "ada@acme.example")
    assert (kept.user.email, kept.user.name) == ("ada@elsewhere.example", "Ada Park")
    assert (kept.user.profile, kept.user.user_type) == ("Standard User", "Standard")
    assert kept.user.is_active
    assert kept.user.last_password_change == kept.user.last_login == kept.user.created == THEN
    assert kept.sessions is not None
    assert [one.id for one in kept.sessions] == list(breach.SESSION_IDS)
    first = kept.sessions[0]
    assert (first.session_type, first.login_type) == ("UI", "Application")
    assert (first.source_ip, first.created) == ("203.0.113.20", THEN)
    assert kept.grants is not None
    assert [(one.app, one.uses) for one in kept.grants] == [
        ("App 0", 0),
        ("App 1", 1),
        ("App 2", 2),
    ]
    assert (kept.grants[0].created, kept.grants[0].last_used) == (THEN, None)
    assert kept.logins is not None
    assert [one.source_ip for one in kept.logins] == ["192.0.2.1"]
    assert kept.lock is not None
    assert kept.lock.is_frozen
    assert "DELETE-TOKEN" not in kept.model_dump_json()


async def test_a_standing_is_one_request(stub: Stub, org: Org) -> None:
    breach.open_for(stub)
    now = await org.control.read_standing(sf.USER_ID)
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE]
    assert set(parts.queries(stub.asked[-1])) == {"people", "sessions", "grants", "lock"}
    assert (now.is_frozen, now.is_active, now.read_at) == (True, True, NOW)
    assert (now.sessions, now.grants, now.last_password_change) == (3, 3, THEN)
    assert now.needs is None


@pytest.mark.parametrize(
    ("changes", "missing", "needs"),
    [
        ({"people": DENIED}, {"user"}, "View All Users"),
        ({"sessions": DENIED}, {"sessions"}, "Manage Users"),
        ({"grants": DENIED}, {"grants"}, "Customize Application"),
        ({"logins": DENIED}, {"logins"}, "Manage Users"),
        ({"lock": DENIED}, {"lock"}, "Manage Users"),
        ({"sessions": LATE, "grants": LATE}, {"sessions", "grants"}, None),
        ({"people": parts.found(breach.own_row())}, {"user"}, None),
        ({"people": parts.found(breach.user_row(IsActive=None))}, {"user"}, None),
        ({"lock": parts.found({"IsFrozen": "?"})}, {"lock"}, None),
        (
            {"sessions": DENIED, "grants": DENIED, "lock": DENIED},
            {"sessions", "grants", "lock"},
            "Manage Users, Customize Application",
        ),
    ],
)
async def test_a_part_that_isnt_answered_is_missing_alone(
    stub: Stub, org: Org, changes: dict[str, Part], missing: set[str], needs: str | None
) -> None:
    breach.open_for(stub, **changes)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    every = {"user", "sessions", "grants", "logins", "lock"}
    assert {part for part in every if getattr(kept, part) is None} == missing
    assert kept.needs == needs


@pytest.mark.parametrize(
    ("changes", "found", "needs"),
    [
        # Who sees the lock has Manage Users: there really are none.
        ({}, 0, None),
        ({"lock": DENIED}, None, "Manage Users"),
        ({"lock": parts.found()}, None, "Manage Users"),
        ({"lock": LATE}, None, None),
    ],
)
async def test_no_sessions_are_believed_where_others_would_be_shown(
    stub: Stub,
    org: Org,
    changes: dict[str, Part],
    found: int | None,
    needs: str | None,
) -> None:
    breach.open_for(stub, sessions=NONE, logins=NONE, **changes)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    none = None if found is None else ()
    assert (kept.sessions, kept.logins, kept.needs) == (none, none, needs)
    now = await org.control.read_standing(sf.USER_ID)
    assert (now.sessions, now.needs) == (found, needs)


@pytest.mark.parametrize(
    ("changes", "grants", "needs"),
    [
        ({}, 0, None),
        (UNTOLD, None, "Customize Application"),
        ({"people": parts.found(breach.user_row())}, None, "Customize Application"),
        ({"people": LATE}, None, None),
    ],
)
async def test_no_grants_are_believed_where_others_would_be_shown(
    stub: Stub, org: Org, changes: dict[str, Part], grants: int | None, needs: str | None
) -> None:
    breach.open_for(stub, grants=NONE, **changes)
    now = await org.control.read_standing(sf.USER_ID)
    assert (now.grants, now.needs) == (grants, needs)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    assert (kept.grants, kept.needs) == (None if grants is None else (), needs)


async def test_what_is_shown_is_told_whoever_we_are(stub: Stub, org: Org) -> None:
    breach.open_for(stub, **UNTOLD)
    now = await org.control.read_standing(sf.USER_ID)
    assert (now.grants, now.needs) == (3, None)


async def test_rows_that_make_no_sense_are_kept_all_the_same(stub: Stub, org: Org) -> None:
    odd: Part = dict.fromkeys(("Id", "AppName", "SessionType", "CreatedDate", "UseCount"), -1)
    breach.open_for(stub, sessions=parts.found(odd), grants=parts.found(odd))
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    assert kept.sessions is not None
    assert [(one.id, one.session_type, one.created) for one in kept.sessions] == [("", None, None)]
    assert kept.grants is not None
    assert [(one.app, one.uses) for one in kept.grants] == [(None, None)]


async def test_more_than_one_answer_holds_is_said_to_be_cut(stub: Stub, org: Org) -> None:
    cut = {
        "sessions": parts.found(breach.session_row("x"), done=False),
        "grants": parts.found({"AppName": "x"}, done=False),
        "logins": parts.found(parts.login_row(), done=False),
    }
    breach.open_for(stub, **cut)
    kept = await org.control.read_evidence(sf.USER_ID, 30)
    assert (kept.sessions_cut, kept.grants_cut, kept.logins_cut) == (True, True, True)


async def test_admins_are_counted_once_each_in_one_request(stub: Stub, org: Org) -> None:
    rows = [{"AssigneeId": one} for one in ("005A", "005B", "005A")]
    breach.open_for(stub, admins=parts.found(*rows))
    assert await org.control.other_admins(sf.USER_ID) == 2
    assert stub.paths == [sf.TOKEN, sf.COMPOSITE]
    query = parts.queries(stub.asked[-1])["admins"]
    assert f"AssigneeId != '{sf.USER_ID}' AND Assignee.Username != '{breach.OWN}'" in query
    assert "NOT IN (SELECT UserId FROM UserLogin WHERE IsFrozen = true)" in query


@pytest.mark.parametrize(
    ("changes", "expected", "code", "needs"),
    [
        ({"lock": NONE}, NotPermitted, "locks_hidden", "Manage Users"),
        ({"lock": DENIED, "admins": DENIED}, NotPermitted, "INVALID_TYPE", "Manage Users"),
        ({"admins": DENIED}, NotPermitted, "INVALID_TYPE", "View Setup and Configuration"),
        ({"admins": LATE}, Unavailable, "QUERY_TIMEOUT", None),
        ({"admins": parts.found({"AssigneeId": None})}, Unexpected, "unreadable_row", None),
    ],
)
async def test_admins_that_cant_be_counted_are_no_number(
    stub: Stub,
    org: Org,
    changes: dict[str, Part],
    expected: type[Unavailable | NotPermitted | Unexpected],
    code: str,
    needs: str | None,
) -> None:
    breach.open_for(stub, **changes)
    with pytest.raises(expected) as caught:
        await org.control.other_admins(sf.USER_ID)
    assert (caught.value.code, getattr(caught.value, "needs", None)) == (code, needs)


@pytest.mark.parametrize("user_id", ["", "003000000000001AAA", "https://evil.example/"])
async def test_an_id_that_cant_be_a_users_is_asked_of_nobody(
    stub: Stub, org: Org, user_id: str
) -> None:
    control = org.control
    for call in (
        control.read_evidence(user_id, 30),
        control.read_standing(user_id),
        control.other_admins(user_id),
        control.set_frozen(user_id, frozen=True),
        control.end_sessions(user_id),
        control.revoke_grants(user_id),
    ):
        with pytest.raises(NotFound):
            await call
    assert stub.asked == []
