from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import APP_TOKEN, acme
from sandbox.slack.serve import slack_serving
from tests.unit.sandbox.slack.support import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from sandbox.slack.workspace import Workspace


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    workspace = acme(socket_mode=True)
    async with slack_serving(workspace):
        yield workspace


def _web(workspace: Workspace) -> AsyncWebClient:
    return AsyncWebClient(base_url=f"{workspace.origin}/api/")


async def _address(workspace: Workspace) -> str:
    web = _web(workspace)
    return str((await web.apps_connections_open(app_token=APP_TOKEN))["url"])


async def test_slacks_own_client_gets_payloads_and_acks_them(workspace: Workspace) -> None:
    heard: list[SocketModeRequest] = []

    async def listen(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        said = {"text": "Checking"} if request.type == "slash_commands" else None
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, said))

    client = SocketModeClient(app_token=APP_TOKEN, web_client=_web(workspace))
    client.socket_mode_request_listeners.append(listen)
    await client.connect()  # type: ignore[no-untyped-call] # the SDK leaves it untyped
    try:
        hub = workspace.dispatcher.hub
        assert hub is not None
        await workspace.until(lambda: hub.connected == 1)
        ada = workspace.actor("ada")
        result = await ada.types("/reset-token partner")
        said = await ada.says("hi")
    finally:
        await client.close()  # type: ignore[no-untyped-call] # the SDK leaves it untyped
    assert (result.error, said.deliveries[0].error) == (None, None)
    assert ada.sees()[0].plain == "Checking"
    assert [request.type for request in heard] == ["slash_commands", "events_api"]
    assert heard[0].payload["text"] == "partner"
    assert heard[1].payload["event"]["text"] == "hi"


async def test_an_address_is_good_for_one_connection(workspace: Workspace) -> None:
    address = await _address(workspace)
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address)


async def test_without_a_connection_the_person_sees_an_error(workspace: Workspace) -> None:
    assert (await workspace.actor("ada").types("/reset-token")).error == "dispatch_failed"


async def test_an_unacked_envelope_times_out_and_strange_frames_are_ignored(
    workspace: Workspace,
) -> None:
    workspace.dispatcher.patience = 0.05
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(workspace)) as socket,
    ):
        await socket.receive_json()
        await socket.send_str("not json")
        await socket.send_bytes(b"not text")
        await socket.send_json({"envelope_id": "unknown"})
        result = await workspace.actor("ada").types("/reset-token")
    assert result.error == "operation_timeout"


async def test_slack_may_ask_the_bot_to_come_again(workspace: Workspace) -> None:
    hub = workspace.dispatcher.hub
    assert hub is not None
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(workspace)) as socket,
    ):
        await socket.receive_json()
        going = asyncio.create_task(hub.disconnect())
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        await going
        await workspace.until(lambda: hub.connected == 0)


async def test_a_payload_goes_to_one_connection_only(workspace: Workspace) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(workspace)) as one,
        session.ws_connect(await _address(workspace)) as two,
    ):
        await one.receive_json()
        assert (await two.receive_json())["num_connections"] == 2
        typing = asyncio.create_task(workspace.actor("ada").types("/reset-token"))
        hearing = {asyncio.create_task(s.receive_json()) for s in (one, two)}
        done, waiting = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1
        envelope = done.pop().result()
        assert envelope["type"] == "slash_commands"
        for socket in (one, two):
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await typing).error is None
        for task in waiting:
            task.cancel()


async def test_without_its_socket_side_there_is_no_address() -> None:
    workspace = acme(socket_mode=True)
    assert (await workspace.actor("ada").types("/reset-token")).error == "dispatch_failed"
    async with slack_serving(workspace):
        workspace.dispatcher.hub = None
        told = await refusal(_web(workspace).apps_connections_open(app_token=APP_TOKEN))
    assert told["error"] == "internal_error"


async def test_an_unacked_event_comes_again_and_says_so(workspace: Workspace) -> None:
    workspace.dispatcher.patience = 0.05
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(workspace)) as socket,
    ):
        await socket.receive_json()
        saying = asyncio.create_task(workspace.actor("ada").says("hi"))
        first, second = [await socket.receive_json() for _ in range(2)]
        await socket.send_json({"envelope_id": second["envelope_id"]})
        said = await saying
    assert "retry_attempt" not in first
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
    assert first["payload"] == second["payload"]
    assert [d.error for d in said.deliveries] == ["operation_timeout", None]
