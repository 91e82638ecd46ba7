"""Shortcuts and buttons in modals: what every one has is checked, so reading it is never a 500."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.async_app import AsyncAck

from handlers.click import Click, Shortcut
from tests.unit.bot.door import Door

SHORTCUT: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "a.shortcut",
    "trigger_id": "1.2.abc",
    "user": {"id": "U1", "name": "ada", "team_id": "T1"},
    "team": {"id": "T1", "domain": "acme"},
    "enterprise": None,
    "channel": {"id": "C1", "name": "general"},
    "message_ts": "1700000000.000100",
    "message": {"type": "message", "user": "U2", "ts": "1700000000.000100", "text": "odd"},
    "action_ts": "1700000001.000100",
    "response_url": "https://hooks.slack.com/app/T1/1/x",
}
IN_A_MODAL: dict[str, Any] = {
    "type": "block_actions",
    "trigger_id": "1.2.abc",
    "user": {"id": "U1", "name": "ada", "team_id": "T1"},
    "team": {"id": "T1", "domain": "acme"},
    "container": {"type": "view", "view_id": "V1"},
    "view": {
        "type": "modal",
        "id": "V1",
        "hash": "1.abc",
        "callback_id": "a.form",
        "private_metadata": "",
        "state": {"values": {"who": {"user": {"selected_user": "U2"}}}},
    },
    "actions": [{"type": "button", "action_id": "a.button", "block_id": "b", "value": "1"}],
}
MISSING = "nothing at all"
ODD: tuple[object, ...] = (MISSING, None, [], {}, "", "x" * 300, 7, True, [[]])


class Heard:
    """What came through the door, as listeners read it."""

    def __init__(self) -> None:
        self.door = Door()
        self.used: list[Shortcut] = []
        self.pressed: list[Click] = []
        self.door.app.shortcut(re.compile(".*"))(self._shortcut)
        self.door.app.action(re.compile(".*"))(self._button)

    async def _shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.used.append(Shortcut.of(body))
        await ack()

    async def _button(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.pressed.append(Click.of(body))
        await ack()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def interaction(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def spoilt(value: object, odd: object) -> Iterator[Any]:
    """Copies in each of which one field, at any depth, is missing or odd."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for key, held in inner:
        whole: Any = copy.deepcopy(value)
        if odd == MISSING:
            del whole[key]
        else:
            whole[key] = odd
        yield whole
        for part in spoilt(held, odd):
            whole = copy.deepcopy(value)
            whole[key] = part
            yield whole


async def test_a_shortcut_gets_through_and_is_read(heard: Heard) -> None:
    assert (await heard.door.knock(interaction(SHORTCUT))).status_code == 200
    assert heard.used == [Shortcut.of(SHORTCUT)]


@pytest.mark.parametrize(
    "payload",
    [
        SHORTCUT | {"team": None, "user": {"id": "U1"}},
        SHORTCUT | {"message": {"ts": "1700000000.000100", "bot_id": "B1"}},
    ],
)
async def test_a_shortcut_of_an_organisation_or_on_a_bots_message_gets_through(
    heard: Heard, payload: dict[str, Any]
) -> None:
    assert (await heard.door.knock(interaction(payload))).status_code == 200
    assert len(heard.used) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"user": None},
        {"user": {"id": ""}},
        {"trigger_id": None},
        {"trigger_id": ""},
        {"callback_id": ["a"]},
        {"callback_id": ""},
        {"callback_id": "x" * 256},
        {"channel": None},
        {"channel": "C1"},
        {"channel": {"id": None}},
        {"channel": {"id": "C" * 65}},
        {"message": None},
        {"message": {"text": "no ts"}},
        {"message": {"ts": 1700000000.0001}},
        {"message": {"ts": "1.2", "user": {"id": "U1"}}},
        {"team": "T1"},
        {"team": {"id": "T1", "domain": 7}},
        {"response_url": ["https://hooks.slack.com/app/T1/1/x"]},
    ],
)
async def test_a_shortcut_that_lacks_what_each_has_is_400(
    heard: Heard, odd: dict[str, Any]
) -> None:
    answer = await heard.door.knock(interaction(SHORTCUT | odd))
    assert (answer.status_code, answer.json()) == (400, {"error": "malformed"})
    assert heard.used == []


async def test_a_button_in_a_modal_gets_through_without_a_channel(heard: Heard) -> None:
    assert (await heard.door.knock(interaction(IN_A_MODAL))).status_code == 200
    (click,) = heard.pressed
    assert (click.action_id, click.channel, click.trigger_id) == ("a.button", None, "1.2.abc")


@pytest.mark.parametrize("payload", [SHORTCUT, IN_A_MODAL], ids=["shortcut", "in a modal"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_no_field_of_an_interaction_that_is_missing_or_odd_is_a_500(
    heard: Heard, payload: dict[str, Any], odd: object
) -> None:
    answers = {}
    for number, one in enumerate(spoilt(payload, odd)):
        answers[number] = (await heard.door.knock(interaction(one))).status_code
    assert len(answers) > 20
    assert set(answers.values()) <= {200, 400, 404}
