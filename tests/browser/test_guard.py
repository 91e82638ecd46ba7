"""The page answers a browser on this machine only, and only the page itself may change anything."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox.slack.model import Message
from tests.browser.worlds import Place, without_bot


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with without_bot() as place:
        yield place


@pytest.fixture
async def http(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=place.address) as client:
        yield client


async def test_it_listens_on_loopback_alone(place: Place) -> None:
    assert place.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.nip.io"])
async def test_another_name_of_this_machine_is_refused(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/", headers={"Host": host})).status_code == 403


async def test_localhost_will_do(http: httpx.AsyncClient) -> None:
    host = f"localhost:{http.base_url.port}"
    assert (await http.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "self", "Content-Type": "text/plain"}, 415),
        ({"Origin": "self"}, 200),
    ],
)
async def test_only_the_page_may_change_anything(
    http: httpx.AsyncClient, place: Place, headers: dict[str, str], status: int
) -> None:
    given = {"Content-Type": "application/json"} | headers
    if given.get("Origin") == "self":
        given["Origin"] = place.address
    answer = await http.post(
        "/people/ada/post", content='{"channel": "general", "text": "hi"}', headers=given
    )
    assert answer.status_code == status
    assert len(place.workspace.actor("ada").sees("general")) == (status == 200)


async def test_nothing_foreign_is_loaded_or_framed(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/")).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "wish", "status"),
    [
        ("/people/nobody/post", {"channel": "general", "text": "hi"}, 404),
        ("/people/resetbot/post", {"channel": "general", "text": "hi"}, 404),
        ("/people/ada/fly", {}, 404),
        ("/people/ada/post", {"channel": "it-approvals", "text": "hi"}, 409),
        ("/people/ada/post", {"channel": 1, "text": "hi"}, 400),
        ("/people/ada/post", ["no object"], 400),
        (
            "/people/ada/press",
            {"channel": "C0ITAPPROVAL", "ts": "1.000000", "action": "x", "value": "y"},
            409,
        ),
        ("/people/ada/press", {"action": "x", "value": "y"}, 409),
        ("/people/ada/press", {"channel": "C0GENERAL01", "ts": "1.000000", "action": "x"}, 409),
        ("/people/ada/submit", {"entries": {}}, 409),
        ("/people/ada/use-shortcut", {"shortcut": "breach.suspect"}, 400),
        ("/people/ada/invite", {"channel": "C0ITAPPROVAL", "person": "eve"}, 409),
        ("/people/ada/invite", {"channel": "C0GENERAL01", "person": "eve"}, 409),
        ("/orgs/production/paste", {"name": "Nothing", "token": "x"}, 404),
        ("/orgs/nowhere/end-sessions", {}, 404),
        ("/faults/earthquake", {"on": True}, 404),
        ("/faults/salesforce-down", {"on": "yes"}, 400),
        ("/tour/begin", {"story": "none"}, 404),
        ("/tour/fly", {}, 404),
        ("/tour/go-on", {"number": True}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(
    http: httpx.AsyncClient, place: Place, path: str, wish: object, status: int
) -> None:
    answer = await http.post(path, json=wish, headers={"Origin": place.address})
    assert answer.status_code == status
    assert answer.json()["refusal"]


async def test_only_the_button_that_was_on_the_screen_is_pressed(
    http: httpx.AsyncClient, place: Place
) -> None:
    workspace = place.workspace
    pressed: list[str] = []

    async def transport(body: bytes, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        (payload,) = parse_qs(body.decode())["payload"]
        pressed.append(json.loads(payload)["actions"][0]["value"])
        return 200, {}, b""

    workspace.dispatcher.transport = transport
    message = workspace.post(
        Message("C0GENERAL01", "1.000000", workspace.bot.id, "x", steps("one", "two"))
    )

    async def press(value: str) -> int:
        wish = {"channel": "C0GENERAL01", "ts": "1.000000", "action": "step.retry", "value": value}
        answer = await http.post("/people/ada/press", json=wish, headers={"Origin": place.address})
        return answer.status_code

    assert await press("two") == 200
    workspace.rewrite(message, "x", steps("zero", "two"))
    assert [await press(value) for value in ("two", "one", "", "made up")] == [200, 409, 409, 409]
    workspace.rewrite(message, "x", steps("zero"))
    assert await press("two") == 409
    assert pressed == ["two", "two"]


def steps(*values: str) -> list[dict[str, Any]]:
    """Blocks with a button each, of one action and one label."""
    text = {"type": "plain_text", "text": "Try again"}
    button = {"type": "button", "action_id": "step.retry", "text": text}
    return [{"type": "actions", "elements": [button | {"value": value}]} for value in values]


async def test_a_body_without_end_is_refused(http: httpx.AsyncClient, place: Place) -> None:
    headers = {"Origin": place.address, "Content-Type": "application/json"}
    answer = await http.post("/people/ada/post", content=b" " * 200_000, headers=headers)
    assert answer.status_code == 400


async def test_curl_is_explained(http: httpx.AsyncClient, place: Place) -> None:
    help_text = (await http.get("/help")).text
    assert f"{place.workspace.origin}/people/eve/screen" in help_text
