from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack.seed import GENERAL
from tests.unit.sandbox.slack.support import Bot, actions, button, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace
    from tests.unit.sandbox.slack.conftest import Clock

ADA = "U0ADA00001"


@pytest.fixture
async def of_command(origin: str, workspace: Workspace, bot: Bot) -> AsyncWebhookClient:
    assert origin
    await workspace.actor("ada").types("/reset-token")
    return AsyncWebhookClient(bot.form["response_url"], retry_handlers=[])


@pytest.fixture
async def of_click(client: AsyncWebClient, workspace: Workspace, bot: Bot) -> AsyncWebhookClient:
    blocks = [section("Warning"), actions(button("Go", "go"))]
    await client.chat_postEphemeral(channel=GENERAL, user=ADA, text="Warning", blocks=blocks)
    await workspace.actor("ada").presses("go")
    return AsyncWebhookClient(bot.payload["response_url"], retry_handlers=[])


async def test_a_commands_url_posts_anew_whatever_it_is_asked(
    of_command: AsyncWebhookClient, workspace: Workspace
) -> None:
    ada = workspace.actor("ada")
    await of_command.send(text="one")
    await of_command.send(text="two", replace_original=True)
    await of_command.send(text="x", delete_original=True)
    assert [(s.text, s.ephemeral) for s in ada.sees()] == [("one", True), ("two", True)]
    assert workspace.actor("ben").sees() == []
    await of_command.send(text="all", response_type="in_channel")
    assert [s.text for s in workspace.actor("ben").sees()] == ["all"]
    assert [c.method for c in workspace.calls] == ["response_url"] * 4


async def test_a_clicks_url_replaces_and_deletes_even_an_ephemeral(
    of_click: AsyncWebhookClient, workspace: Workspace
) -> None:
    ada = workspace.actor("ada")
    ts = ada.sees()[-1].ts
    await of_click.send(text="Resetting", replace_original=True)
    shown = ada.sees()[-1]
    assert (shown.ts, shown.plain, shown.buttons, shown.ephemeral) == (ts, "Resetting", [], True)
    await of_click.send(text="beside")
    assert [s.plain for s in ada.sees()] == ["Resetting", "beside"]
    await of_click.send(delete_original=True)
    assert [s.plain for s in ada.sees()] == ["beside"]
    lost = await of_click.send(text="x", replace_original=True)
    assert (lost.status_code, "message_not_found" in lost.body) == (404, True)


async def test_five_uses_and_no_more(of_command: AsyncWebhookClient) -> None:
    codes = [(await of_command.send(text="x")).status_code for _ in range(5)]
    assert codes == [200] * 5
    sixth = await of_command.send(text="x")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)


async def test_thirty_minutes_and_no_longer(of_command: AsyncWebhookClient, clock: Clock) -> None:
    clock.now += 30 * 60
    assert (await of_command.send(text="x")).status_code == 200
    clock.now += 1
    late = await of_command.send(text="x")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_an_invented_url_is_refused(of_command: AsyncWebhookClient) -> None:
    answer = await AsyncWebhookClient(f"{of_command.url}x", retry_handlers=[]).send(text="x")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"response_type": "in_channel"}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"text": 7}, "invalid_arguments"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"text": "x", "blocks": "[]"}, "invalid_blocks"),
        ({"text": "x", "colour": "red"}, "invalid_arguments"),
        ({"text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ],
)
async def test_content_that_slack_refuses_is_no_use(
    of_command: AsyncWebhookClient, workspace: Workspace, body: dict[str, object], error: str
) -> None:
    for _ in range(6):
        answer = await of_command.send_dict(body)
        assert (answer.status_code, error in answer.body) == (400, True)
    assert workspace.actor("ada").sees() == []


async def test_a_click_in_a_thread_is_answered_there(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    parent = (await client.chat_postMessage(channel=GENERAL, text="card"))["ts"]
    blocks = [actions(button("Go", "go"))]
    await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks, thread_ts=parent)
    await workspace.actor("ada").presses("go")
    await AsyncWebhookClient(bot.payload["response_url"]).send(text="not for you")
    assert workspace.actor("ada").sees()[-1].thread_ts == parent


@pytest.mark.parametrize("body", [b"{", b"[]", b"text=x"])
async def test_what_is_no_json_object_is_refused(
    of_command: AsyncWebhookClient, body: bytes
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(of_command.url, data=body) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_payload")
