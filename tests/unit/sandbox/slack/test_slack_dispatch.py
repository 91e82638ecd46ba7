from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.serving import serving
from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.seed import BOT_TOKEN, GENERAL, SIGNING_SECRET
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import http_transport
from tests.unit.sandbox.slack.support import Bot, actions, button, json_answer, option, section

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.slack.workspace import Workspace

CONFIRM = {
    "title": {"type": "plain_text", "text": "Reset?"},
    "text": {"type": "mrkdwn", "text": "Jobs will *stop*."},
    "confirm": {"type": "plain_text", "text": "Reset"},
    "deny": {"type": "plain_text", "text": "Back"},
}


async def test_a_command_is_signed_as_slack_signs(workspace: Workspace, bot: Bot) -> None:
    await workspace.actor("ada").types("/reset-token partner")
    body, headers = bot.received[0]
    verifier = SignatureVerifier(SIGNING_SECRET)
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + b"&x=1", headers)
    assert not SignatureVerifier("another").is_valid_request(body, headers)


async def test_a_command_says_who_typed_what_where(workspace: Workspace, bot: Bot) -> None:
    result = await workspace.actor("ada").types("/reset-token breach @eve a<b, see #general @no")
    assert (result.status, result.error) == (200, None)
    assert bot.form["command"] == "/reset-token"
    assert bot.form["text"] == ("breach <@U0EVE00001|eve> a&lt;b, see <#C0GENERAL01|general> @no")
    assert bot.form["user_id"] == "U0ADA00001"
    assert bot.form["channel_id"] == GENERAL
    assert bot.form["team_id"] == workspace.team_id
    assert bot.form["response_url"].startswith(f"{workspace.origin}/hooks/")
    assert bot.form["trigger_id"]


