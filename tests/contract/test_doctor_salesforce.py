"""`doctor` against an org: what it asks, what it concludes, and that it resets nothing."""

from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse

from bot.doctor_lines import Mark
from sandbox.serving import serving
from services.orgs import ResetMethod
from services.salesforce import retrying
from tests.contract.doctor_org import BEN, BOT, Salesforce, ask, told
from tests.unit.salesforce import parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.stub import error, page, rows


@pytest.fixture
async def salesforce(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Salesforce]:
    monkeypatch.setattr(retrying, "FIRST_WAIT_SECONDS", 0.01)
    salesforce = Salesforce()
    async with serving(salesforce.stub.app()) as origin:
        salesforce.stub.origin = origin
        salesforce.open_pages()
        yield salesforce


async def test_an_org_in_order_has_no_faults(salesforce: Salesforce) -> None:
    lines = await ask(salesforce)
    assert [line.mark for line in lines] == [Mark.OK] * 7
    assert all(str(line).startswith("Salesforce Production: ") for line in lines)
    assert {sf.LOGOUT, sf.REVOKE} <= set(salesforce.stub.paths)


async def test_a_refused_login_ends_the_rest(salesforce: Salesforce) -> None:
    refusal = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
    salesforce.stub.on(sf.TOKEN, JSONResponse(refusal, status_code=400))
    lines = await ask(salesforce)
    assert [line.mark for line in lines] == [Mark.FAULT, Mark.NOT_CHECKED]
    assert "not_preauthorised" in lines[0].found
    assert "Pre-authorise" in lines[0].remedy


async def test_an_org_that_doesnt_answer_is_a_line(salesforce: Salesforce) -> None:
    salesforce.stub.on(sf.TOKEN, sf.cut)
    lines = await ask(salesforce)
    assert [line.mark for line in lines] == [Mark.FAULT, Mark.NOT_CHECKED]
    assert "no good answer" in lines[0].found


async def test_a_user_that_sees_only_itself_lacks_a_permission(salesforce: Salesforce) -> None:
    salesforce.answers["Id FROM User WHERE"] = lambda _: rows()
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "View All Users" in fault


@pytest.mark.parametrize("unseen", ["FROM LoginHistory", "FROM UserLogin"])
async def test_an_unreadable_object_names_its_permission_and_the_rest_goes_on(
    salesforce: Salesforce, unseen: str
) -> None:
    salesforce.answers[unseen] = lambda _: error(400, "INVALID_TYPE")
    lines = await ask(salesforce)
    (fault,) = told(lines, Mark.FAULT)
    assert "Manage Users" in fault
    assert any("reset page opens" in line.found for line in lines)


@pytest.mark.parametrize(
    ("missing", "mark", "words"),
    [
        ("logins", Mark.FAULT, "Manage Users"),
        ("groups", Mark.NOT_CHECKED, "2,000 logins only"),
        ("rules", Mark.NOT_CHECKED, "a code or single sign-on"),
    ],
)
async def test_what_a_warning_will_lack_is_told(
    salesforce: Salesforce, missing: str, mark: Mark, words: str
) -> None:
    answers = parts.account(**{missing: parts.refused(400, "INVALID_TYPE")})
    salesforce.stub.on(sf.COMPOSITE, parts.composite(answers))
    lines = await ask(salesforce)
    (found,) = told(lines, mark)
    assert words in found
    assert any("reset page opens" in line.found for line in lines), "the rest goes on"


async def test_an_account_that_cant_be_read_in_one_request_is_a_fault(
    salesforce: Salesforce,
) -> None:
    salesforce.stub.on(sf.COMPOSITE, error(404, "NOT_FOUND"))
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "in one request" in fault


@pytest.mark.parametrize(
    ("app", "is_told"),
    [("Reset Token", False), ("reset token as the USER", False), ("X\u202ey", True)],
)
async def test_an_app_of_the_bots_own_that_isnt_named_is_told(
    salesforce: Salesforce, app: str, *, is_told: bool
) -> None:
    own = parts.login_row(LoginType="Remote Access 2.0", ApiType=None, Application=app)
    salesforce.stub.on(sf.COMPOSITE, parts.composite(parts.account(logins=parts.found(own))))
    lines = told(await ask(salesforce), Mark.NOT_CHECKED)
    assert [("“Xy”" in line and "RESET_OWN_APPS" in line) for line in lines] == [True] * is_told


async def test_a_history_without_anybody_else_is_no_proof(salesforce: Salesforce) -> None:
    salesforce.answers["FROM LoginHistory"] = lambda _: rows()
    lines = await ask(salesforce)
    assert told(lines, Mark.FAULT) == []
    assert "nobody but the integration user" in told(lines, Mark.NOT_CHECKED)[0]


async def test_locks_of_nobody_else_are_a_fault(salesforce: Salesforce) -> None:
    salesforce.answers["FROM UserLogin"] = lambda _: rows()
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "frozen" in fault


async def test_used_up_requests_are_told(salesforce: Salesforce) -> None:
    salesforce.answers["Id FROM User WHERE"] = lambda _: error(403, "REQUEST_LIMIT_EXCEEDED")
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "used up" in fault


async def test_the_method_password_needs_its_permission(salesforce: Salesforce) -> None:
    lines = await ask(salesforce, ResetMethod.PASSWORD)
    assert [line.mark for line in lines] == [Mark.OK] * 7
    assert sf.BRIDGE not in salesforce.stub.paths

    no: dict[str, object] = {
        "PermissionsManageUsers": True,
        "PermissionsCustomizeApplication": True,
        "PermissionsResetPasswords": False,
    }
    salesforce.answers["FROM UserPermissionAccess"] = lambda _: rows(no)
    (fault,) = told(await ask(salesforce, ResetMethod.PASSWORD), Mark.FAULT)
    assert "Reset User Passwords and Unlock Users" in fault


