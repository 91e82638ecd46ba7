"""The fields of forms: Slack takes each, and what was entered comes back by block id."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import InputBlock

from handlers.blocks import modal
from handlers.click import option_chosen, options_chosen, person_chosen, typed
from handlers.form_fields import (
    choice_field,
    many_field,
    people_field,
    question,
    radio_field,
)
from sandbox.slack import seed
from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.workspace import Workspace
from tests.unit.handlers.limits import check_view
from tests.unit.handlers.strategies import TEXTS

WAYS = (("In a chat", "chat"), ("By mail", "mail"), ("I don't know", "unknown"))
LABELS = TEXTS | st.text(max_size=100)
OptionsField = Callable[[str, str, Sequence[tuple[str, str]]], InputBlock]


def view(*blocks: InputBlock) -> dict[str, Any]:
    return modal("A form", blocks, submit="Send", close="Back", callback_id="a.form")


def element(block: InputBlock) -> dict[str, Any]:
    made: dict[str, Any] = block.to_dict()["element"]
    return made


def numbered(count: int) -> list[tuple[str, str]]:
    return [(f"Option {number}", str(number)) for number in range(count)]


class Slack:
    """A workspace in which Ada has a form open."""

    def __init__(self, workspace: Workspace, *blocks: InputBlock) -> None:
        workspace.dispatcher.transport = self._take
        self.ada = workspace.actor("ada")
        workspace.modals.open(self.ada.person.id, view(*blocks))
        self.view: dict[str, Any] = {}

    async def _take(
        self, body: bytes, _headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        self.view = json.loads(parse_qs(body.decode())["payload"][0])["view"]
        return 200, {}, b""


@pytest.fixture
def workspace() -> Workspace:
    return seed.acme()


async def test_what_was_entered_comes_back(workspace: Workspace) -> None:
    slack = Slack(
        workspace,
        people_field("Whose account?", "whose"),
        choice_field("How was it noticed?", "noticed", WAYS),
        radio_field("How did it leak?", "leaked", WAYS),
        many_field("What else?", "else", WAYS),
        many_field("Which programs?", "programs", numbered(11)),
        question("What happened?", "story", hint="In your words", most=500),
    )
    await slack.ada.submits(
        {
            "whose": "eve",
            "noticed": "By mail",
            "leaked": "I don't know",
            "else": ["In a chat", "By mail"],
            "programs": ["10", "Option 2"],
            "story": "I pasted it",
        }
    )
    assert person_chosen(slack.view, "whose") == workspace.person("eve").id
    assert option_chosen(slack.view, "noticed") == "mail"
    assert option_chosen(slack.view, "leaked") == "unknown"
    assert options_chosen(slack.view, "else") == ("chat", "mail")
    assert options_chosen(slack.view, "programs") == ("10", "2")
    assert typed(slack.view, "story", "text") == "I pasted it"


async def test_what_is_filled_in_already_comes_back_too(workspace: Workspace) -> None:
    slack = Slack(
        workspace,
        people_field("Whose account?", "whose", initial="U0EVE00001"),
        choice_field("How was it noticed?", "noticed", WAYS, initial="mail"),
        radio_field("How did it leak?", "leaked", WAYS, initial="chat"),
        many_field("What else?", "else", WAYS, initial=["mail", "chat"]),
        many_field("Which programs?", "programs", numbered(11), initial=["7"]),
        question("What happened?", "story", hint="In your words", most=5, initial="as before"),
    )
    await slack.ada.submits({})
    assert person_chosen(slack.view, "whose") == "U0EVE00001"
    assert option_chosen(slack.view, "noticed") == "mail"
    assert option_chosen(slack.view, "leaked") == "chat"
    assert options_chosen(slack.view, "else") == ("chat", "mail")
    assert options_chosen(slack.view, "programs") == ("7",)
    assert typed(slack.view, "story", "text") == "as be"


FIELDS: list[Callable[[bool], InputBlock]] = [
    lambda optional: people_field("Label", "b", optional=optional),
    lambda optional: choice_field("Label", "b", WAYS, optional=optional),
    lambda optional: radio_field("Label", "b", WAYS, optional=optional),
    lambda optional: many_field("Label", "b", WAYS, optional=optional),
    lambda optional: many_field("Label", "b", numbered(11), optional=optional),
    lambda optional: question("Label", "b", hint="Hint", most=9, optional=optional),
]


@pytest.mark.parametrize("field", FIELDS)
async def test_an_optional_field_may_stay_empty_and_no_other(
    workspace: Workspace, field: Callable[[bool], InputBlock]
) -> None:
    with pytest.raises(NotVisible, match="required"):
        await Slack(workspace, field(False)).ada.submits({})
    slack = Slack(workspace, field(True))
    await slack.ada.submits({})
    assert person_chosen(slack.view, "b") is None
    assert option_chosen(slack.view, "b") == ""
    assert options_chosen(slack.view, "b") == ()
    assert typed(slack.view, "b", "text") == ""


def test_a_hint_stands_below() -> None:
    assert people_field("Whose?", "b", hint="Not yours").to_dict()["hint"]["text"] == "Not yours"
    assert "hint" not in people_field("Whose?", "b").to_dict()


@pytest.mark.parametrize(
    ("count", "kind"),
    [(1, "checkboxes"), (10, "checkboxes"), (11, "multi_static_select")],
)
def test_many_options_are_boxes_while_they_are_few(count: int, kind: str) -> None:
    assert element(many_field("Label", "b", numbered(count)))["type"] == kind


@pytest.mark.parametrize(
    ("field", "most"), [(choice_field, 100), (radio_field, 10), (many_field, 100)]
)
def test_as_many_options_as_slack_takes_and_no_more(field: OptionsField, most: int) -> None:
    check_view(view(field("Label", "b", numbered(most))))
    for count in (0, most + 1):
        with pytest.raises(SlackObjectFormationError):
            field("Label", "b", numbered(count))


def test_what_is_not_offered_any_more_is_not_chosen() -> None:
    assert "initial_option" not in element(choice_field("Label", "b", WAYS, initial="gone"))
    assert "initial_option" not in element(radio_field("Label", "b", WAYS, initial="gone"))
    assert "initial_options" not in element(many_field("Label", "b", WAYS, initial=["gone"]))


@given(st.lists(LABELS, min_size=1, max_size=12), st.data())
def test_slack_takes_every_label_that_comes_from_outside(
    labels: list[str], data: st.DataObject
) -> None:
    options = [(label, str(number)) for number, label in enumerate(labels)]
    initial = data.draw(st.sampled_from([value for _, value in options]))
    text = data.draw(TEXTS)
    check_view(
        view(
            choice_field("Label", "1", options, initial=initial),
            radio_field("Label", "2", options[:10], initial=initial),
            many_field("Label", "3", options, initial=[initial]),
            question("Label", "4", hint="Hint", most=100, initial=text),
        )
    )