async def test_an_unregistered_command_never_leaves_slack(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    assert (await ada.types("/deploy")).error == "unknown_command"
    workspace.scopes.discard("commands")
    assert (await ada.types("/reset-token")).error == "unknown_command"
    assert bot.received == []


async def test_a_command_is_typed_where_one_is(workspace: Workspace, bot: Bot) -> None:
    with pytest.raises(NotVisible):
        await workspace.actor("eve").types("/reset-token", channel="it-approvals")
    await workspace.actor("eve").types("/reset-token", channel="dm")
    assert bot.form["channel_name"] == "directmessage"


async def test_a_commands_ack_is_shown_to_that_person(workspace: Workspace, bot: Bot) -> None:
    ada, ben = workspace.actor("ada"), workspace.actor("ben")
    bot.answers = [
        (200, {}, b"Checking"),
        json_answer({"text": "x", "blocks": [section("Here is how")]}),
        json_answer({"text": "for all", "response_type": "in_channel"}),
        json_answer({"text": "x", "blocks": [section("x" * 3001)]}),
        (200, {}, b""),
    ]
    for _ in range(3):
        await ada.types("/reset-token")
    assert [s.plain for s in ada.sees()] == ["Checking", "Here is how", "for all"]
    assert [s.plain for s in ben.sees()] == ["for all"]
    assert (await ada.types("/reset-token")).error == "invalid_command_response"
    assert (await ada.types("/reset-token")).error is None


@pytest.mark.parametrize("answer", [(500, {}, b"oops"), OSError("refused")])
async def test_a_bot_that_fails_shows_slacks_own_error(
    workspace: Workspace, bot: Bot, answer: tuple[int, dict[str, str], bytes] | OSError
) -> None:
    ada = workspace.actor("ada")
    bot.answers = [answer]
    assert (await ada.types("/reset-token")).error == "dispatch_failed"
    shown = ada.sees()[-1]
    assert shown.plain == '/reset-token failed with the error "dispatch_failed"'
    assert (shown.author, shown.ephemeral) == ("Slackbot", True)


async def test_a_bot_that_is_late_is_left_to_finish(workspace: Workspace, bot: Bot) -> None:
    release, finished = asyncio.Event(), asyncio.Event()

    async def dawdle() -> None:
        await release.wait()
        finished.set()

    bot.before = dawdle
    workspace.dispatcher.patience = 0.01
    ada = workspace.actor("ada")
    result = await ada.types("/reset-token")
    assert (result.status, result.error) == (0, "operation_timeout")
    assert "operation_timeout" in ada.sees()[-1].plain
    release.set()
    await asyncio.wait_for(finished.wait(), 1)


async def test_without_a_request_url_nothing_is_dispatched(workspace: Workspace) -> None:
    assert (await workspace.actor("ada").types("/reset-token")).error == "dispatch_failed"


async def test_a_click_tells_the_button_the_message_and_the_dialog(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    buttons = actions(
        button("Reset my token", "reset.confirm", value="abc", style="danger", confirm=CONFIRM),
        button("Cancel", "reset.cancel", value="abc"),
        block_id="b1",
    )
    posted = await client.chat_postMessage(
        channel=GENERAL, text="warning", blocks=[section("Warning"), buttons]
    )
    result = await workspace.actor("ada").presses("Reset my token")
    assert result.confirm is not None
    assert (result.confirm.title, result.confirm.text) == ("Reset?", "Jobs will *stop*.")
    payload = bot.payload
    action = payload["actions"][0]
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0ADA00001")
    assert (action["action_id"], action["value"]) == ("reset.confirm", "abc")
    assert (action["block_id"], action["type"], action["style"]) == ("b1", "button", "danger")
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": GENERAL,
        "is_ephemeral": False,
    }
    assert payload["message"]["blocks"][1]["elements"][0]["value"] == "abc"
    assert payload["team"]["id"] == workspace.team_id
    await workspace.actor("ben").presses("reset.cancel")
    assert bot.payload["actions"][0]["action_id"] == "reset.cancel"


async def test_a_click_in_an_ephemeral_carries_no_message(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    await client.chat_postEphemeral(
        channel=GENERAL, user="U0ADA00001", text="x", blocks=[actions(button("Go", "go"))]
    )
    with pytest.raises(NotVisible):
        await workspace.actor("ben").presses("go")
    await workspace.actor("ada").presses("go")
    assert bot.payload["container"]["is_ephemeral"] is True
    assert "message" not in bot.payload


async def test_a_link_button_opens_its_link_and_is_dispatched(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    link = button("Open Salesforce", "open", url="https://acme.example/")
    await client.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(link)])
    assert (await workspace.actor("ada").presses("open")).url == "https://acme.example/"
    assert bot.payload["actions"][0]["action_id"] == "open"


async def test_only_what_is_on_screen_can_be_pressed(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    blocks = [actions(button("Go", "go", value="1"))]
    posted = await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    ada = workspace.actor("ada")
    before = ada.sees()[-1]
    later = ada.press_payload("go", before)
    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="done")
    with pytest.raises(NotVisible):
        await ada.presses("go")
    with pytest.raises(NotVisible):
        await ada.presses("go", message=before)
    later["user"]["id"] = "U0EVE00001"
    await ada.presses_raw(later)
    assert (bot.payload["user"]["id"], bot.payload["actions"][0]["value"]) == ("U0EVE00001", "1")


async def test_the_newest_message_with_the_button_is_pressed(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    for value in ("1", "2"):
        blocks = [actions(button("Go", "go", value=value))]
        await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    ada = workspace.actor("ada")
    await ada.presses("go")
    assert bot.payload["actions"][0]["value"] == "2"
    await ada.presses("go", message=ada.sees()[0])
    assert bot.payload["actions"][0]["value"] == "1"


async def test_a_choice_is_dispatched_and_kept_as_state(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    menu = {
        "type": "static_select",
        "action_id": "org",
        "options": [option("Production", "p"), option("Partner", "q")],
    }
    blocks = [actions(menu, button("Go", "go"), block_id="b")]
    await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    ada = workspace.actor("ada")
    assert ada.sees()[-1].menus[0].options == ["Production", "Partner"]
    await ada.selects("org", "Partner")
    assert bot.payload["actions"][0]["selected_option"]["value"] == "q"
    await ada.selects("org", 0)
    await ada.presses("go")
    assert bot.payload["state"]["values"]["b"]["org"]["selected_option"]["value"] == "p"
    with pytest.raises(NotVisible, match="offered"):
        await ada.selects("org", "Sandbox")
    with pytest.raises(NotVisible):
        await ada.selects("org", 2)
    with pytest.raises(NotVisible):
        await ada.selects("team", 0)


@pytest.mark.parametrize("typed", ["@ada", "@Ada", "@ADA"])
async def test_people_are_mentioned_in_any_case(workspace: Workspace, bot: Bot, typed: str) -> None:
    await workspace.actor("ben").types(f"/reset-token breach {typed} phished, says @Nobody")
    assert bot.form["text"] == "breach <@U0ADA00001|ada> phished, says @Nobody"


async def test_people_are_mentioned_by_their_first_name(workspace: Workspace, bot: Bot) -> None:
    workspace.person("ada").name = "alovelace"
    await workspace.actor("ben").types("/reset-token breach @Ada phished")
    assert bot.form["text"] == "breach <@U0ADA00001|alovelace> phished"


async def test_a_direct_message_comes_as_an_event(workspace: Workspace, bot: Bot) -> None:
    said = await workspace.actor("ada").says("hi <bot>")
    event = bot.payload["event"]
    assert bot.received[0][1]["Content-Type"] == "application/json"
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(*bot.received[0])
    assert (event["type"], event["channel_type"], event["user"]) == ("message", "im", "U0ADA00001")
    assert (event["text"], event["ts"]) == ("hi &lt;bot&gt;", said.ts)
    assert bot.payload["event_id"].startswith("Ev")
    assert len(said.deliveries) == 1


async def test_edits_and_deletions_are_events_too(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    said = await ada.says("one")
    await ada.edits(said.ts, "two")
    event = bot.payload["event"]
    assert (event["subtype"], event["message"]["text"]) == ("message_changed", "two")
    assert event["previous_message"]["text"] == "one"
    await ada.deletes(said.ts)
    assert bot.payload["event"]["subtype"] == "message_deleted"
    assert ada.sees() == []
    with pytest.raises(NotVisible):
        await ada.deletes(said.ts)


async def test_an_event_is_repeated_until_acked(workspace: Workspace, bot: Bot) -> None:
    workspace.dispatcher.event_retry_delays = (0.0, 0.0, 0.0)
    bot.answers = [(500, {}, b""), (500, {}, b"")]
    said = await workspace.actor("ada").says("hi")
    assert [d.status for d in said.deliveries] == [500, 500, 200]
    numbers = [headers.get("X-Slack-Retry-Num") for _, headers in bot.received]
    assert numbers == [None, "1", "2"]
    assert bot.received[1][1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({body for body, _ in bot.received}) == 1
    bot.answers = [(500, {}, b"")] * 9
    assert len((await workspace.actor("ada").says("hi")).deliveries) == 4
    bot.answers = [(500, {"x-slack-no-retry": "1"}, b"")]
    assert len((await workspace.actor("ada").says("hi")).deliveries) == 1


async def test_without_scope_or_subscription_there_is_no_event(
    workspace: Workspace, bot: Bot
) -> None:
    workspace.scopes.discard("im:history")
    assert (await workspace.actor("ada").says("hi")).deliveries == []
    workspace.messages_tab = False
    with pytest.raises(NotVisible):
        await workspace.actor("ada").says("hi")
    assert bot.received == []


async def test_the_http_transport_brings_signed_requests_over_the_wire(
    workspace: Workspace,
) -> None:
    verified = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        verified.append(SignatureVerifier(SIGNING_SECRET).is_valid_request(body, headers))
        plain = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": plain})
        await send({"type": "http.response.body", "body": b"Checking"})

    async with serving(app) as origin, http_transport(f"{origin}/slack/events") as transport:
        workspace.dispatcher.transport = transport
        result = await workspace.actor("ada").types("/reset-token")
    assert (result.status, result.error, verified) == (200, None, [True])
    assert result.ack_ms > 0
    assert workspace.actor("ada").sees()[-1].plain == "Checking"
    async with http_transport(origin) as transport:
        workspace.dispatcher.transport = transport
        assert (await workspace.actor("ada").types("/reset-token")).error == "dispatch_failed"


async def test_sees_soon_waits_for_what_comes_and_tells_what_was_there(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    ada = workspace.actor("ada")
    waiting = asyncio.create_task(ada.sees_soon("outcome"))
    await client.chat_postMessage(channel=GENERAL, text="working")
    await client.chat_postMessage(channel=GENERAL, text="the outcome")
    assert (await waiting).text == "the outcome"
    assert (await ada.sees_soon(lambda shown: shown.text == "working")).text == "working"
    with pytest.raises(NotVisible, match="working"):
        await ada.sees_soon("never", timeout=0.01)


async def test_nothing_is_under_way_any_more_when_the_workspace_closes(
    workspace: Workspace, bot: Bot
) -> None:
    started, dropped = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            dropped.set()

    bot.before = hang
    async with slack_serving(workspace) as origin:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{origin}/api/")
        await client.chat_postMessage(channel="U0ADA00001", text="x")
        await asyncio.wait_for(started.wait(), 1)
    await asyncio.wait_for(dropped.wait(), 1)
