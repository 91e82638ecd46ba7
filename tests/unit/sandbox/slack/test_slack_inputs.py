"""What people choose in forms, what the bot gets of it, and what an update keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.slack.elements_in_use import NotVisible
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
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack.actor import Actor
    from sandbox.slack.workspace import Workspace

STEPS = [option("Freeze the user", "freeze"), option("End sessions", "end"), option("Mail", "mail")]


def field(block_id: str, element: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": {"action_id": "a", **element},
        **more,
    }


def several(kind: str, **more: object) -> dict[str, Any]:
    return field("steps", {"type": kind, "options": STEPS, **more})


class Form:
    """A modal that Ada has open."""

    def __init__(self, client: AsyncWebClient, workspace: Workspace, bot: Bot) -> None:
        self._client = client
        self._workspace = workspace
        self._bot = bot

    @property
    def ada(self) -> Actor:
        return self._workspace.actor("ada")

    @property
    def screen(self) -> str:
        assert self.ada.modal is not None
        return self.ada.modal.plain

    @property
    def held(self) -> dict[str, Any]:
        values: dict[str, Any] = self._bot.payload["view"]["state"]["values"]
        return values

    async def open(self, *blocks: dict[str, Any]) -> dict[str, Any]:
        await self.ada.types("/reset-token")
        trigger_id = self._bot.form["trigger_id"]
        answer = await self._client.views_open(trigger_id=trigger_id, view=modal(*blocks))
        view: dict[str, Any] = answer["view"]
        return view

    async def update(self, *blocks: dict[str, Any]) -> None:
        """Change the view from the click that just came, as the bot does."""
        view = self._bot.payload["view"]
        await self._client.views_update(view_id=view["id"], hash=view["hash"], view=modal(*blocks))


@pytest.fixture
def form(client: AsyncWebClient, workspace: Workspace, bot: Bot) -> Form:
    return Form(client, workspace, bot)


def values_of(entry: dict[str, Any]) -> list[str]:
    return [chosen["value"] for chosen in entry["selected_options"]]


@pytest.mark.parametrize("kind", ["checkboxes", "multi_static_select"])
async def test_several_options_are_chosen_at_once(form: Form, kind: str) -> None:
    await form.open(several(kind))
    await form.ada.submits({"steps": ["Freeze the user", "mail", 1]})
    assert values_of(form.held["steps"]["a"]) == ["freeze", "mail", "end"]
    assert form.held["steps"]["a"]["type"] == kind


@pytest.mark.parametrize("kind", ["checkboxes", "multi_static_select"])
async def test_a_list_is_all_that_is_chosen(form: Form, kind: str) -> None:
    await form.open(several(kind, initial_options=STEPS[:2]), text_input("reason", "text"))
    assert "● Freeze the user | ● End sessions | Mail" in form.screen
    await form.ada.selects("steps", ["mail"])
    assert "Freeze the user | End sessions | ● Mail" in form.screen
    with pytest.raises(NotVisible, match="required"):
        await form.ada.submits({"steps": [], "reason": "x"})
    assert "●" not in form.screen


async def test_no_option_is_chosen_twice_or_over_the_most(form: Form) -> None:
    await form.open(several("multi_static_select", max_selected_items=2))
    for choice in (["freeze", "Freeze the user"], ["freeze", "end", "mail"], ["freeze", "burn"]):
        with pytest.raises(NotVisible):
            await form.ada.submits({"steps": choice})
    await form.ada.submits({"steps": ["freeze", "end"]})
    assert values_of(form.held["steps"]["a"]) == ["freeze", "end"]


@pytest.mark.parametrize(
    "element",
    [
        {"type": "radio_buttons", "options": STEPS},
        {"type": "static_select", "options": STEPS},
        {"type": "plain_text_input"},
        {"type": "users_select"},
    ],
)
async def test_elsewhere_one_thing_is_chosen(form: Form, element: dict[str, Any]) -> None:
    await form.open(field("one", element))
    with pytest.raises(NotVisible, match="one thing at a time"):
        await form.ada.submits({"one": ["freeze", "end"]})


@pytest.mark.parametrize("kind", ["radio_buttons", "static_select"])
async def test_one_option_is_brought(form: Form, kind: str) -> None:
    await form.open(field("one", {"type": kind, "options": STEPS}))
    with pytest.raises(NotVisible, match="required"):
        await form.ada.submits({})
    await form.ada.submits({"one": "End sessions"})
    assert form.held["one"]["a"]["selected_option"] == STEPS[1]


@pytest.mark.parametrize("who", ["eve", "U0EVE00001"])
async def test_a_person_is_chosen_by_name_or_id(form: Form, who: str) -> None:
    await form.open(field("who", {"type": "users_select"}))
    await form.ada.submits({"who": who})
    assert form.held["who"]["a"] == {"type": "users_select", "selected_user": "U0EVE00001"}


async def test_only_people_of_the_workspace_are_offered(form: Form, workspace: Workspace) -> None:
    await form.open(field("who", {"type": "users_select"}))
    workspace.person("eve").deleted = True
    for who in ("nobody", "eve"):
        with pytest.raises(NotVisible, match=who):
            await form.ada.submits({"who": who})


async def test_what_may_stay_empty_says_so(form: Form) -> None:
    await form.open(
        field("who", {"type": "users_select"}, optional=True),
        field("steps", {"type": "multi_static_select", "options": STEPS}, optional=True),
        field("how", {"type": "radio_buttons", "options": STEPS}, optional=True),
    )
    assert "who (optional): ( a person )" in form.screen
    await form.ada.submits({})
    assert form.held == {
        "who": {"a": {"type": "users_select", "selected_user": None}},
        "steps": {"a": {"type": "multi_static_select", "selected_options": []}},
        "how": {"a": {"type": "radio_buttons", "selected_option": None}},
    }


async def test_a_menu_in_a_section_is_dispatched(form: Form, bot: Bot) -> None:
    menu = {"type": "multi_static_select", "action_id": "m", "options": STEPS}
    await form.open(section("Steps", accessory=menu, block_id="b"))
    await form.ada.selects("m", ["end", "mail"])
    assert values_of(bot.payload["actions"][0]) == ["end", "mail"]
    assert values_of(form.held["b"]["m"]) == ["end", "mail"]


async def test_a_click_in_a_modal_brings_all_that_its_inputs_hold(form: Form, bot: Bot) -> None:
    await form.open(
        several("checkboxes", initial_options=STEPS[:1]),
        text_input("reason", "text"),
        actions(button("Next", "next", value="1"), block_id="row"),
    )
    await form.ada.presses("next")
    assert "channel" not in bot.payload
    assert bot.payload["container"] == {"type": "view", "view_id": bot.payload["view"]["id"]}
    assert values_of(form.held["steps"]["a"]) == ["freeze"]
    assert form.held["reason"]["text"] == {"type": "plain_text_input", "value": None}
    assert "row" not in form.held


async def test_a_click_in_a_message_brings_what_its_menus_hold_at_first(
    client: AsyncWebClient, workspace: Workspace, bot: Bot
) -> None:
    menu = {"type": "static_select", "action_id": "m", "options": STEPS, "initial_option": STEPS[2]}
    blocks = [actions(menu, button("Go", "go"), block_id="b")]
    await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    await workspace.actor("ada").presses("go")
    assert bot.payload["state"]["values"]["b"]["m"]["selected_option"] == STEPS[2]


async def test_opening_tells_nothing_of_what_the_inputs_hold(form: Form) -> None:
    view = await form.open(several("checkboxes", initial_options=STEPS[:1]))
    assert view["state"] == {"values": {}}


async def test_an_update_keeps_what_the_same_fields_held(form: Form) -> None:
    row = actions(button("Next", "next", value="1"))
    await form.open(several("checkboxes"), text_input("reason", "text"), row)
    await form.ada.selects("steps", ["mail"])
    await form.ada.selects("reason", "leaked")
    await form.ada.presses("next")
    await form.update(several("checkboxes"), text_input("reason", "other"), row)
    with pytest.raises(NotVisible, match="reason"):
        await form.ada.submits({})
    await form.ada.submits({"reason": "again"})
    assert values_of(form.held["steps"]["a"]) == ["mail"]
    assert form.held["reason"] == {"other": {"type": "plain_text_input", "value": "again"}}


async def test_a_new_initial_value_of_the_same_field_is_not_submitted(form: Form) -> None:
    """An empty required field stays empty, however the update fills it."""
    row = actions(button("Next", "next", value="1"))
    await form.open(several("multi_static_select"), row)
    await form.ada.presses("next")
    filled = several("multi_static_select", initial_options=STEPS[:1])
    await form.update(filled, row)
    with pytest.raises(NotVisible, match="required"):
        await form.ada.submits({})
    await form.ada.presses("next")
    await form.update(filled | {"block_id": "steps-2"}, row)
    await form.ada.submits({})
    assert values_of(form.held["steps-2"]["a"]) == ["freeze"]


async def test_another_kind_of_field_begins_anew(form: Form) -> None:
    row = actions(button("Next", "next", value="1"))
    await form.open(several("checkboxes"), row)
    await form.ada.selects("steps", ["mail"])
    await form.ada.presses("next")
    await form.update(field("steps", {"type": "radio_buttons", "options": STEPS}), row)
    with pytest.raises(NotVisible, match="required"):
        await form.ada.submits({})
