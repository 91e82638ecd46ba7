from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack.seed import BOT_TOKEN, GENERAL, IT_CHANNEL
from tests.unit.sandbox.slack.support import refusal, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace
    from tests.unit.sandbox.slack.conftest import Clock

ADA = "U0ADA00001"


async def _raw(
    origin: str,
    method: str,
    data: bytes | dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{origin}/api/{method}", data=data, headers=headers) as answer,
    ):
        body: dict[str, Any] = await answer.json()
        return body


async def test_auth_test_tells_who_the_bot_is_and_its_scopes(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == ("U0RESETBOT", "B0RESETBOT")
    assert "im:history" in answer.headers["x-oauth-scopes"].split(",")


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert (await refusal(client.api_call("chat.shout")))["error"] == "unknown_method"


async def test_a_call_without_a_good_token_is_refused(origin: str, workspace: Workspace) -> None:
    assert (await _raw(origin, "auth.test"))["error"] == "not_authed"
    wrong = {"Authorization": "Bearer xoxb-wrong"}
    assert (await _raw(origin, "auth.test", headers=wrong))["error"] == "invalid_auth"
    workspace.installed = False
    right = {"Authorization": f"Bearer {BOT_TOKEN}"}
    assert (await _raw(origin, "auth.test", headers=right))["error"] == "account_inactive"


async def test_a_bot_token_opens_no_socket(client: AsyncWebClient) -> None:
    refused = await refusal(client.api_call("apps.connections.open"))
    assert refused["error"] == "not_allowed_token_type"


async def test_a_token_in_the_form_works_and_is_not_logged(
    origin: str, workspace: Workspace
) -> None:
    answer = await _raw(origin, "users.info", data={"token": BOT_TOKEN, "user": ADA})
    assert answer["user"]["name"] == "ada"
    assert workspace.calls.to("users.info")[0].args == {"user": ADA}


@pytest.mark.parametrize(
    ("scope", "method", "args"),
    [
        ("chat:write", "chat.postMessage", {"channel": GENERAL, "text": "x"}),
        ("chat:write", "chat.postEphemeral", {"channel": GENERAL, "user": ADA, "text": "x"}),
        ("chat:write", "chat.update", {"channel": GENERAL, "ts": "1.000000", "text": "x"}),
        ("chat:write", "chat.delete", {"channel": GENERAL, "ts": "1.000000"}),
        ("im:write", "conversations.open", {"users": ADA}),
        ("channels:read", "conversations.info", {"channel": GENERAL}),
        ("groups:read", "conversations.info", {"channel": IT_CHANNEL}),
        ("groups:read", "conversations.members", {"channel": IT_CHANNEL}),
        ("im:history", "conversations.history", {"channel": "D0ADA00001"}),
        ("im:history", "conversations.replies", {"channel": "D0ADA00001", "ts": "1.000000"}),
        ("users:read", "users.info", {"user": ADA}),
        ("users:read.email", "users.lookupByEmail", {"email": "ada@acme.example"}),
        ("usergroups:read", "usergroups.users.list", {"usergroup": "S0ITAPPROVERS"}),
    ],
)
async def test_a_missing_scope_is_refused_and_named(
    client: AsyncWebClient, workspace: Workspace, scope: str, method: str, args: dict[str, str]
) -> None:
    workspace.dm_with(workspace.person("ada"))
    workspace.scopes.discard(scope)
    refused = await refusal(client.api_call(method, params=args))
    assert refused["error"] == "missing_scope"
    assert scope in refused["needed"].split(",")
    assert refused["provided"] == ",".join(sorted(workspace.scopes))


async def test_an_unknown_or_missing_argument_is_refused(client: AsyncWebClient) -> None:
    typo = await refusal(client.api_call("chat.postMessage", json={"chanel": GENERAL, "text": "x"}))
    assert typo["error"] == "invalid_arguments"
    assert "chanel" in typo["response_metadata"]["messages"][0]
    assert (await refusal(client.api_call("users.info")))["error"] == "invalid_arguments"


async def test_a_reading_method_takes_no_json(client: AsyncWebClient) -> None:
    refused = await refusal(client.api_call("users.info", json={"user": ADA}))
    assert refused["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"text=%ff", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"\xff", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"x", "text/plain", "invalid_post_type"),
    ],
)
async def test_a_malformed_body_is_refused(origin: str, body: bytes, kind: str, error: str) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": kind}
    answer = await _raw(origin, "chat.postMessage", data=body, headers=headers)
    assert answer["error"] == error


