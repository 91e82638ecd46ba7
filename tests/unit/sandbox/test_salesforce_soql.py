from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.identifiers import canonical, make_id
from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import ACME_SYNC_USERS, RESETTABLE, SeededOrg, acme
from sandbox.salesforce.soql.errors import SoqlError
from sandbox.salesforce.soql.execute import execute
from tests.unit.sandbox.salesforce_org import NOW, Clock, acme_now, soql

ORG = acme(Clock())
"""Only read by the tests here."""


def ask(query: str, org: SeededOrg = ORG, alias: str = "ben") -> list[dict[str, Any]]:
    return execute(org, org.person(alias), query, "/services/data/v62.0").records


def refused(query: str, alias: str = "ben") -> tuple[str, str]:
    with pytest.raises(SoqlError) as caught:
        ask(query, alias=alias)
    return caught.value.code, str(caught.value)


def usernames(where: str) -> list[str]:
    records = ask(soql("Username", "User", f"WHERE {where} ORDER BY Username"))
    return [record["Username"].partition(".")[0].partition("@")[0] for record in records]


def test_a_user_comes_with_parents_and_children() -> None:
    (record,) = ask(
        "select id, Username, profile.Name, Profile.PermissionsModifyAllData,"
        " (SELECT PermissionSet.Name, PermissionSet.PermissionsManageUsers"
        " FROM PermissionSetAssignments) FROM User WHERE Email = 'ADA@acme.example'"
    )
    ada = ORG.person("ada")
    assert record["attributes"] == {
        "type": "User",
        "url": f"/services/data/v62.0/sobjects/User/{ada.id}",
    }
    assert record["Id"] == ada.id
    assert record["Profile"]["Name"] == "Standard User"
    assert record["Profile"]["PermissionsModifyAllData"] is False
    children = record["PermissionSetAssignments"]
    assert (children["totalSize"], children["done"]) == (3, True)
    names = {each["PermissionSet"]["Name"] for each in children["records"]}
    assert {RESETTABLE, ACME_SYNC_USERS} < names


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Email = 'carl@acme.example'", ["carl", "carl"]),
        ("FederationIdentifier = 'UNA@acme.example'", ["una"]),
        ("FederationIdentifier != null AND IsActive = true", ["una"]),
        ("Username LIKE 'i%@acme.example.prod'", ["iris", "ivan"]),
        ("Username LIKE 'i_an@%'", ["ivan"]),
        (r"Username LIKE 'i\_an@%'", []),
        ("IsActive = false", ["pia"]),
        ("NOT IsActive = true", ["pia"]),
        (
            "IsActive = true AND (NOT Profile.Name = 'Standard User')",
            ["ben", "omar", "reset", "svc"],
        ),
        ("Alias IN ('eve', 'pia') AND (IsActive = true OR Alias = 'x')", ["eve"]),
        ("Alias NOT IN ('pia') AND IsActive = false", []),
        ("LastPasswordChangeDate < TODAY AND Alias = 'eve'", ["eve"]),
        ("LastPasswordChangeDate > LAST_N_DAYS:7 AND Alias = 'eve'", []),
        ("LastPasswordChangeDate >= YESTERDAY AND Alias = 'eve'", []),
        ("CreatedDate = N_DAYS_AGO:365 AND Alias = 'eve'", ["eve"]),
        ("CreatedDate != N_DAYS_AGO:365 AND Alias = 'eve'", []),
        ("CreatedDate < LAST_90_DAYS AND User.Alias = 'eve'", ["eve"]),
        ("CreatedDate <= LAST_90_DAYS AND Alias > 'evd' AND Alias < 'evf'", ["eve"]),
        ("CreatedDate >= 2025-01-01T00:00:00Z AND Alias = 'eve'", ["eve"]),
        ("CreatedDate > 2026-01-01T00:00:00+01:00", []),
        ("Name = 'Eve Okafor\\''", []),
    ],
)
def test_conditions_find_what_they_say(where: str, found: list[str]) -> None:
    assert usernames(where) == found


