import asyncio
import time

import httpx
import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.app import create_app
from sandbox.salesforce.calls import ENDPOINTS, endpoint_of
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.seed import SeededOrg
from sandbox.serving import serving
from tests.unit.sandbox.salesforce_org import DATA, acme_now, bearer, http, signed_in

LIMITS = f"{DATA}/limits"


async def statuses(org: SeededOrg, path: str = LIMITS, times: int = 2) -> list[int]:
    headers = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        return [(await client.get(path, headers=headers)).status_code for _ in range(times)]


@pytest.mark.parametrize(
    ("fault", "status", "body", "headers"),
    [
        (faults.status(503), 503, "temporarily unavailable", {}),
        (faults.status(429, retry_after=7), 429, "", {"Retry-After": "7"}),
        (faults.expired_session(), 401, '"errorCode": "INVALID_SESSION_ID"', {}),
        (faults.html_unauthorized(), 401, "<html>", {"Content-Type": "text/html"}),
        (faults.odd_unauthorized(), 401, '{"error":"unauthorized"}', {}),
        (faults.request_limit(), 403, "REQUEST_LIMIT_EXCEEDED", {}),
        (faults.locked_row(), 400, "UNABLE_TO_LOCK_ROW", {}),
        (faults.locked_row(409), 409, "UNABLE_TO_LOCK_ROW", {}),
        (faults.to_login(), 302, "", {"Location": "/?ec=302&startURL=%2F"}),
    ],
)
async def test_a_false_answer_comes_once_and_then_the_truth(
    fault: Fault, status: int, body: str, headers: dict[str, str]
) -> None:
    org, _ = acme_now()
    org.faults.add("limits", fault)
    session = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        wrong = await client.get(LIMITS, headers=session)
        right = await client.get(LIMITS, headers=session)
    assert wrong.status_code == status
    assert body in wrong.text
    for name, value in headers.items():
        assert wrong.headers[name].startswith(value)
    assert right.status_code == 200


async def test_faults_come_in_turn_as_often_as_told_and_only_where_told() -> None:
    org, _ = acme_now()
    org.faults.add("limits", faults.status(500), times=2)
    org.faults.add("limits", faults.status(502))
    org.faults.add("*", faults.status(503))
    assert await statuses(org, times=5) == [500, 500, 502, 503, 200]
    org.faults.add("query", faults.status(500), times=None)
    assert await statuses(org) == [200, 200]
    assert await statuses(org, f"{DATA}/query?q=x", times=3) == [500, 500, 500]
    org.faults.clear()
    assert await statuses(org, f"{DATA}/query?q=x", times=1) == [400]


def test_an_endpoint_that_does_not_exist_is_an_error() -> None:
    org, _ = acme_now()
    with pytest.raises(ValueError, match="no endpoint 'qeury'"):
        org.faults.add("qeury", faults.status(500))


@pytest.mark.parametrize("after_effect", [False, True])
async def test_an_effect_happens_before_the_fault_only_when_told(after_effect: bool) -> None:
    org, _ = acme_now()
    org.faults.add("password", faults.status(503, after_effect=after_effect))
    ada = org.person("ada")
    async with http(org) as client:
        response = await client.delete(
            f"{DATA}/sobjects/User/{ada.id}/password",
            headers=bearer(signed_in(org, org.bot_user)),
        )
    assert response.status_code == 503
    assert "NewPassword" not in response.text
    assert len(org.resets) == after_effect


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("breaks", ["hang", "drop"])
async def test_a_connection_that_hangs_or_drops_gives_no_answer(
    breaks: str, after_effect: bool
) -> None:
    org, _ = acme_now()
    fault = faults.hang if breaks == "hang" else faults.drop
    org.faults.add("password", fault(after_effect=after_effect))
    ada = org.person("ada")
    wanted = httpx.ReadTimeout if breaks == "hang" else httpx.RemoteProtocolError
    async with serving(create_app(org)) as origin, httpx.AsyncClient(timeout=0.3) as client:
        with pytest.raises(wanted):
            await client.delete(
                f"{origin}{DATA}/sobjects/User/{ada.id}/password",
                headers=bearer(signed_in(org, org.bot_user)),
            )
    assert len(org.resets) == after_effect
    assert org.count(endpoint="password") == 1


async def test_half_an_answer_is_broken_json_or_a_broken_connection() -> None:
    org, _ = acme_now()
    org.faults.add("password", faults.truncated())
    org.faults.add("password", faults.cut_off())
    ada = org.person("ada")
    headers = bearer(signed_in(org, org.bot_user))
    async with serving(create_app(org)) as origin, httpx.AsyncClient(headers=headers) as client:
        path = f"{origin}{DATA}/sobjects/User/{ada.id}/password"
        half = await client.delete(path)
        with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|peer closed"):
            await client.delete(path)
    assert half.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        half.json()
    assert len(org.resets) == 2


async def test_a_late_answer_is_the_truth() -> None:
    org, _ = acme_now()
    org.faults.add("limits", faults.late(0.05))
    start = time.perf_counter()
    assert await statuses(org, times=1) == [200]
    assert time.perf_counter() - start >= 0.05


async def test_every_request_is_logged_without_its_query() -> None:
    org, clock = acme_now()
    headers = bearer(signed_in(org, org.bot_user))
    async with http(org) as client:
        await client.get(f"{LIMITS}?token=secret", headers=headers)
        before = len(org.calls)
        org.faults.add("*", faults.status(500))
        await client.get("/nowhere")
        await client.post("/services/oauth2/token")
    first, second, third = org.calls
    assert (first.endpoint, first.method, first.path) == ("limits", "GET", LIMITS)
    assert (first.user, first.at) == (org.bot_user.username, clock.now)
    assert (second.endpoint, second.user) == ("other", None)
    assert third.endpoint == "token"
    assert (org.count(), org.count(before), org.count(before, "token")) == (3, 2, 1)


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", f"{DATA}/query/", "query"),
        ("GET", f"{DATA}/query/01gx-2000", "query"),
        ("GET", f"{DATA}/sobjects/User/005x", "user"),
        ("DELETE", f"{DATA}/sobjects/User/005x/password", "password"),
        ("PATCH", f"{DATA}/sobjects/UserLogin/0Yw", "userlogin"),
        ("DELETE", f"{DATA}/sobjects/AuthSession/0Ak", "authsession"),
        ("GET", "/_ui/system/security/ResetApiTokenEdit", "page"),
        ("POST", "/_ui/system/security/ResetApiTokenConfirm", "submit"),
        ("GET", "/_ui/system/security/ResetApiTokenResult", "result"),
        ("POST", "/services/Soap/u/59.0", "soap"),
        ("GET", "/", "other"),
    ],
)
def test_endpoints_have_names(method: str, path: str, endpoint: str) -> None:
    assert endpoint_of(method, path) == endpoint
    assert endpoint in ENDPOINTS


async def test_waiting_ends_with_the_change_or_with_the_time() -> None:
    org, _ = acme_now()
    waiting = asyncio.create_task(org.until(lambda: org.count(endpoint="limits") == 2))
    await statuses(org, times=1)
    assert not waiting.done()
    await statuses(org, times=1)
    await asyncio.wait_for(waiting, 1)
    with pytest.raises(TimeoutError):
        await org.until(lambda: False, 0.01)
