from __future__ import annotations

import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack.faults import Fault
from sandbox.slack.seed import GENERAL
from tests.unit.sandbox.slack.support import Bot, refused

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace


async def test_an_error_strikes_as_often_as_said(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.faults.add("chat.postMessage", Fault(error="restricted_action", times=2))
    for _ in range(2):
        call = client.chat_postMessage(channel=GENERAL, text="x")
        assert await refused(call) == "restricted_action"
    await client.chat_postMessage(channel=GENERAL, text="x")
    assert [c.outcome for c in workspace.calls] == ["restricted_action", "restricted_action", "ok"]


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault(status=429, retry_after=7), 429), (Fault(status=503), 503)]
)
async def test_a_status_is_answered_without_the_effect(
    client: AsyncWebClient, workspace: Workspace, fault: Fault, status: int
) -> None:
    workspace.faults.add("*", fault)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert caught.value.response.status_code == status
    assert caught.value.response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert workspace.actor("ada").sees() == []
    workspace.faults.remove(fault)
    await client.chat_postMessage(channel=GENERAL, text="x")


@pytest.mark.parametrize(("lost", "seen"), [("before", 0), ("after", 1)])
async def test_a_lost_answer_may_hide_an_effect(
    client: AsyncWebClient, workspace: Workspace, lost: str, seen: int
) -> None:
    fault = Fault(lost="before" if lost == "before" else "after", times=1)
    workspace.faults.add("chat.postMessage", fault)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert len(workspace.actor("ada").sees()) == seen
    assert workspace.calls[-1].outcome == "lost"
    await client.chat_postMessage(channel=GENERAL, text="x")


async def test_a_hanging_answer_outlasts_the_callers_patience(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.faults.add("auth.test", Fault(lost="before", hang=60))
    client.timeout = 0.05  # type: ignore[assignment] # aiohttp takes fractions of a second
    with pytest.raises(TimeoutError):
        await client.auth_test()


async def test_latency_delays_and_does_no_more(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.faults.add("auth.test", Fault(latency=0.05))
    began = time.perf_counter()
    assert (await client.auth_test())["ok"] is True
    assert time.perf_counter() - began >= 0.05


async def test_a_fault_picks_its_calls(client: AsyncWebClient, workspace: Workspace) -> None:
    workspace.faults.add(
        "chat.postMessage",
        Fault(error="cannot_dm_bot", when=lambda call: (call.channel or "").startswith("U")),
    )
    await client.chat_postMessage(channel=GENERAL, text="x")
    dm = client.chat_postMessage(channel="U0ADA00001", text="x")
    assert await refused(dm) == "cannot_dm_bot"
    workspace.faults.clear()
    await client.chat_postMessage(channel="U0ADA00001", text="x")


async def test_a_response_url_has_faults_of_its_own(
    origin: str, workspace: Workspace, bot: Bot
) -> None:
    assert origin
    await workspace.actor("ada").types("/reset-token")
    client = AsyncWebhookClient(bot.form["response_url"], retry_handlers=[])
    workspace.faults.add("*", Fault(status=500))
    assert (await client.send(text="x")).status_code == 200
    workspace.faults.add("response_url", Fault(status=500, times=1))
    assert (await client.send(text="x")).status_code == 500
    workspace.faults.add("response_url", Fault(lost="after", times=1))
    with pytest.raises(aiohttp.ClientError):
        await client.send(text="hidden")
    assert workspace.actor("ada").sees()[-1].text == "hidden"
