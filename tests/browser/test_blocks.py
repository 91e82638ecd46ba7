"""Every block and element is drawn and can be used; what isn't drawn says so."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.slack.model import Message
from tests.browser.all_blocks import MESSAGE, MODAL, mrkdwn, plain
from tests.browser.window import Windows, that
from tests.browser.worlds import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")


def posted(stage: Place, blocks: list[dict[str, Any]], thread_ts: str | None = None) -> Message:
    workspace = stage.workspace
    channel = workspace.channel("general").id
    ts = workspace.timeline.next_ts()
    return workspace.post(
        Message(channel, ts, workspace.bot.id, "text", blocks, thread_ts=thread_ts)
    )


def heard(stage: Place) -> list[dict[str, Any]]:
    """Keep what the bot is told from now on."""
    told: list[dict[str, Any]] = []

    async def transport(body: bytes, _: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        told.append(_payload(body))
        stage.workspace.changes.happened()
        return 200, {}, b""

    stage.workspace.dispatcher.transport = transport
    return told


def _payload(body: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(parse_qs(body.decode())["payload"][0])
    return payload


async def test_a_message_of_all_blocks(stage_windows: Windows, stage: Place) -> None:
    ada = await stage_windows.open("ada")
    told = heard(stage)

    async def is_told(number: int) -> None:
        """Wait as a person would: requests at the same moment may arrive in any order."""
        await stage.workspace.until(lambda: len(told) == number)

    posted(stage, MESSAGE)
    message = await ada.sees("Section")
    for words in ("<i>Header</i>", "left", "*right*", "a cat", "a dog", "small", "print"):
        await that(message).to_contain_text(words)
    await message.get_by_role("button", name="Go").click()
    await is_told(1)
    await message.get_by_label("Pick one").select_option(label="Two")
    await that(ada.page.locator("dialog.confirm")).to_contain_text("<b>really</b>")
    await ada.page.get_by_role("button", name="No", exact=True).click()
    await that(message.get_by_label("Pick one")).to_have_value("")
    await message.get_by_label("Pick one").select_option(label="Two")
    await ada.page.get_by_role("button", name="Yes", exact=True).click()
    await is_told(2)
    await message.get_by_label("Who").select_option(label="Eve Moreau")
    await is_told(3)
    await message.get_by_role("button", name="More options").click()
    await ada.page.get_by_role("menuitem", name="Less").click()
    await is_told(4)
    await message.get_by_label("B", exact=True).check()
    await is_told(5)
    await message.get_by_label("X", exact=True).check()
    await is_told(6)
    await message.get_by_label("Y", exact=True).check()
    await is_told(7)
    actions = [payload["actions"][0] for payload in told]
    assert [action["action_id"] for action in actions] == [
        "t.go",
        "t.menu",
        "t.who",
        "t.more",
        "t.radio",
        "t.boxes",
        "t.boxes",
    ]
    assert actions[1]["selected_option"]["value"] == "two"
    assert actions[2]["selected_user"] == stage.workspace.person("eve").id
    assert actions[3]["selected_option"]["value"] == "less"
    assert actions[4]["selected_option"]["value"] == "b"
    assert [one["value"] for one in actions[6]["selected_options"]] == ["x", "y"]


async def test_of_buttons_with_one_action_the_right_one_is_pressed(
    stage_windows: Windows, stage: Place
) -> None:
    ada = await stage_windows.open("ada")
    told = heard(stage)
    again = [
        {"type": "button", "action_id": "t.again", "text": plain(label), "value": label}
        for label in ("Try again: one", "Try again: two")
    ]
    posted(stage, [{"type": "actions", "elements": [button]} for button in again])
    await ada.presses("Try again: two")
    await stage.workspace.until(lambda: told)
    assert told[0]["actions"][0]["value"] == "Try again: two"


async def test_a_modal_of_all_fields(stage_windows: Windows, stage: Place) -> None:
    ada = await stage_windows.open("ada")
    told = heard(stage)
    person = stage.workspace.person("ada")
    stage.workspace.modals.open(person.id, MODAL)
    modal = ada.page.locator("dialog.modal")
    await that(modal).to_be_visible()
    await modal.get_by_role("button", name="Send").click()
    await that(modal.get_by_text("This is a required field")).to_have_count(5)
    await that(modal.locator("textarea")).to_be_focused()
    await modal.get_by_label("Why").fill("no")
    await modal.get_by_role("button", name="Send").click()
    await that(modal.get_by_text("This entry is too short")).to_be_visible()
    await ada.fills_in(
        {
            "Why": "because",
            "Which one": "Two",
            "Which ones": ["Ape", "Cat"],
            "Boxes": ["Y"],
            "Either": "B",
            "Who": "Eve Moreau",
        }
    )
    await that(modal).to_have_count(0)
    values = told[-1]["view"]["state"]["values"]
    assert values["why"]["t"]["value"] == "because"
    assert values["one"]["t"]["selected_option"]["value"] == "two"
    assert [one["value"] for one in values["many"]["t"]["selected_options"]] == ["ape", "cat"]
    assert [one["value"] for one in values["boxes"]["t"]["selected_options"]] == ["x", "y"]
    assert values["radio"]["t"]["selected_option"]["value"] == "b"
    assert values["who"]["t"]["selected_user"] == stage.workspace.person("eve").id


async def test_an_error_from_the_bot_stands_at_its_field(
    stage_windows: Windows, stage: Place
) -> None:
    ada = await stage_windows.open("ada")

    async def transport(_: bytes, __: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        said = b'{"response_action": "errors", "errors": {"why": "Not a <b>reason</b>"}}'
        return 200, {"content-type": "application/json"}, said

    stage.workspace.dispatcher.transport = transport
    form = MODAL | {"blocks": MODAL["blocks"][:2]}
    stage.workspace.modals.open(stage.workspace.person("ada").id, form)
    await ada.fills_in({"Why": "because"})
    box = ada.page.get_by_label("Why")
    await that(box).to_have_accessible_description("Not a <b>reason</b> In a few words")
    await that(box).to_have_value("because")
    await that(box).to_be_focused()


async def test_a_thread_and_an_edit_in_place(stage_windows: Windows, stage: Place) -> None:
    ada = await stage_windows.open("ada")
    parent = posted(stage, [])
    posted(stage, [{"type": "section", "text": mrkdwn("a reply")}], thread_ts=parent.ts)
    await that(ada.page.locator(".thread")).to_contain_text("1 reply")
    await that(ada.page.locator(".thread .message")).to_contain_text("a reply")
    stage.workspace.rewrite(parent, "changed", [])
    await that(ada.message("changed").first).to_be_visible()
    stage.workspace.remove(parent)
    await that(ada.page.locator("#messages")).not_to_contain_text("changed")


async def test_what_isnt_drawn_says_so(stage_windows: Windows) -> None:
    page = (await stage_windows.open("ada")).page
    drawn = await page.evaluate(
        """async () => {
          const { drawBlocks } = await import("/static/js/blocks.js");
          const odd = [{type: "video"}, {type: "constructor"},
                       {type: "actions", elements: [{type: "datepicker"}]}];
          return drawBlocks(odd, null).map((one) => one.textContent);
        }"""
    )
    assert drawn == [
        "Not drawn here: “video”. Slack would show it.",
        "Not drawn here: “constructor”. Slack would show it.",
        "Not drawn here: “datepicker”. Slack would show it.",
    ]
