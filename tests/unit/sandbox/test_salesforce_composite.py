from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.query import LONGEST_QUERY
from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import SeededOrg
from tests.unit.sandbox.salesforce_org import (
    DATA,
    NOW,
    acme_now,
    bearer,
    http,
    rest_error,
    signed_in,
    soql,
)

COMPOSITE = f"{DATA}/composite"


def asking(query: str, reference_id: str = "one", **changes: object) -> dict[str, Any]:
    url = f"{DATA}/query?{urlencode({'q': query})}"
    return {"method": "GET", "url": url, "referenceId": reference_id} | changes


async def posted(
    org: SeededOrg, body: object, *, path: str = COMPOSITE, alias: str | None = None
) -> httpx.Response:
    user = org.person(alias) if alias else org.bot_user
    async with http(org) as client:
        return await client.post(path, json=body, headers=bearer(signed_in(org, user)))


async def parts(org: SeededOrg, *asked: dict[str, Any], **outer: object) -> list[dict[str, Any]]:
    response = await posted(org, {"compositeRequest": list(asked)} | outer)
    assert response.status_code == 200
    answers: list[dict[str, Any]] = response.json()["compositeResponse"]
    assert [each["referenceId"] for each in answers] == [each["referenceId"] for each in asked]
    return answers


async def test_several_reads_are_one_call_and_one_that_fails_fails_alone() -> None:
    org, _ = acme_now()
    ada = org.person("ada")
    answers = await parts(
        org,
        asking(soql("Id", "User", f"WHERE Id = '{ada.id}'"), "queried"),
        asking(soql("Nothing", "User"), "wrong_2"),
        {"method": "GET", "url": f"{DATA}/sobjects/User/{ada.id}", "referenceId": "whole"},
        {
            "method": "GET",
            "url": f"{DATA}/sobjects/User/{ada.id}?fields=Alias",
            "referenceId": "alias",
        },
        asking(soql("COUNT()", "Profile"), "counted"),
        allOrNone=False,
        collateSubrequests=True,
    )
    assert [each["httpStatusCode"] for each in answers] == [200, 400, 200, 200, 200]
    assert all(each["httpHeaders"] == {} for each in answers)
    assert answers[0]["body"]["records"][0]["Id"] == ada.id
    message = "No such column 'Nothing' on entity 'User'."
    assert answers[1]["body"] == [{"errorCode": "INVALID_FIELD", "message": message}]
    assert answers[2]["body"]["Username"] == ada.username
    assert set(answers[3]["body"]) == {"attributes", "Alias"}
    assert answers[4]["body"]["totalSize"] == len(org.profiles)
    assert [call.endpoint for call in org.calls] == ["composite"]


async def test_all_or_none_takes_the_good_answers_back() -> None:
    org, _ = acme_now()
    good, bad = asking(soql("Id", "User")), asking("nonsense", "two")
    answers = await parts(org, good, bad, allOrNone=True)
    codes = [each["body"][0]["errorCode"] for each in answers]
    assert codes == ["PROCESSING_HALTED", "MALFORMED_QUERY"]
    alone = await parts(org, good, allOrNone=True)
    assert alone[0]["httpStatusCode"] == 200


async def test_everyone_sees_only_what_they_may() -> None:
    org, _ = acme_now()
    body = {"compositeRequest": [asking(soql("Id", "UserLogin"))]}
    answer = (await posted(org, body, alias="eve")).json()["compositeResponse"][0]
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "INVALID_TYPE")
    async with http(org) as client:
        nobody = await client.post(COMPOSITE, json=body)
    assert rest_error(nobody) == (401, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("DELETE", "/sobjects/User/{id}", (405, "METHOD_NOT_ALLOWED")),
        ("POST", "/query?q=x", (405, "METHOD_NOT_ALLOWED")),
        ("DELETE", "/sobjects/User/{id}/password", (404, "NOT_FOUND")),
        ("GET", "/sobjects/User/005000000000000", (404, "NOT_FOUND")),
        ("GET", "/sobjects/User/{id}?fields=Nothing", (400, "INVALID_FIELD")),
        ("GET", "/limits", (404, "NOT_FOUND")),
        ("GET", "/", (404, "NOT_FOUND")),
        ("GET", "/query", (400, "MALFORMED_QUERY")),
    ],
)
async def test_what_a_subrequest_can_not_do_is_refused_in_its_place(
    method: str, path: str, code: tuple[int, str]
) -> None:
    org, _ = acme_now()
    url = DATA + path.format(id=org.person("ada").id)
    (answer,) = await parts(org, {"method": method, "url": url, "referenceId": "x"})
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == code
    assert not org.resets


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ([], "JSON_PARSER_ERROR", ""),
        ({}, "JSON_PARSER_ERROR", "compositeRequest"),
        ({"compositeRequest": []}, "JSON_PARSER_ERROR", "compositeRequest"),
        ({"compositeRequest": ["x"]}, "JSON_PARSER_ERROR", "object"),
        ({"compositeRequest": [asking("x")], "halt": 1}, "JSON_PARSER_ERROR", '"halt"'),
        ({"compositeRequest": [asking("x")], "allOrNone": 1}, "JSON_PARSER_ERROR", "allOrNone"),
        ({"compositeRequest": [asking("x", richInput=1)]}, "JSON_PARSER_ERROR", '"richInput"'),
        ({"compositeRequest": [asking("x", method=None)]}, "JSON_PARSER_ERROR", "method"),
        ({"compositeRequest": [asking("x", referenceId="")]}, "JSON_PARSER_ERROR", "referenceId"),
        ({"compositeRequest": [asking("x", "a-b")]}, "BAD_REQUEST", "referenceId"),
        ({"compositeRequest": [asking("x", "1a")]}, "BAD_REQUEST", "referenceId"),
        ({"compositeRequest": [asking("x"), asking("x")]}, "BAD_REQUEST", "Duplicate"),
        (
            {"compositeRequest": [asking("x", url=f"{DATA}/query?q=a b")]},
            "BAD_REQUEST",
            "encoded",
        ),
        (
            {"compositeRequest": [asking("x", url=f"{DATA}/query?q=@{{a.id}}")]},
            "BAD_REQUEST",
            "references",
        ),
        (
            {"compositeRequest": [asking("x", url="/services/data/v61.0/query?q=x")]},
            "BAD_REQUEST",
            DATA,
        ),
        (
            {"compositeRequest": [asking("x", url=f"http://acme.my.example{DATA}/query?q=x")]},
            "BAD_REQUEST",
            DATA,
        ),
        ({"compositeRequest": [asking("x", f"a{i}") for i in range(26)]}, "LIMIT_EXCEEDED", "25"),
        ({"compositeRequest": [asking("x", f"a{i}") for i in range(6)]}, "LIMIT_EXCEEDED", "5"),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused_whole(
    body: object, code: str, words: str
) -> None:
    org, _ = acme_now()
    response = await posted(org, body)
    assert rest_error(response) == (400, code)
    assert words in response.json()[0]["message"]


