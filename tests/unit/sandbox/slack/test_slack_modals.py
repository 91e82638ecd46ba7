from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.seed import GENERAL
from tests.unit.sandbox.slack.support import (
    Bot,
    actions,
    button,
    json_answer,
    modal,
    option,
    plain,
    refusal,
    refused,
    section,
    text_input,
)

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.workspace import Workspace
    from tests.unit.sandbox.slack.conftest import Clock

FORM = modal(
    section("Who?"),
    text_input("reason", "text", element={"min_length": 3, "max_length": 10}),
    {
        "type": "input",
        "block_id": "how",
        "optional": True,
        "label": plain("How bad"),
        "element": {
            "type": "radio_buttons",
            "action_id": "level",
            "options": [option("Bad", "1"), option("Worse", "2")],
        },
    },
    private_metadata="id-1",
    notify_on_close=True,
)


async def _trigger(workspace: Workspace, bot: Bot) -> str:
    await workspace.actor("ada").types("/reset-token")
    return bot.form["trigger_id"]


@pytest.fixture
async def opened(client: AsyncWebClient, workspace: Workspace, bot: Bot) -> dict[str, Any]:
    answer = await client.views_open(trigger_id=await _trigger(workspace, bot), view=FORM)
    view: dict[str, Any] = answer["view"]
    return view


