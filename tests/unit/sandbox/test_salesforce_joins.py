"""Semi-joins and anti-joins: what they find, and what Salesforce refuses."""

import pytest

from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.soql.errors import SoqlError
from sandbox.salesforce.soql.execute import execute
from tests.unit.sandbox.salesforce_org import DATA, acme_now, soql

FROZEN = "SELECT UserId FROM UserLogin WHERE IsFrozen = true"
ADMINS = soql(
    "AssigneeId", "PermissionSetAssignment", "WHERE PermissionSet.PermissionsManageUsers = true"
)
NESTED = soql("AssigneeId", "PermissionSetAssignment", f"WHERE AssigneeId IN ({FROZEN})")


def users(org: SeededOrg, where: str, alias: str = "ben") -> list[str]:
    query = soql("Alias", "User", f"WHERE {where} ORDER BY Alias")
    rows = execute(org, org.person(alias), query, DATA).records
    return [row["Alias"] for row in rows]


def refused(org: SeededOrg, query: str, alias: str = "ben") -> tuple[str, str]:
    with pytest.raises(SoqlError) as caught:
        execute(org, org.person(alias), query, DATA)
    return caught.value.code, str(caught.value)


def test_a_join_finds_those_in_the_other_object_or_those_not_in_it() -> None:
    org, _ = acme_now()
    org.person("eve").is_frozen = org.person("ben").is_frozen = True
    assert users(org, f"Id IN ({FROZEN})") == ["ben", "eve"]
    assert users(org, f"Id IN ({FROZEN}) AND Id IN ({ADMINS})") == ["ben"]
    assert users(org, f"(Alias = 'ben' OR Alias = 'reset.bo') AND Id NOT IN ({FROZEN})") == [
        "reset.bo"
    ]
    assert users(org, "Id NOT IN (SELECT UserId FROM UserLogin)") == []
    assert users(org, "Id IN (SELECT UserId FROM UserLogin WHERE IsPasswordLocked = true)") == []


def test_a_join_sees_what_its_asker_sees() -> None:
    org, _ = acme_now()
    assert refused(org, soql("Id", "User", f"WHERE Id IN ({FROZEN})"), "ada")[0] == "INVALID_TYPE"
    own = "SELECT UserId FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:90"
    assert users(org, f"Id IN ({own})", "ada") == ["ada"]
    org.hidden_objects.add("UserLogin")
    assert refused(org, soql("Id", "User", f"WHERE Id IN ({FROZEN})"))[0] == "INVALID_TYPE"
    org.missing_fields.add("User.Id")
    query = soql("Alias", "User", "WHERE Id IN (SELECT UserId FROM LoginHistory)")
    assert refused(org, query)[0] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (f"IsActive = true OR Id IN ({FROZEN})", "top level"),
        (f"NOT Id IN ({FROZEN})", "top level"),
        (f"IsActive = true AND (Alias = 'x' AND Id IN ({FROZEN}))", "top level"),
        (f"Id IN ({FROZEN}) AND Id IN ({ADMINS}) AND Id NOT IN ({FROZEN})", "maximum 2"),
        (f"Alias IN ({FROZEN})", "can only query id fields"),
        (f"Profile.Id IN ({FROZEN})", "can only query id fields"),
        ("Id IN (SELECT IsFrozen FROM UserLogin)", "can only query id fields"),
        ("Id IN (SELECT Assignee.Id FROM PermissionSetAssignment)", "can only query id fields"),
        ("Id IN (SELECT Id FROM User)", "same object type"),
        ("Id IN (SELECT UserId, Id FROM UserLogin)", "exactly one field"),
        ("Id IN (SELECT COUNT() FROM UserLogin)", "exactly one field"),
        ("Id IN (SELECT UserId FROM UserLogin LIMIT 1)", "LIMIT"),
        ("Id IN (SELECT UserId FROM UserLogin ORDER BY UserId)", "ORDER BY"),
        (f"Id IN ({NESTED})", "Nesting"),
        ("Id IN (SELECT UserId FROM UserLogin", "<EOF>"),
    ],
)
def test_what_salesforce_refuses_is_refused(where: str, words: str) -> None:
    org, _ = acme_now()
    code, text = refused(org, soql("Id", "User", f"WHERE {where}"))
    assert code == "MALFORMED_QUERY"
    assert words in text


def test_children_are_filtered_by_no_join() -> None:
    org, _ = acme_now()
    inner = soql("Id", "PermissionSetAssignments", f"WHERE AssigneeId IN ({FROZEN})")
    assert refused(org, soql(f"Id, ({inner})", "User"))[0] == "MALFORMED_QUERY"