async def test_what_salesforce_wont_say_is_not_checked(salesforce: Salesforce) -> None:
    for table in ("FROM UserPermissionAccess", "FROM SetupAuditTrail"):
        salesforce.answers[table] = lambda _: error(400, "INVALID_TYPE")
    lines = await ask(salesforce, ResetMethod.PASSWORD)
    assert told(lines, Mark.FAULT) == []
    assert len(told(lines, Mark.NOT_CHECKED)) == 3


async def test_what_an_approved_report_lacks_is_named_and_no_fault(salesforce: Salesforce) -> None:
    some: dict[str, object] = {
        "PermissionsManageUsers": True,
        "PermissionsCustomizeApplication": False,
        "PermissionsResetPasswords": False,
    }
    salesforce.answers["FROM UserPermissionAccess"] = lambda _: rows(some)
    lines = await ask(salesforce, ResetMethod.GUIDED)
    assert told(lines, Mark.FAULT) == []
    grants, passwords = told(lines, Mark.NOT_CHECKED)
    assert "can't revoke OAuth grants. Give the integration user the permission Customize" in grants
    assert "can't reset passwords" in passwords


async def test_guided_needs_neither_page_nor_permission(salesforce: Salesforce) -> None:
    lines = await ask(salesforce, ResetMethod.GUIDED)
    assert [line.mark for line in lines] == [Mark.OK] * 5
    assert sf.BRIDGE not in salesforce.stub.paths


async def test_without_their_settings_page_and_admins_are_not_checked(
    salesforce: Salesforce,
) -> None:
    lines = await ask(salesforce, test_user=None, permission_set=None)
    assert told(lines, Mark.FAULT) == []
    unchecked = told(lines, Mark.NOT_CHECKED)
    assert "RESET_DOCTOR_USERNAME" in unchecked[0]
    assert "RESET_USER_PERMISSION_SET" in unchecked[1]
    assert sf.BRIDGE not in salesforce.stub.paths


async def test_a_page_without_the_button_is_a_fault(salesforce: Salesforce) -> None:
    salesforce.stub.on(sf.EDIT, page("<p>Something else</p>"))
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "no_button" in fault
    assert "guided" in fault


async def test_an_admin_is_no_test_user(salesforce: Salesforce) -> None:
    (fault,) = told(await ask(salesforce, test_user="ben@acme.example"), Mark.FAULT)
    assert "is an admin" in fault
    assert sf.BRIDGE not in salesforce.stub.paths


async def test_a_test_user_of_another_org_is_not_checked(salesforce: Salesforce) -> None:
    lines = await ask(salesforce, test_user="test@other.example", orgs=2)
    assert told(lines, Mark.FAULT) == []
    assert "isn't in this org" in told(lines, Mark.NOT_CHECKED)[0]


async def test_a_test_user_of_no_org_is_a_fault(salesforce: Salesforce) -> None:
    (fault,) = told(await ask(salesforce, test_user="test@other.example"), Mark.FAULT)
    assert "RESET_DOCTOR_USERNAME" in fault


async def test_an_admin_with_the_permission_set_is_a_fault(salesforce: Salesforce) -> None:
    salesforce.answers["FROM PermissionSetAssignment WHERE PermissionSet.N"] = lambda query: (
        rows({"AssigneeId": BEN}) if BEN in query else rows()
    )
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "1 admin:" in fault
    assert BEN not in fault


async def test_an_admin_with_it_through_a_group_is_a_fault(salesforce: Salesforce) -> None:
    group = "0PG000000000001AAA"
    component: dict[str, object] = {"PermissionSetGroupId": group}
    salesforce.answers["FROM PermissionSetGroupComponent"] = lambda _: rows(component)
    salesforce.answers["FROM PermissionSetAssignment WHERE PermissionSetGroupId"] = lambda query: (
        rows({"AssigneeId": BEN}) if group in query else rows()
    )
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "1 admin:" in fault


async def test_unreadable_groups_are_said(salesforce: Salesforce) -> None:
    salesforce.answers["FROM PermissionSetGroupComponent"] = lambda _: error(400, "INVALID_TYPE")
    (unchecked,) = told(await ask(salesforce), Mark.NOT_CHECKED)
    assert "groups couldn't be read" in unchecked


@pytest.mark.parametrize(
    ("user_app", "mark"),
    [("user-app", Mark.FAULT), ("integration-app", Mark.OK)],
    ids=["two_apps", "one_app"],
)
async def test_the_integration_user_may_hold_it_where_one_app_does_both(
    salesforce: Salesforce, user_app: str, mark: Mark
) -> None:
    salesforce.answers["FROM PermissionSetAssignment WHERE PermissionSet.N"] = lambda _: rows(
        {"AssigneeId": BOT}
    )
    lines = await ask(salesforce, user_app=user_app)
    assert lines[-1].mark is mark


async def test_half_a_list_of_admins_is_no_proof(salesforce: Salesforce) -> None:
    salesforce.answers["FROM PermissionSetAssignment WHERE PermissionSet.P"] = lambda _: rows(
        {"AssigneeId": BEN}, done=False
    )
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "too_many_rows" in fault


async def test_a_permission_set_that_doesnt_exist_is_a_fault(salesforce: Salesforce) -> None:
    salesforce.answers["FROM PermissionSet WHERE"] = lambda _: rows()
    (fault,) = told(await ask(salesforce), Mark.FAULT)
    assert "RESET_USER_PERMISSION_SET" in fault