async def test_a_trigger_id_opens_one_modal_for_that_person(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    trigger_id = await _trigger(workspace, bot)
    await client.views_open(trigger_id=trigger_id, view=FORM)
    shown = workspace.actor("ada").modal
    assert shown is not None
    assert (shown.title, shown.private_metadata) == ("Report a breach", "id-1")
    assert "Reason: […]" in shown.plain
    assert workspace.actor("ben").modal is None
    again = client.views_open(trigger_id=trigger_id, view=FORM)
    assert await refused(again) == "exchanged_trigger_id"


async def test_a_trigger_id_lasts_three_seconds(
    client: AsyncWebClient, workspace: Workspace, bot: Bot, clock: Clock
) -> None:
    trigger_id = await _trigger(workspace, bot)
    clock.now += 3.1
    late = client.views_open(trigger_id=trigger_id, view=FORM)
    assert await refused(late) == "expired_trigger_id"
    assert await refused(client.views_open(trigger_id="1.2.3", view=FORM)) == "invalid_trigger_id"


async def test_a_bad_view_is_refused_and_named(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    view = FORM | {"title": plain("x" * 25)}
    told = await refusal(client.views_open(trigger_id=await _trigger(workspace, bot), view=view))
    assert told["error"] == "invalid_arguments"
    assert "/view/title/text" in told["response_metadata"]["messages"][0]
    assert workspace.actor("ada").modal is None


async def test_an_open_modal_can_be_updated_while_its_hash_is_right(
    client: AsyncWebClient, workspace: Workspace, opened: dict[str, Any]
) -> None:
    view = modal(section("Loaded"))
    updated = await client.views_update(view_id=opened["id"], view=view, hash=opened["hash"])
    shown = workspace.actor("ada").modal
    assert shown is not None
    assert "Loaded" in shown.plain
    assert updated["view"]["hash"] != opened["hash"]
    stale = client.views_update(view_id=opened["id"], view=view, hash=opened["hash"])
    assert await refused(stale) == "hash_conflict"
    await workspace.actor("ada").closes()
    assert await refused(client.views_update(view_id=opened["id"], view=view)) == "not_found"


async def test_a_modal_is_found_by_its_external_id(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    view = modal(section("x"), external_id="mine")
    await client.views_open(trigger_id=await _trigger(workspace, bot), view=view)
    await client.views_update(external_id="mine", view=modal(section("y")))
    shown = workspace.actor("ada").modal
    assert shown is not None
    assert "y" in shown.plain


@pytest.mark.usefixtures("opened")
async def test_a_submission_brings_what_was_entered(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    result = await ada.submits({"reason": "leaked", "level": "Worse"})
    assert (result.status, result.error) == (200, None)
    view = bot.payload["view"]
    assert bot.payload["type"] == "view_submission"
    assert view["state"]["values"]["reason"]["text"] == {
        "type": "plain_text_input",
        "value": "leaked",
    }
    assert view["state"]["values"]["how"]["level"]["selected_option"]["value"] == "2"
    assert (view["callback_id"], view["private_metadata"]) == ("breach", "id-1")
    assert ada.modal is None


@pytest.mark.usefixtures("opened")
async def test_what_the_client_itself_wont_submit(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    sent = len(bot.received)
    for entries in ({}, {"reason": ""}, {"reason": "ab"}, {"reason": "x" * 11}, {"other": "x"}):
        with pytest.raises(NotVisible):
            await ada.submits(entries)
    assert len(bot.received) == sent
    assert ada.modal is not None


@pytest.mark.usefixtures("opened")
async def test_errors_stay_under_their_fields_and_what_was_typed_stays(
    workspace: Workspace, bot: Bot
) -> None:
    ada = workspace.actor("ada")
    bot.answers = [json_answer({"response_action": "errors", "errors": {"reason": "Say more."}})]
    result = await ada.submits({"reason": "leaked"})
    assert result.errors == {"reason": "Say more."}
    assert ada.modal is not None
    assert "! Say more." in ada.modal.plain
    await ada.submits({"level": 0})
    assert bot.payload["view"]["state"]["values"]["reason"]["text"]["value"] == "leaked"
    assert ada.modal is None


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push", "view": modal(section("x"))},
        {"response_action": "dance"},
    ],
)
async def test_a_wrong_answer_to_a_submission_leaves_the_modal(
    workspace: Workspace, bot: Bot, answer: dict[str, Any]
) -> None:
    bot.answers = [json_answer(answer)]
    ada = workspace.actor("ada")
    assert (await ada.submits({"reason": "leaked"})).error == "invalid_response_action"
    assert ada.modal is not None


@pytest.mark.usefixtures("opened")
async def test_a_submission_may_update_or_clear(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    bot.answers = [
        json_answer({"response_action": "update", "view": modal(section("Sent"))}),
        json_answer({"response_action": "clear"}),
    ]
    await ada.submits({"reason": "leaked"})
    assert ada.modal is not None
    assert "Sent" in ada.modal.plain
    await ada.submits({})
    assert ada.modal is None


@pytest.mark.usefixtures("opened")
async def test_a_failed_submission_leaves_the_modal(workspace: Workspace, bot: Bot) -> None:
    bot.answers = [(503, {}, b"")]
    ada = workspace.actor("ada")
    assert (await ada.submits({"reason": "leaked"})).error == "dispatch_failed"
    assert ada.modal is not None


@pytest.mark.usefixtures("opened")
async def test_closing_is_told_when_asked_for(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    await ada.closes()
    assert bot.payload["type"] == "view_closed"
    assert "trigger_id" not in bot.payload
    with pytest.raises(NotVisible):
        await ada.closes()


async def test_a_modal_covers_the_messages(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    await client.chat_postMessage(
        channel=GENERAL, text="x", blocks=[actions(button("Below", "below"))]
    )
    view = modal(actions(button("Above", "above", value="v"), block_id="b"))
    await client.views_open(trigger_id=await _trigger(workspace, bot), view=view)
    ada = workspace.actor("ada")
    with pytest.raises(NotVisible):
        await ada.presses("below")
    await ada.presses("Above")
    assert bot.payload["container"]["type"] == "view"
    assert "response_url" not in bot.payload
    assert bot.payload["actions"][0]["value"] == "v"


@pytest.mark.usefixtures("opened")
async def test_an_inputs_choice_is_not_dispatched(workspace: Workspace, bot: Bot) -> None:
    ada = workspace.actor("ada")
    sent = len(bot.received)
    await ada.selects("level", "Bad")
    assert len(bot.received) == sent
    assert ada.modal is not None
    assert "● Bad" in ada.modal.plain


@pytest.mark.usefixtures("opened")
async def test_a_submission_is_not_answered_in_words(workspace: Workspace, bot: Bot) -> None:
    bot.answers = [(200, {}, b"thanks"), (200, {"content-type": "application/json"}, b"{")]
    ada = workspace.actor("ada")
    for _ in range(2):
        assert (await ada.submits({"reason": "leaked"})).error == "invalid_response_action"


async def test_a_second_modal_takes_the_place_of_the_first(
    client: AsyncWebClient, workspace: Workspace, bot: Bot, opened: dict[str, Any]
) -> None:
    trigger_id = await _trigger(workspace, bot)
    view = modal(section("Second"))
    del view["submit"]
    await client.views_open(trigger_id=trigger_id, view=view)
    shown = workspace.actor("ada").modal
    assert shown is not None
    assert "Second" in shown.plain
    assert await refused(client.views_update(view_id=opened["id"], view=view)) == "not_found"
    with pytest.raises(NotVisible, match="no submit"):
        await workspace.actor("ada").submits({})


async def test_every_kind_of_input_is_brought(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    def field(block_id: str, element: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "input",
            "block_id": block_id,
            "label": plain(block_id),
            "optional": True,
            "element": {"action_id": "a", **element},
        }

    options = [option("A", "a"), option("B", "b")]
    view = modal(
        field("who", {"type": "users_select", "initial_user": "U0BEN00001"}),
        field("boxes", {"type": "checkboxes", "options": options, "initial_options": options}),
        field("other", {"type": "checkboxes", "options": options}),
        field("text", {"type": "plain_text_input", "initial_value": "as before"}),
    )
    await client.views_open(trigger_id=await _trigger(workspace, bot), view=view)
    await workspace.actor("ada").submits({"who": "U0EVE00001", "other": "B"})
    values = bot.payload["view"]["state"]["values"]
    assert values["who"]["a"]["selected_user"] == "U0EVE00001"
    assert [o["value"] for o in values["boxes"]["a"]["selected_options"]] == ["a", "b"]
    assert [o["value"] for o in values["other"]["a"]["selected_options"]] == ["b"]
    assert values["text"]["a"]["value"] == "as before"


async def test_a_view_over_the_size_limit_is_refused(
    client: AsyncWebClient, workspace: Workspace, bot: Bot, opened: dict[str, Any]
) -> None:
    large = modal(*(section("a" * 2990) for _ in range(90)))
    answer = await refusal(client.views_update(view_id=opened["id"], view=large))
    assert answer["error"] == "view_too_large"
    trigger = await _trigger(workspace, bot)
    answer = await refusal(client.views_open(trigger_id=trigger, view=large))
    assert answer["error"] == "view_too_large"
    fits = modal(*(section("a" * 2990) for _ in range(80)))
    assert (await client.views_update(view_id=opened["id"], view=fits))["ok"]
