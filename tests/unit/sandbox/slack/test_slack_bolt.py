"""A bot on the real Bolt, both ways over real HTTP: what the workspace sends is what Bolt reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.serving import serving
from sandbox.slack.seed import SIGNING_SECRET
from sandbox.slack.transports import http_transport
from tests.unit.sandbox.slack.support import actions, button, modal, section, text_input

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.slack.workspace import Workspace


def _bolt(client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, process_before_response=True)

    @app.command("/reset-token")
    async def command(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack("Checking")
        await respond("Warning", blocks=[section("Warning"), actions(button("Go", "go"))])

    @app.action("go")
    async def go(
        ack: AsyncAck, respond: AsyncRespond, client: AsyncWebClient, body: dict[str, Any]
    ) -> None:
        await ack()
        await respond("Resetting", replace_original=True)
        view = modal(text_input("reason", "text"))
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.shortcut("breach.suspect")
    async def suspect(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        view = modal(section(f"About {body['message']['text']}"))
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("breach")
    async def submitted(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack(response_action="clear")
        await client.chat_postMessage(channel=body["user"]["id"], text="Thank you")

    @app.event("message")
    async def message(client: AsyncWebClient, event: dict[str, Any]) -> None:
        await client.chat_postMessage(channel=event["channel"], text=f"You said {event['text']}")

    return app


async def test_a_conversation_with_a_bot_on_bolt(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    handler = AsyncSlackRequestHandler(_bolt(client))

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    bot = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    ada = workspace.actor("ada")
    async with serving(bot) as address, http_transport(f"{address}/slack/events") as transport:
        workspace.dispatcher.transport = transport
        assert (await ada.types("/reset-token")).error is None
        await ada.sees_soon("Warning")
        assert (await ada.presses("Go")).error is None
        await ada.sees_soon("Resetting")
        assert (await ada.submits({"reason": "leaked"})).error is None
        await ada.sees_soon("Thank you")
        await ada.says("hello")
        await ada.sees_soon("You said hello")
        ben = workspace.actor("ben")
        assert (await ben.uses_shortcut("breach.suspect", await ada.posts("a mail"))).error is None
        assert ben.modal is not None
        assert "About a mail" in ben.modal.plain
    assert {shown.text for shown in ada.sees("general")} == {"Checking", "Resetting", "a mail"}
    assert [s.text for s in ada.sees("dm")] == ["Thank you", "hello", "You said hello"]
    assert ada.modal is None
