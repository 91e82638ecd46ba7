from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.model import Channel
from sandbox.slack.seed import GENERAL, IT_CHANNEL
from tests.unit.sandbox.slack.support import refused

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace

ADA = "U0ADA00001"


async def test_users_info_tells_who_may_not_be_trusted(client: AsyncWebClient) -> None:
    async def user(user_id: str) -> dict[str, Any]:
        told: dict[str, Any] = (await client.users_info(user=user_id))["user"]
        return told

    ada = await user(ADA)
    assert ada["profile"]["email"] == "ada@acme.example"
    assert (ada["is_email_confirmed"], ada["is_restricted"], ada["deleted"]) == (True, False, False)
    assert "is_stranger" not in ada
    assert (await user("U0GUS00001"))["is_ultra_restricted"] is True
    assert (await user("U0UNA00001"))["is_email_confirmed"] is False
    sam = await user("U0SAM00001")
    assert (sam["is_stranger"], sam["team_id"]) == (True, "T0GLOBEX001")
    assert (await user("U0RESETBOT"))["is_bot"] is True
    assert await refused(client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_an_email_is_told_with_its_scope_only(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    workspace.scopes.discard("users:read.email")
    told = await client.users_info(user=ADA)
    assert "email" not in told["user"]["profile"]


async def test_lookup_by_email(client: AsyncWebClient, workspace: Workspace) -> None:
    found = await client.users_lookupByEmail(email="ADA@acme.example")
    assert found["user"]["id"] == ADA
    workspace.person("ada").deleted = True
    gone = client.users_lookupByEmail(email="ada@acme.example")
    assert await refused(gone) == "users_not_found"


async def test_user_groups_need_a_paid_plan(client: AsyncWebClient, workspace: Workspace) -> None:
    approvers = await client.usergroups_users_list(usergroup="S0ITAPPROVERS")
    assert approvers["users"] == ["U0IVAN0001", "U0IRIS0001"]
    assert await refused(client.usergroups_users_list(usergroup="S0X")) == "no_such_subteam"
    workspace.paid_plan = False
    call = client.usergroups_users_list(usergroup="S0ITAPPROVERS")
    assert await refused(call) == "paid_teams_only"


async def test_conversations_info_tells_what_a_channel_is(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    it = (await client.conversations_info(channel=IT_CHANNEL))["channel"]
    assert (it["is_private"], it["is_ext_shared"], it["is_member"]) == (True, False, True)
    workspace.channel("general").is_ext_shared = True
    general = await client.conversations_info(channel=GENERAL, include_num_members=True)
    assert general["channel"]["is_ext_shared"] is True
    assert general["channel"]["num_members"] == 13
    workspace.add_channel(Channel("C0BOARD", "board", [ADA], is_private=True))
    assert await refused(client.conversations_info(channel="C0BOARD")) == "channel_not_found"
    workspace.scopes.add("im:read")
    dm = workspace.dm_with(workspace.person("ada"))
    told = (await client.conversations_info(channel=dm.id))["channel"]
    assert (told["is_im"], told["user"]) == (True, ADA)


async def test_members_come_in_pages(client: AsyncWebClient) -> None:
    members: list[str] = []
    cursor = None
    for _ in range(3):
        answer = await client.conversations_members(channel=GENERAL, limit=5, cursor=cursor)
        members += answer["members"]
        cursor = answer["response_metadata"]["next_cursor"]
    assert cursor == ""
    assert len(members) == len(set(members)) == 13
    wrong = client.conversations_members(channel=GENERAL, cursor="x")
    assert await refused(wrong) == "invalid_cursor"
    none = client.conversations_members(channel=GENERAL, limit=0)
    assert await refused(none) == "invalid_limit"


async def test_opening_a_dm(client: AsyncWebClient, workspace: Workspace) -> None:
    first = await client.conversations_open(users=ADA)
    again = await client.conversations_open(users=[ADA])
    assert first["channel"]["id"] == again["channel"]["id"] == "D0ADA00001"
    assert again["already_open"] is True
    assert await refused(client.conversations_open(users="U0X")) == "user_not_found"
    assert await refused(client.conversations_open(users=workspace.bot.id)) == "cannot_dm_bot"
    assert await refused(client.conversations_open(users=f"{ADA},U0BEN00001")) == "missing_scope"
    workspace.scopes.add("mpim:write")
    several = client.conversations_open(users=f"{ADA},U0BEN00001")
    assert await refused(several) == "method_not_supported_for_channel_type"
    workspace.person("ada").deleted = True
    assert await refused(client.conversations_open(users=ADA)) == "user_disabled"


async def test_history_is_newest_first_without_replies_and_ephemerals(
    client: AsyncWebClient,
) -> None:
    parent = await client.chat_postMessage(channel=ADA, text="one")
    dm, ts = parent["channel"], parent["ts"]
    await client.chat_postMessage(channel=dm, text="reply", thread_ts=ts)
    await client.chat_postMessage(channel=dm, text="loud", thread_ts=ts, reply_broadcast=True)
    await client.chat_postEphemeral(channel=dm, user=ADA, text="whisper")
    two = await client.chat_postMessage(channel=dm, text="two")

    async def texts(**args: str) -> list[str]:
        answer = await client.api_call("conversations.history", params={"channel": dm, **args})
        return [m["text"] for m in answer["messages"]]

    assert await texts() == ["two", "loud", "one"]
    assert await texts(limit="1") == ["two"]
    assert await texts(oldest=ts) == ["two", "loud"]
    assert await texts(latest=two["ts"], oldest=ts, inclusive="true") == ["two", "loud", "one"]
    thread = await client.conversations_replies(channel=dm, ts=ts)
    assert [m["text"] for m in thread["messages"]] == ["one", "reply", "loud"]
    lost = client.conversations_replies(channel=dm, ts="1.000000")
    assert await refused(lost) == "thread_not_found"
    assert await refused(client.conversations_history(channel=dm, oldest="x")) == (
        "invalid_ts_oldest"
    )


async def test_the_history_of_a_channel_needs_its_own_scope(client: AsyncWebClient) -> None:
    assert await refused(client.conversations_history(channel=GENERAL)) == "missing_scope"
