"""What containment meets: sessions and grants that end, and what is held against a client."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.salesforce.seed import CONTAINMENT, SeededOrg
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.salesforce.soql.errors import SoqlError
from sandbox.salesforce.soql.execute import execute
from sandbox.salesforce.users import PERMISSIONS
from tests.unit.sandbox.salesforce_org import (
    DATA,
    acme_now,
    bearer,
    http,
    rest_error,
    signed_in,
    soql,
)

REVOKE = "/services/oauth2/revoke"


def ask(org: SeededOrg, query: str, alias: str = "ben") -> list[dict[str, Any]]:
    return execute(org, org.person(alias), query, DATA).records


async def end(client: httpx.AsyncClient, org: SeededOrg, session_id: str) -> httpx.Response:
    headers = bearer(signed_in(org, org.bot_user))
    return await client.delete(f"{DATA}/sobjects/AuthSession/{session_id}", headers=headers)


def test_what_breach_reports_need_is_known_and_not_given_to_the_bot() -> None:
    org, _ = acme_now()
    assert set(PERMISSIONS) >= CONTAINMENT
    assert not org.bot_user.permissions & CONTAINMENT


def test_somebodys_open_sessions_are_seen_as_they_came() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    opened = open_some_sessions(org, ada)
    query = soql(
        "Id, SessionType, LoginType, SourceIp, ParentId",
        "AuthSession",
        f"WHERE UsersId = '{ada.id}' ORDER BY CreatedDate DESC",
    )
    rows = ask(org, query)
    assert {row["Id"]: row["SessionType"] for row in rows} == {one.id: one.kind for one in opened}
    assert [one.kind for one in opened] == ["UI", "Content", "API", "Oauth2", "Oauth2"]
    assert [one.app for one in opened[3:]] == ["Outlook", "dataloader.io"]
    page, inner, *_ = rows
    assert (page["SourceIp"], page["LoginType"]) == ("203.0.113.20", "Application")
    assert (page["ParentId"], inner["ParentId"]) == (page["Id"], page["Id"])
    assert ask(org, query, "eve") == []


async def test_a_session_ends_with_the_one_that_it_came_from() -> None:
    org, _ = acme_now()
    page, inner, program, *_ = open_some_sessions(org, org.person("ada"))
    async with http(org) as client:
        first = await end(client, org, page.id)
        again = await end(client, org, inner.id)
    assert first.status_code == 204
    assert rest_error(again) == (404, "NOT_FOUND")
    assert org.session(page.token) is org.session(inner.token) is None
    assert org.session(program.token) is program


async def test_a_session_whose_time_is_over_has_ended() -> None:
    org, clock = acme_now()
    page, *_ = open_some_sessions(org, org.person("ada"))
    clock.forward(timedelta(hours=3).total_seconds())
    async with http(org) as client:
        assert rest_error(await end(client, org, page.id)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["AuthSession/%s", "UserLogin/%s"])
@pytest.mark.parametrize("record_id", ["x", "0055g0000000005AAA", "0Ak5g000000001", "0Yw"])
async def test_an_id_of_another_object_is_malformed(path: str, record_id: str) -> None:
    org, _ = acme_now()
    headers = bearer(signed_in(org, org.bot_user))
    method = "DELETE" if path.startswith("Auth") else "PATCH"
    async with http(org) as client:
        answer = await client.request(
            method, f"{DATA}/sobjects/{path % record_id}", json={"IsFrozen": True}, headers=headers
        )
    assert rest_error(answer) == (400, "MALFORMED_ID")


def test_a_freeze_ends_neither_sessions_nor_grants() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    opened = open_some_sessions(org, ada)
    ada.is_frozen = True
    assert all(org.session(one.token) is one for one in opened)
    assert len(org.grants) == 2


def test_an_assignment_that_has_expired_is_still_there_and_grants_nothing() -> None:
    org, _ = acme_now()
    ben = org.person("ben")
    org.add_permission_set("Apex", {"TwoFactorApi"})
    org.assign(ben, "Apex")
    assert ben.may("TwoFactorApi")
    ben.assignments[-1].is_active = False
    assert not ben.may("TwoFactorApi")
    where = f"WHERE AssigneeId = '{ben.id}'"
    rows = ask(org, soql("IsActive", "PermissionSetAssignment", where))
    assert [row["IsActive"] for row in rows] == [True, False]


def test_assignments_take_a_permission_to_be_seen() -> None:
    org, _ = acme_now()
    for query in (
        "SELECT Id FROM PermissionSetAssignment",
        "SELECT Id, (SELECT Id FROM PermissionSetAssignments) FROM User",
    ):
        assert ask(org, query)
        with pytest.raises(SoqlError):
            ask(org, query, "ada")


async def test_grants_come_without_ids_five_hundred_at_a_time_and_2500_in_all() -> None:
    org, _ = acme_now()
    eve = org.person("eve")
    for number in range(2501):
        org.add_grant(f"App {number}", eve)
    headers = bearer(signed_in(org, org.person("ben")))
    query = soql("Id, AppName", "OauthToken", f"WHERE UserId = '{eve.id}'")
    found: list[dict[str, Any]] = []
    async with http(org) as client:
        answer = (await client.get(f"{DATA}/query", params={"q": query}, headers=headers)).json()
        assert (answer["done"], len(answer["records"])) == (False, 500)
        while True:
            found += answer["records"]
            if answer["done"]:
                break
            answer = (await client.get(answer["nextRecordsUrl"], headers=headers)).json()
    assert len({row["AppName"] for row in found}) == len(found) == 2500
    assert {row["Id"] for row in found} == {None}


def test_delete_tokens_of_more_than_one_user_are_held_against_a_client() -> None:
    org, _ = acme_now()
    eve = org.person("eve")
    theirs = org.add_grant("Outlook", eve)
    one = soql("DeleteToken", "OauthToken", f"WHERE UserId = '{eve.id}'")
    assert [row["DeleteToken"] for row in ask(org, one)] == [theirs.delete_token]
    assert org.violations == []
    assert org.delete_tokens_out == {theirs.delete_token}
    ask(org, "SELECT AppName, UserId FROM OauthToken")
    assert org.violations == []
    ask(org, "SELECT DeleteToken FROM OauthToken")
    ask(org, "SELECT AccessToken, COUNT(UserId) FROM OauthToken GROUP BY AccessToken")
    assert org.violations == [
        "selected OauthToken.DeleteToken of several users",
        "selected OauthToken.AccessToken",
    ]


async def test_a_delete_token_that_was_used_is_out_no_more() -> None:
    org, _ = acme_now()
    ask(org, "SELECT DeleteToken FROM OauthToken")
    first, second = org.grants
    async with http(org) as client:
        answer = await client.post(REVOKE, data={"token": first.delete_token})
    assert answer.status_code == 200
    assert org.delete_tokens_out == {second.delete_token}
    assert org.violations == []


@pytest.mark.parametrize("path", [f"{REVOKE}?token=%s", f"{DATA}/sobjects/%s", "/?q=%s"])
async def test_a_token_in_an_address_is_held_against_a_client(path: str) -> None:
    org, _ = acme_now()
    async with http(org) as client:
        await client.get(path % org.grants[0].delete_token)
    assert org.violations == ["a token in the address of a request"]