def test_a_short_id_is_the_same_and_another_case_is_another_id() -> None:
    ada = ORG.person("ada")
    assert usernames(f"Id = '{ada.id[:15]}'") == ["ada"]
    assert canonical(ada.id.lower()) != ada.id


@given(st.integers(min_value=0, max_value=62**6))
def test_ids_are_ids_in_both_lengths(number: int) -> None:
    full = make_id("005", number)
    assert len(full) == 18
    assert canonical(full) == canonical(full[:15]) == full


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("SELECT Foo FROM User", "INVALID_FIELD", "No such column 'Foo' on entity 'User'"),
        ("SELECT Foo.Name FROM User", "INVALID_FIELD", "Didn't understand relationship 'Foo'"),
        ("SELECT Id, ID FROM User", "INVALID_FIELD", "duplicate field selected"),
        ("SELECT Id FROM Account", "INVALID_TYPE", "sObject type 'Account' is not supported"),
        ("SELECT * FROM User", "MALFORMED_QUERY", "'*'"),
        ("SELECT FIELDS(ALL) FROM User", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM User WHERE", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT Id FROM User LIMIT -1", "MALFORMED_QUERY", "-1"),
        ("SELECT Id FROM User LIMIT 5 OFFSET 5", "MALFORMED_QUERY", "OFFSET"),
        ("SELECT Id FROM User WHERE Name = 'O'Neil'", "MALFORMED_QUERY", "no viable"),
        (r"SELECT Id FROM User WHERE Name = 'a\x'", "MALFORMED_QUERY", "Illegal character"),
        (
            "SELECT Id FROM User WHERE Name='a' AND Name='b' OR Name='c'",
            "MALFORMED_QUERY",
            "'OR'",
        ),
        ("SELECT Id FROM User WHERE Name='a' AND NOT Name='b'", "MALFORMED_QUERY", "'Name'"),
        ("SELECT Id FROM User WHERE Name = eve", "MALFORMED_QUERY", "'eve'"),
        ("SELECT Id FROM User WHERE IsActive = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM User WHERE Name = 5", "INVALID_FIELD", "must be of type string"),
        (
            "SELECT Id FROM User WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        ("SELECT Id FROM User WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "dateTime"),
        ("SELECT Id FROM User WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "date"),
        ("SELECT Id FROM User WHERE Id = 'ada'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        ("SELECT Id FROM User WHERE IsActive > true", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM User WHERE Id LIKE '005%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        (
            "SELECT Id, (SELECT Id FROM Friends) FROM User",
            "MALFORMED_QUERY",
            "Didn't understand relationship 'Friends'",
        ),
        ("SELECT Name, COUNT(Id) FROM User", "MALFORMED_QUERY", "must be grouped or aggregated"),
        ("SELECT COUNT(Id) FROM User LIMIT 1", "MALFORMED_QUERY", "LIMIT"),
        ("SELECT COUNT(), COUNT(Id) FROM User", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT MAX(IsActive) FROM User", "MALFORMED_QUERY", "MAX"),
        ("SELECT Id FROM User ORDER BY COUNT(Id)", "MALFORMED_QUERY", "ordered by"),
        (
            "SELECT Name FROM User GROUP BY Name ORDER BY Email",
            "MALFORMED_QUERY",
            "Ordered field must be grouped",
        ),
        ("SELECT Id FROM LoginHistory ORDER BY Status", "MALFORMED_QUERY", "sorted"),
        ("SELECT Id FROM User WHERE IsActive LIKE true", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM User WHERE CreatedDate IN (TODAY)", "INVALID_FIELD", "date literal"),
        ("SELECT Id FROM User WHERE CreatedDate LIKE TODAY", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM User ORDER BY Name NULLS", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT SUM(Id) FROM User", "MALFORMED_QUERY", "'('"),
        ("SELECT Id, (SELECT (SELECT Id FROM X) FROM Y) FROM User", "MALFORMED_QUERY", "Nesting"),
        (
            "SELECT Id, (SELECT COUNT(Id) FROM PermissionSetAssignments) FROM User",
            "MALFORMED_QUERY",
            "aggregate",
        ),
        (
            "SELECT COUNT(Id), (SELECT Id FROM PermissionSetAssignments) FROM User",
            "MALFORMED_QUERY",
            "sub-selects",
        ),
        ("SELECT Display FROM SetupAuditTrail WHERE Display LIKE 'x'", "INVALID_FIELD", "filtered"),
    ],
)
def test_what_salesforce_refuses_is_refused(query: str, code: str, words: str) -> None:
    assert refused(query)[0] == code
    assert words in refused(query)[1]


@pytest.mark.parametrize(
    "field",
    [
        "Application",
        "ApiType",
        "ApiVersion",
        "ClientVersion",
        "LoginSubType",
        "SourceIp",
        "Status",
        "LoginUrl",
    ],
)
def test_login_history_refuses_filters_on_what_it_shows(field: str) -> None:
    query = soql("Id", "LoginHistory", f"WHERE {field} = 'x'")
    assert refused(query) == (
        "INVALID_FIELD",
        f"field '{field}' can not be filtered in a query call",
    )
    nested = soql("Id", "LoginHistory", f"WHERE LoginType = 'a' AND (NOT {field} = 'x')")
    assert refused(nested)[0] == "INVALID_FIELD"


@pytest.mark.parametrize("field", ["Status", "SourceIp", "LoginSubType", "LoginUrl", "LoginTime"])
def test_login_history_groups_by_few_fields_only(field: str) -> None:
    query = soql(f"{field}, COUNT(Id)", "LoginHistory", f"GROUP BY {field}")
    assert refused(query) == (
        "MALFORMED_QUERY",
        f"field '{field}' can not be grouped in a query call",
    )


def test_login_history_groups_by_application() -> None:
    ada = ORG.person("ada")
    query = soql(
        "Application, LoginType, COUNT(Id), COUNT(LoginTime) times, MAX(LoginTime) latest",
        "LoginHistory",
        f"WHERE UserId = '{ada.id}' GROUP BY Application, LoginType"
        " ORDER BY MAX(LoginTime) DESC LIMIT 2",
    )
    records = ask(query)
    assert [record["Application"] for record in records] == ["Browser", "Outlook"]
    assert records[0] == {
        "attributes": {"type": "AggregateResult"},
        "Application": "Browser",
        "LoginType": "Application",
        "expr0": 90,
        "times": 90,
        "latest": "2026-03-04T09:00:00.000+0000",
    }


def test_the_last_days_are_whole_days_and_newest_can_come_first() -> None:
    org, _ = acme_now()
    eve = org.person("eve")
    midnight = NOW.replace(hour=0)
    for at in (midnight - timedelta(days=7, seconds=1), midnight - timedelta(days=7), NOW):
        org.record_login(eve, Client("Other Apex API"), "192.0.2.1", at=at)
    query = soql(
        "LoginTime",
        "LoginHistory",
        f"WHERE UserId = '{eve.id}' AND LoginType = 'Other Apex API'"
        " AND LoginTime = LAST_N_DAYS:7 ORDER BY LoginTime DESC",
    )
    records = ask(query, org)
    assert [record["LoginTime"] for record in records] == [
        "2026-03-04T12:00:00.000+0000",
        "2026-02-25T00:00:00.000+0000",
    ]


def test_one_users_history_holds_no_other_users_rows() -> None:
    ada, eve = ORG.person("ada"), ORG.person("eve")
    rows = ask(soql("UserId", "LoginHistory", f"WHERE UserId = '{ada.id[:15]}'"))
    assert {row["UserId"] for row in rows} == {ada.id}
    both = ask(soql("UserId", "LoginHistory", f"WHERE UserId IN ('{ada.id}', '{eve.id}')"))
    assert {row["UserId"] for row in both} == {ada.id, eve.id}
    contradiction = f"UserId = '{ada.id}' AND UserId = '{eve.id}'"
    assert ask(soql("Id", "LoginHistory", f"WHERE {contradiction}")) == []


def test_empty_cells_come_first_unless_asked_otherwise() -> None:
    query = "SELECT LastUsedDate FROM OauthToken ORDER BY LastUsedDate DESC"
    org, _ = acme_now()
    org.grants[0].last_used = NOW
    assert [row["LastUsedDate"] for row in ask(query, org)] == [
        None,
        "2026-03-04T12:00:00.000+0000",
    ]
    assert ask(f"{query} NULLS LAST", org)[0]["LastUsedDate"] == "2026-03-04T12:00:00.000+0000"


def test_a_bare_count_counts_without_records() -> None:
    result = execute(ORG, ORG.bot_user, "SELECT COUNT() FROM Profile", "")
    assert (result.counted, result.records) == (len(ORG.profiles), [])


@pytest.mark.parametrize(
    ("query", "alias"),
    [
        ("SELECT Id FROM UserLogin", "ada"),
        ("SELECT Id FROM SetupAuditTrail", "ada"),
    ],
)
def test_without_the_permission_an_object_does_not_exist(query: str, alias: str) -> None:
    assert refused(query, alias)[0] == "INVALID_TYPE"
    assert ask(query, alias="ben") is not None


def test_logins_of_others_take_a_permission_and_ones_own_take_none() -> None:
    org, _ = acme_now()
    query = "SELECT UserId FROM LoginHistory"
    own = {row["UserId"] for row in ask(query, org, "ada")}
    assert own == {org.person("ada").id}
    assert len({row["UserId"] for row in ask(query, org, "ben")}) > 1


def test_grants_and_sessions_of_others_take_a_permission() -> None:
    org, _ = acme_now()
    everyone = ask("SELECT AppName FROM OauthToken", org, "ben")
    own = ask("SELECT AppName FROM OauthToken", org, "eve")
    assert ([row["AppName"] for row in everyone], own) == (["Outlook", "dataloader.io"], [])
    login = org.record_login(org.person("ada"), Client("Application"), "192.0.2.1")
    org.open_session(login, "UI", {"web"})
    assert len(ask("SELECT UsersId, SessionType FROM AuthSession", org, "ben")) == 1
    assert ask("SELECT Id FROM AuthSession", org, "eve") == []


def test_selecting_a_refresh_token_is_answered_and_held_against_the_client() -> None:
    org, _ = acme_now()
    (row, _other) = ask("SELECT AccessToken, DeleteToken FROM OauthToken", org)
    assert row["AccessToken"] == org.grants[0].refresh_token
    assert org.violations == ["selected OauthToken.AccessToken"]
    ask("SELECT DeleteToken FROM OauthToken", org)
    assert len(org.violations) == 1


@given(st.text(max_size=60) | st.from_regex(r"SELECT [A-Za-z., ()]{1,30} FROM [A-Za-z]+.{0,60}"))
def test_no_text_does_anything_but_answer_or_refuse(text: str) -> None:
    outcome: object
    try:
        outcome = ask(text)
    except SoqlError as error:
        outcome = error.code
    assert isinstance(outcome, list | str)


@pytest.mark.parametrize(
    "where",
    [
        "(" * 500 + "Name = 'a'" + ")" * 500,
        "CreatedDate = LAST_N_DAYS:99999999",
        "Name = " + "9" * 5000,
    ],
)
def test_monstrous_conditions_are_refused(where: str) -> None:
    assert refused(soql("Id", "User", f"WHERE {where}"))[0] == "MALFORMED_QUERY"
