"""What one org refuses that another answers, and how many groups an answer holds."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.soql.errors import SoqlError
from sandbox.salesforce.soql.execute import MOST_GROUPS, execute
from tests.unit.sandbox.salesforce_org import DATA, NOW, acme_now, bearer, http, signed_in, soql

GROUPED = soql("Application, COUNT(Id)", "LoginHistory", "{where}GROUP BY Application{limit}")


def ask(org: SeededOrg, query: str) -> list[dict[str, Any]]:
    return execute(org, org.bot_user, query, DATA).records


def refused(org: SeededOrg, query: str) -> str:
    with pytest.raises(SoqlError) as caught:
        ask(org, query)
    return caught.value.code


@pytest.mark.parametrize("field", ["Application", "ApiType", "ApiVersion", "ClientVersion"])
def test_login_history_groups_and_sorts_by_what_its_reference_says(field: str) -> None:
    org, _ = acme_now()
    rows = ask(
        org,
        soql(f"{field}, COUNT(Id) logins", "LoginHistory", f"GROUP BY {field} ORDER BY {field}"),
    )
    assert sum(row["logins"] for row in rows) == len(org.logins)
    assert ask(org, soql("Id", "LoginHistory", f"ORDER BY {field} LIMIT 1"))


def test_login_history_filters_groups_and_sorts_by_login_type() -> None:
    org, _ = acme_now()
    where = "WHERE LoginType = 'Application'"
    (row,) = ask(org, soql("LoginType", "LoginHistory", f"{where} GROUP BY LoginType"))
    assert row["LoginType"] == "Application"


def test_an_answer_holds_two_thousand_groups_and_no_more() -> None:
    org, _ = acme_now()
    eve = org.person("eve")
    org.logins_of[eve.id].clear()
    for number in range(MOST_GROUPS):
        at = NOW - timedelta(seconds=number)
        org.record_login(eve, Client("Partner", None, f"App {number}"), "192.0.2.1", at=at)
    query = GROUPED.replace("{where}", f"WHERE UserId = '{eve.id}' ")
    assert len(ask(org, query.replace("{limit}", ""))) == MOST_GROUPS
    org.record_login(eve, Client("Partner", None, "One more"), "192.0.2.1")
    assert refused(org, query.replace("{limit}", "")) == "EXCEEDED_ID_LIMIT"
    assert len(ask(org, query.replace("{limit}", " LIMIT 5"))) == 5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Email FROM User",
        "SELECT Id FROM User WHERE Email = 'x'",
        "SELECT Id FROM User WHERE IsActive = true AND (NOT email = 'x')",
        "SELECT Id FROM User ORDER BY Email",
        "SELECT COUNT(Email) FROM User",
        "SELECT Email FROM User GROUP BY Email",
        "SELECT Assignee.Email FROM PermissionSetAssignment",
        "SELECT Id, (SELECT Assignee.Email FROM PermissionSetAssignments) FROM User",
    ],
)
def test_a_field_that_an_org_lacks_can_not_be_used_at_all(query: str) -> None:
    org, _ = acme_now()
    assert ask(org, query) is not None
    org.missing_fields.add("User.Email")
    assert refused(org, query) == "INVALID_FIELD"
    assert ask(org, "SELECT Id FROM User")


async def test_a_missing_field_is_in_no_record_either() -> None:
    org, _ = acme_now()
    org.missing_fields.add("User.Email")
    path = f"{DATA}/sobjects/User/{org.person('ada').id}"
    headers = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        whole = await client.get(path, headers=headers)
        named = await client.get(path, params={"fields": "Id,Email"}, headers=headers)
    assert "Email" not in whole.json()
    assert named.json()[0]["errorCode"] == "INVALID_FIELD"


def test_a_hidden_object_is_unknown_and_a_bare_count_is_no_grouping() -> None:
    org, _ = acme_now()
    org.hidden_objects.add("OauthToken")
    org.refuses_group_by.add("LoginHistory")
    assert refused(org, "SELECT Id FROM OauthToken") == "INVALID_TYPE"
    assert refused(org, GROUPED.format(where="", limit="")) == "MALFORMED_QUERY"
    assert execute(org, org.bot_user, "SELECT COUNT() FROM LoginHistory", "").counted
