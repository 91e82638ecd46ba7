from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.slack.seed import GENERAL
from tests.unit.sandbox.slack.support import (
    Bot,
    actions,
    button,
    modal,
    option,
    plain,
    section,
    text_input,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace


@pytest.fixture
async def http(origin: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(origin) as session:
        yield session


async def _post(http: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    async with http.post(path, data=form) as answer:
        return answer.status, await answer.text()


async def _get(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with http.get(path) as answer:
        return answer.status, await answer.text()


async def test_people_are_listed(http: aiohttp.ClientSession) -> None:
    status, text = await _get(http, "/people/")
    assert status == 200
    assert "ada     U0ADA00001    Ada Lovelace" in text.splitlines()
    assert len(text.splitlines()) == 12


async def test_a_person_is_driven_by_hand(
    http: aiohttp.ClientSession, client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    bot.answers = [(200, {}, b"Checking")]
    status, text = await _post(http, "/people/ada/type", text="/reset-token partner")
    assert status == 200
    assert bot.form["text"] == "partner"
    assert "Reset Token: (only visible to you)\nChecking" in text

    menu = {"type": "static_select", "action_id": "org", "options": [option("Partner", "p")]}
    blocks = [section("Choose"), actions(menu, button("Reset my token", "go", value="1"))]
    await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    assert "[ Reset my token ]" in (await _get(http, "/people/ada/screen"))[1]
    await _post(http, "/people/ada/select", menu="org", option="Partner")
    assert bot.payload["actions"][0]["selected_option"]["value"] == "p"
    await _post(http, "/people/ada/press", button="Reset my token")
    assert bot.payload["actions"][0]["value"] == "1"

    trigger_id = bot.payload["trigger_id"]
    await client.views_open(trigger_id=trigger_id, view=modal(text_input("reason", "text")))
    assert "== Report a breach ==" in (await _get(http, "/people/ada/screen"))[1]
    await _post(http, "/people/ada/submit", reason="leaked")
    assert bot.payload["view"]["state"]["values"]["reason"]["text"]["value"] == "leaked"
    view = modal(section("Loading"))
    await client.views_open(trigger_id=bot.payload["trigger_id"], view=view)
    assert (await _post(http, "/people/ada/close"))[1].startswith("closed\n")
    await _post(http, "/people/ada/say", text="hi")
    assert bot.payload["event"]["text"] == "hi"
    screen = (await _get(http, "/people/ada/screen?channel=dm"))[1]
    assert screen == "──── DM with Reset Token ────\n\nAda Lovelace:\nhi\n"
    assert workspace.actor("ada").modal is None


async def test_a_shortcut_is_used_by_hand(http: aiohttp.ClientSession, bot: Bot) -> None:
    for text in ("odd mail", "nothing"):
        status, screen = await _post(http, "/people/eve/post", text=text)
        assert status == 200
        assert screen.startswith("posted\n")
    status, _ = await _post(http, "/people/ada/shortcut", callback="breach.suspect", message="odd")
    assert status == 200
    assert bot.payload["message"]["text"] == "odd mail"
    status, text = await _post(
        http, "/people/ada/shortcut", callback="breach.suspect", message="even"
    )
    assert (status, text) == (409, "no message with 'even'\n")
    assert (await _post(http, "/people/eve/post", text="x", channel="it-approvals"))[0] == 409


async def test_several_options_are_chosen_by_hand(
    http: aiohttp.ClientSession, client: AsyncWebClient, bot: Bot
) -> None:
    steps = {
        "type": "input",
        "block_id": "steps",
        "label": plain("Steps"),
        "element": {
            "type": "checkboxes",
            "action_id": "many",
            "options": [option("A", "a"), option("B", "b"), option("C", "c")],
        },
    }
    await _post(http, "/people/ada/type", text="/reset-token")
    await client.views_open(trigger_id=bot.form["trigger_id"], view=modal(steps))
    async with http.post("/people/ada/select", data=_pairs("menu=steps", "option=0", "option=1")):
        pass
    assert "● A | ● B | C" in (await _get(http, "/people/ada/screen"))[1]
    async with http.post("/people/ada/submit", data=_pairs("steps=A", "steps=c")):
        pass
    chosen = bot.payload["view"]["state"]["values"]["steps"]["many"]["selected_options"]
    assert [one["value"] for one in chosen] == ["a", "c"]


def _pairs(*pairs: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in pairs)]


async def test_replies_are_marked(http: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=GENERAL, text="card"))["ts"]
    await client.chat_postMessage(channel=GENERAL, text="done", thread_ts=parent)
    assert "Reset Token: (in a thread)\ndone" in (await _get(http, "/people/eve/screen"))[1]


@pytest.mark.usefixtures("bot")
async def test_what_cannot_be_done_is_said(http: aiohttp.ClientSession) -> None:
    assert (await _get(http, "/people/nobody/screen"))[0] == 404
    assert (await _get(http, "/people/ada/screen?channel=nowhere"))[0] == 404
    assert (await _get(http, "/people/ada/screen"))[1] == "(nothing yet)\n"
    assert (await _post(http, "/people/nobody/say", text="x"))[0] == 404
    assert (await _post(http, "/people/ada/dance"))[0] == 404
    assert (await _post(http, "/people/ada/say"))[0] == 400
    assert (await _post(http, "/people/ada/type", text="/reset-token", channel="no"))[0] == 400
    status, text = await _post(http, "/people/ada/press", button="Go")
    assert (status, text) == (409, "no button 'Go' on the screen of ada\n")
    assert (await _post(http, "/people/ada/close"))[0] == 409


async def test_a_message_reads_in_the_persons_own_names_and_time(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    text = "<@U0ADA00001> in <#C0GENERAL01>, <!subteam^S0ITAPPROVERS>: <!date^0^{time}|x> <@U0X>"
    await client.chat_postMessage(channel=GENERAL, text=text)
    told = "@Ada Lovelace in #general, @it-approvers: {} @U0X"
    assert workspace.actor("iris").sees()[-1].plain == told.format("09:00")
    assert workspace.actor("U0DANA0001").sees()[-1].plain == told.format("16:00")
