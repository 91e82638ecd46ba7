from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.model import Channel
from sandbox.slack.seed import GENERAL, IT_CHANNEL
from tests.unit.sandbox.slack.support import Bot, modal, refused, section

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace

SUSPECT = "breach.suspect"


async def test_a_person_writes_in_a_channel_and_its_members_read_it(
    workspace: Workspace, bot: Bot
) -> None:
    posted = await workspace.actor("eve").posts("my password is <here>, @ben", "general")
    seen = workspace.actor("ben").sees("general")[-1]
    assert seen == posted
    assert (seen.author, seen.plain) == ("Eve Moreau", "my password is <here>, @Ben Okafor")
    assert not seen.ephemeral
    # The app isn't subscribed to what people write in channels.
    assert bot.received == []


async def test_what_is_written_in_the_bots_dm_is_told_to_it(workspace: Workspace, bot: Bot) -> None:
    posted = await workspace.actor("ada").posts("hello", "dm")
    assert bot.payload["event"]["ts"] == posted.ts


async def test_people_write_only_where_they_can(workspace: Workspace) -> None:
    with pytest.raises(NotVisible):
        await workspace.actor("eve").posts("hello", "it-approvals")
    workspace.channel("general").is_archived = True
    with pytest.raises(NotVisible, match="archived"):
        await workspace.actor("eve").posts("hello")


async def test_a_shortcut_tells_who_used_it_on_which_message(
    workspace: Workspace, bot: Bot
) -> None:
    posted = await workspace.actor("eve").posts("look what I found")
    result = await workspace.actor("ada").uses_shortcut(SUSPECT, posted)
    assert (result.status, result.error) == (200, None)
    payload = bot.payload
    assert payload["type"] == "message_action"
    assert payload["callback_id"] == SUSPECT
    assert payload["user"]["id"] == "U0ADA00001"
    assert payload["team"] == {"id": workspace.team_id, "domain": "acme"}
    assert payload["channel"] == {"id": GENERAL, "name": "general"}
    assert payload["message_ts"] == posted.ts
    assert payload["message"] == {
        "type": "message",
        "user": "U0EVE00001",
        "ts": posted.ts,
        "text": "look what I found",
    }
    assert payload["action_ts"] > posted.ts
    assert "actions" not in payload
    assert "container" not in payload


async def test_it_works_where_the_bot_is_not(workspace: Workspace, bot: Bot) -> None:
    members = [workspace.person(name).id for name in ("ada", "eve")]
    workspace.add_channel(Channel("C0SALES0001", "sales", members, is_private=True))
    posted = await workspace.actor("eve").posts("odd mail", "sales")
    await workspace.actor("ada").uses_shortcut(SUSPECT, posted)
    assert bot.payload["channel"] == {"id": "C0SALES0001", "name": "privategroup"}
    with pytest.raises(NotVisible):
        await workspace.actor("ben").uses_shortcut(SUSPECT, posted)


async def test_its_trigger_id_opens_one_modal_for_whoever_used_it(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    posted = await workspace.actor("eve").posts("odd mail")
    await workspace.actor("ada").uses_shortcut(SUSPECT, posted)
    trigger_id, view = bot.payload["trigger_id"], modal(section("Whose account?"))
    await client.views_open(trigger_id=trigger_id, view=view)
    assert workspace.actor("ada").modal is not None
    assert workspace.actor("eve").modal is None
    again = client.views_open(trigger_id=trigger_id, view=view)
    assert await refused(again) == "exchanged_trigger_id"


@pytest.mark.usefixtures("origin")
async def test_its_response_url_says_something_new_to_that_person_alone(
    workspace: Workspace, bot: Bot
) -> None:
    eve, ada = workspace.actor("eve"), workspace.actor("ada")
    await ada.uses_shortcut(SUSPECT, await eve.posts("odd mail"))
    webhook = AsyncWebhookClient(bot.payload["response_url"])
    assert (
        await webhook.send_dict({"text": "Thanks", "replace_original": True})
    ).status_code == 200
    assert [shown.text for shown in ada.sees("general")] == ["odd mail", "Thanks"]
    assert [shown.text for shown in eve.sees("general")] == ["odd mail"]


async def test_the_bots_own_messages_have_the_menu_too(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    await client.chat_postMessage(channel=IT_CHANNEL, text="card")
    ivan = workspace.actor("ivan")
    await ivan.uses_shortcut(SUSPECT, ivan.sees("it-approvals")[-1])
    assert bot.payload["message"]["bot_id"] == workspace.bot_id


async def test_there_is_no_menu_on_what_only_one_person_sees_or_what_is_gone(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    ada = workspace.actor("ada")
    await client.chat_postEphemeral(channel=GENERAL, user="U0ADA00001", text="psst")
    with pytest.raises(NotVisible):
        await ada.uses_shortcut(SUSPECT, ada.sees("general")[-1])
    posted = (await client.chat_postMessage(channel=GENERAL, text="card"))["ts"]
    card = ada.sees("general")[-1]
    await client.chat_delete(channel=GENERAL, ts=posted)
    with pytest.raises(NotVisible):
        await ada.uses_shortcut(SUSPECT, card)
    assert bot.received == []


async def test_only_what_the_app_is_registered_for_is_in_the_menu(
    workspace: Workspace, bot: Bot
) -> None:
    ada = workspace.actor("ada")
    posted = await ada.posts("odd mail")
    with pytest.raises(NotVisible):
        await ada.uses_shortcut("breach.other", posted)
    workspace.scopes.discard("commands")
    with pytest.raises(NotVisible):
        await ada.uses_shortcut(SUSPECT, posted)
    assert bot.received == []


async def test_a_bot_that_fails_is_told_of(workspace: Workspace, bot: Bot) -> None:
    bot.answers = [(500, {}, b"")]
    ada = workspace.actor("ada")
    posted = await ada.posts("odd mail")
    assert (await ada.uses_shortcut(SUSPECT, posted)).error == "dispatch_failed"
