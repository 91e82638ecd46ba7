from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.slack.model import Channel
from sandbox.slack.seed import GENERAL, IT_CHANNEL
from tests.unit.sandbox.slack.support import Bot, actions, button, refusal, refused, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace

ADA = "U0ADA00001"


async def test_a_message_is_seen_by_the_members_only(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    await client.chat_postMessage(channel=IT_CHANNEL, text="card")
    assert [s.text for s in workspace.actor("ivan").sees()] == ["card"]
    assert workspace.actor("eve").sees() == []


async def test_a_message_to_a_person_goes_to_their_dm(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    answer = await client.chat_postMessage(channel=ADA, text="next steps")
    assert answer["channel"] == "D0ADA00001"
    shown = workspace.actor("ada").sees("dm")[-1]
    assert (shown.text, shown.author, shown.ephemeral) == ("next steps", "Reset Token", False)
    assert workspace.actor("ben").sees() == []


async def test_timestamps_are_unique_and_rise_while_the_clock_stands(
    client: AsyncWebClient,
) -> None:
    stamps = [(await client.chat_postMessage(channel=GENERAL, text="x"))["ts"] for _ in range(5)]
    assert stamps == sorted(set(stamps))


async def test_where_the_bot_may_not_post(client: AsyncWebClient, workspace: Workspace) -> None:
    workspace.add_channel(Channel("C0SALES", "sales", [ADA]))
    workspace.add_channel(Channel("C0BOARD", "board", [ADA], is_private=True))
    workspace.add_channel(Channel("C0OLD", "old", [workspace.bot.id], is_archived=True))
    workspace.person("carl").deleted = True
    post = client.chat_postMessage
    assert await refused(post(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await refused(post(channel="C0SALES", text="x")) == "not_in_channel"
    assert await refused(post(channel="C0BOARD", text="x")) == "channel_not_found"
    assert await refused(post(channel="C0OLD", text="x")) == "is_archived"
    assert await refused(post(channel="U0CARL0001", text="x")) == "channel_not_found"
    assert await refused(post(channel=workspace.bot.id, text="x")) == "cannot_dm_bot"


async def test_what_the_bot_may_not_post(client: AsyncWebClient) -> None:
    post = client.chat_postMessage
    assert (
        await refused(client.api_call("chat.postMessage", json={"channel": GENERAL})) == "no_text"
    )
    assert await refused(post(channel=GENERAL, text="x" * 40_001)) == "msg_too_long"
    odd = client.api_call("chat.postMessage", json={"channel": GENERAL, "blocks": {"a": 1}})
    assert await refused(odd) == "invalid_blocks_format"
    told = await refusal(post(channel=GENERAL, text="x", blocks=[section("x" * 3001)]))
    assert told["error"] == "invalid_blocks"
    assert told["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_a_reply_needs_its_parent(client: AsyncWebClient, workspace: Workspace) -> None:
    parent = (await client.chat_postMessage(channel=GENERAL, text="card"))["ts"]
    reply = await client.chat_postMessage(channel=GENERAL, text="done", thread_ts=parent)
    assert workspace.actor("ada").sees()[-1].thread_ts == parent
    missing = client.chat_postMessage(channel=GENERAL, text="x", thread_ts="1.000000")
    assert await refused(missing) == "thread_not_found"
    nested = client.chat_postMessage(channel=GENERAL, text="x", thread_ts=reply["ts"])
    assert await refused(nested) == "cannot_reply_to_message"


async def test_update_replaces_text_and_blocks(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    blocks = [section("card"), actions(button("Go ahead", "go"))]
    posted = await client.chat_postMessage(channel=GENERAL, text="card", blocks=blocks)
    ada = workspace.actor("ada")
    assert [b.text for b in ada.sees()[-1].buttons] == ["Go ahead"]
    await client.chat_update(channel=GENERAL, ts=posted["ts"], text="decided")
    assert (ada.sees()[-1].plain, ada.sees()[-1].blocks) == ("decided", [])


async def test_what_cannot_be_updated_or_deleted(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    said = await workspace.actor("ada").says("hi")
    dm = workspace.dm_with(workspace.person("ada")).id
    hidden = await client.chat_postEphemeral(channel=GENERAL, user=ADA, text="warning")
    update, delete = client.chat_update, client.chat_delete
    assert await refused(update(channel=dm, ts=said.ts, text="x")) == "cant_update_message"
    assert await refused(delete(channel=dm, ts=said.ts)) == "cant_delete_message"
    gone = hidden["message_ts"]
    assert await refused(update(channel=GENERAL, ts=gone, text="x")) == "message_not_found"
    assert await refused(delete(channel=GENERAL, ts=gone)) == "message_not_found"
    assert await refused(update(channel=ADA, ts=said.ts, text="x")) == "channel_not_found"
    posted = await client.chat_postMessage(channel=GENERAL, text="x")
    long = update(channel=GENERAL, ts=posted["ts"], text="x" * 4001)
    assert await refused(long) == "msg_too_long"


async def test_delete_takes_a_message_away(client: AsyncWebClient, workspace: Workspace) -> None:
    posted = await client.chat_postMessage(channel=GENERAL, text="x")
    await client.chat_delete(channel=GENERAL, ts=posted["ts"])
    assert workspace.actor("ada").sees() == []


async def test_an_ephemeral_is_seen_by_one_person_until_their_client_restarts(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    await client.chat_postEphemeral(channel=GENERAL, user=ADA, text="for you")
    ada, ben = workspace.actor("ada"), workspace.actor("ben")
    assert [(s.text, s.ephemeral) for s in ada.sees()] == [("for you", True)]
    assert ben.sees() == []
    ada.reloads()
    assert ada.sees() == []


async def test_an_ephemeral_reaches_members_only(client: AsyncWebClient) -> None:
    call = client.chat_postEphemeral(channel=IT_CHANNEL, user=ADA, text="x")
    assert await refused(call) == "user_not_in_channel"


async def test_metadata_is_kept_and_shown_when_asked_for(client: AsyncWebClient) -> None:
    metadata = {"event_type": "reset", "event_payload": {"id": "1"}}
    posted = await client.chat_postMessage(channel=ADA, text="x", metadata=metadata)
    dm = posted["channel"]
    bare = await client.conversations_history(channel=dm)
    full = await client.conversations_history(channel=dm, include_all_metadata=True)
    assert "metadata" not in bare["messages"][0]
    assert full["messages"][0]["metadata"] == metadata
    wrong = client.chat_postMessage(channel=ADA, text="x", metadata={"event_type": "reset"})
    assert await refused(wrong) == "invalid_metadata_format"


async def test_an_update_without_text_keeps_it_and_may_change_the_metadata(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    posted = await client.chat_postMessage(channel="U0ADA00001", text="card")
    metadata = {"event_type": "reset", "event_payload": {"id": "2"}}
    updated = {"blocks": [section("new")], "metadata": metadata}
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    answer = await client.api_call("chat.update", json={**place, **updated})
    assert answer["text"] == "card"
    assert workspace.actor("ada").sees()[-1].plain == "new"
    full = await client.conversations_history(channel=posted["channel"], include_all_metadata=True)
    assert full["messages"][0]["metadata"] == metadata


async def test_the_bot_hears_of_its_own_doings_in_a_dm(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    heard = asyncio.Event()

    async def hear() -> None:
        heard.set()

    bot.before = hear

    async def next_event() -> dict[str, Any]:
        await asyncio.wait_for(heard.wait(), 1)
        heard.clear()
        event: dict[str, Any] = bot.payload["event"]
        return event

    await client.chat_postMessage(channel=GENERAL, text="not in a DM")
    posted = await client.chat_postMessage(channel=ADA, text="one")
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    assert (await next_event())["bot_id"] == workspace.bot_id
    await client.chat_update(**place, text="two")
    changed = await next_event()
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "two")
    assert "user" not in changed
    await client.chat_delete(**place)
    assert (await next_event())["subtype"] == "message_deleted"
    workspace.own_events = False
    await client.chat_postMessage(channel=ADA, text="quiet")
    assert len(bot.received) == 3