async def test_five_queries_and_twenty_other_reads_fit() -> None:
    org, _ = acme_now()
    url = f"{DATA}/sobjects/User/{org.person('ada').id}"
    asked = [asking(soql("COUNT()", "Profile"), f"q{i}") for i in range(5)]
    asked += [{"method": "GET", "url": url, "referenceId": f"u{i}"} for i in range(20)]
    assert {each["httpStatusCode"] for each in await parts(org, *asked)} == {200}


async def test_a_query_may_be_longer_than_an_address_but_not_than_a_query() -> None:
    org, _ = acme_now()
    ids = ", ".join(f"'{user_id}'" for user_id in org.users)
    long = soql("Id", "User", f"WHERE Id IN ({ids}{', null' * 6000})")
    longest = soql("Id", "User", f"WHERE Id IN ({ids})").ljust(LONGEST_QUERY + 1)
    fits, too_long = await parts(org, asking(long), asking(longest, "two"))
    assert fits["body"]["totalSize"] == len(org.users)
    assert too_long["body"][0]["errorCode"] == "MALFORMED_QUERY"
    async with http(org) as client:
        plain = await client.get(
            f"{DATA}/query", params={"q": long}, headers=bearer(signed_in(org, org.bot_user))
        )
    assert plain.status_code == 414


async def test_rows_beyond_the_first_page_are_named() -> None:
    org, _ = acme_now()
    for minute in range(2001):
        at = NOW - timedelta(minutes=minute)
        org.record_login(org.person("eve"), Client("Other Apex API"), "192.0.2.1", at=at)
    where = f"WHERE UserId = '{org.person('eve').id}'"
    (answer,) = await parts(org, asking(soql("Id", "LoginHistory", where)))
    assert len(answer["body"]["records"]) == 2000
    assert answer["body"]["nextRecordsUrl"].startswith(f"{DATA}/query/01g")


async def test_older_versions_have_no_such_resource() -> None:
    org, _ = acme_now()
    body = {"compositeRequest": [asking("x", url="/services/data/v37.0/query?q=x")]}
    response = await posted(org, body, path="/services/data/v37.0/composite")
    assert rest_error(response) == (404, "NOT_FOUND")


async def test_faults_befall_it_whole_and_switches_only_a_part() -> None:
    org, _ = acme_now()
    org.faults.add("composite", faults.request_limit())
    grouped = soql("Application, COUNT(Id)", "LoginHistory", "GROUP BY Application")
    body = {"compositeRequest": [asking(grouped)]}
    assert rest_error(await posted(org, body)) == (403, "REQUEST_LIMIT_EXCEEDED")
    org.hidden_objects.add("OauthToken")
    org.refuses_group_by.add("LoginHistory")
    org.missing_fields.add("Profile.PermissionsApiUserOnly")
    answers = await parts(
        org,
        asking(grouped, "grouped"),
        asking(soql("Id", "OauthToken"), "hidden"),
        asking(soql("Profile.Name, Profile.PermissionsApiUserOnly", "User"), "missing"),
        asking(soql("Id", "LoginHistory", "LIMIT 1"), "plain"),
    )
    codes = [each["body"][0]["errorCode"] for each in answers[:3]]
    assert codes == ["MALFORMED_QUERY", "INVALID_TYPE", "INVALID_FIELD"]
    assert answers[3]["httpStatusCode"] == 200