async def test_blocks_travel_in_a_form_as_text(origin: str, workspace: Workspace) -> None:
    form = {"token": BOT_TOKEN, "channel": GENERAL, "blocks": json.dumps([section("hello")])}
    assert (await _raw(origin, "chat.postMessage", data=form))["ok"] is True
    assert workspace.actor("ada").sees()[-1].plain == "hello"
    broken = await _raw(origin, "chat.postMessage", data=form | {"blocks": "[{"})
    assert broken["error"] == "invalid_blocks_format"


async def test_every_call_is_counted_with_its_outcome(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    await client.chat_postMessage(channel=GENERAL, text="hello")
    await refusal(client.chat_postMessage(channel="C0NOWHERE", text="hello"))
    calls = workspace.calls.to("chat.postMessage")
    assert [(c.channel, c.outcome) for c in calls] == [
        (GENERAL, "ok"),
        ("C0NOWHERE", "channel_not_found"),
    ]
    assert workspace.calls.counts() == {"chat.postMessage": 2}
    assert BOT_TOKEN not in repr(workspace.calls)


async def test_a_limit_answers_429_until_the_bucket_fills(
    client: AsyncWebClient, workspace: Workspace, clock: Clock
) -> None:
    for _ in range(20):
        await client.usergroups_users_list(usergroup="S0ITAPPROVERS")
    with pytest.raises(SlackApiError) as caught:
        await client.usergroups_users_list(usergroup="S0ITAPPROVERS")
    refused = caught.value.response
    assert (refused.status_code, refused["error"]) == (429, "ratelimited")
    clock.now += int(refused.headers["Retry-After"])
    await client.usergroups_users_list(usergroup="S0ITAPPROVERS")
    workspace.rate_limits["usergroups.users.list"] = None
    for _ in range(30):
        await client.usergroups_users_list(usergroup="S0ITAPPROVERS")


async def test_posting_is_limited_by_channel(
    client: AsyncWebClient, workspace: Workspace, clock: Clock
) -> None:
    for _ in range(10):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert (await refusal(client.chat_postMessage(channel=GENERAL, text="x")))["error"] == (
        "ratelimited"
    )
    await client.chat_postMessage(channel=IT_CHANNEL, text="x")
    clock.now += 1
    await client.chat_postMessage(channel=GENERAL, text="x")
    workspace.rate_limits.off()
    for _ in range(400):
        workspace.rate_limits.wait("chat.postMessage", GENERAL, clock())
    await client.chat_postMessage(channel=GENERAL, text="x")


def test_posting_is_limited_over_all_channels(workspace: Workspace) -> None:
    waits = [workspace.rate_limits.wait("chat.postMessage", f"C{n}", 0.0) for n in range(301)]
    assert waits[:300] == [0] * 300
    assert waits[300] == 1


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"channel": 7, "text": "x"}, "invalid_arguments"),
        (
            "chat.postMessage",
            {"channel": GENERAL, "text": "x", "reply_broadcast": "maybe"},
            "invalid_arguments",
        ),
        ("chat.postMessage", {"channel": GENERAL, "text": "x", "blocks": ""}, None),
    ],
)
async def test_an_argument_of_a_wrong_type_is_refused(
    client: AsyncWebClient, method: str, args: dict[str, object], error: str | None
) -> None:
    if error is None:
        assert (await client.api_call(method, json=args))["ok"] is True
    else:
        assert (await refusal(client.api_call(method, json=args)))["error"] == error


async def test_a_limit_that_is_no_number_is_refused(client: AsyncWebClient) -> None:
    args = {"channel": GENERAL, "limit": "many"}
    told = await refusal(client.api_call("conversations.members", params=args))
    assert told["error"] == "invalid_limit"
