"""The names that others rely on: each button has a listener, and the manifest is what is used."""

import inspect
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from bot.intake import dispatch
from bot.settings import Settings
from bot.wiring_web import Web, build_web
from handlers import (
    ask_it_messages,
    next_steps_messages,
    no_email_messages,
    not_me_messages,
    reset_messages,
    token_leak_messages,
)
from handlers.message import Message
from sandbox.salesforce.apps import key_pair
from sandbox.slack import seed
from sandbox.slack.methods import METHODS
from services.orgs import ResetMethod
from services.resets.model import Choice, Reset
from services.resets.states import State
from tests.unit.handlers.examples import (
    APPROVERS,
    IMPACT,
    IT_CHANNEL,
    LINK,
    NOW,
    QUESTION,
    a_reset,
    an_account,
)
from tests.unit.handlers.follow_up_examples import OPEN, a_follow_up

MANY = IMPACT.model_copy(update={"integrations": IMPACT.integrations * 10})
"""More than are listed, so there is a button to see all."""
PROJECT = Path(__file__).parents[2]
CONTRACT = {
    "reset.confirm",
    "reset.cancel",
    "reset.ask_it",
    "reset.not_me",
    "reset.no_email",
}
"""Promised to deployers and other systems. Breach reports will add theirs."""
CHOICE = Choice(id="c" * 32, org="production", user_id="005000000000001", username="ada@acme")


def messages() -> Iterator[Message]:
    """Every message that has buttons, in each of its shapes."""
    resets = [
        a_reset(state, method=method, account=an_account(proven=proven), choices=(CHOICE,))
        for state in State
        for method in ResetMethod
        for proven in (True, False)
    ]
    for reset in resets:
        asked = reset.model_copy(update={"question": QUESTION, "not_me_at": NOW})
        yield reset_messages.choose(reset)
        yield reset_messages.warning(reset, NOW, LINK)
        yield reset_messages.warning(reset.model_copy(update={"impact": MANY}), NOW, LINK)
        yield reset_messages.guided(reset, LINK)
        yield reset_messages.working(reset)
        yield reset_messages.cancelled(reset)
        yield reset_messages.expired(reset)
        yield reset_messages.refused(reset, IT_CHANNEL)
        yield from outcomes(reset)
        yield next_steps_messages.next_steps(reset, None, NOW)
        yield next_steps_messages.next_steps(reset, a_follow_up(OPEN), NOW)
        yield no_email_messages.no_email(reset, NOW, NOW)
        yield no_email_messages.offer_again(reset)
        yield ask_it_messages.sent(asked, IT_CHANNEL)
        yield ask_it_messages.card(asked, APPROVERS)
        yield ask_it_messages.card_answered(asked)
        yield ask_it_messages.card_closed(asked)
        yield ask_it_messages.reminder(asked, APPROVERS)
        yield ask_it_messages.please_wait(asked)
        yield not_me_messages.alert(asked, APPROVERS)
        yield not_me_messages.alert_closed(asked)
        yield not_me_messages.not_me_told(asked, IT_CHANNEL)
        yield not_me_messages.not_me_failed(asked)
    yield token_leak_messages.leaked("a" * 32)


def outcomes(reset: Reset) -> Iterator[Message]:
    if reset.state in {State.DONE, State.UNKNOWN, State.REPORTED, State.FAILED}:
        yield reset_messages.outcome(reset, NOW)
        yield reset_messages.outcome(reset, NOW, dm_refused=True, link=LINK)


def views() -> list[dict[str, Any]]:
    return [
        ask_it_messages.form("a" * 32),
        ask_it_messages.wait_form("a" * 32),
        ask_it_messages.loading_view(),
    ]


def action_ids(value: object) -> Iterator[str]:
    """Every id of something that can be pressed or chosen; a form's fields are only read."""
    if isinstance(value, dict):
        if value.get("type") == "input":
            return
        if "action_id" in value:
            yield str(value["action_id"])
        for inner in value.values():
            yield from action_ids(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from action_ids(inner)


ACTIONS = sorted(
    {one for message in messages() for one in action_ids(message.blocks)}
    | {one for view in views() for one in action_ids(view["blocks"])}
)
FORMS = sorted({view["callback_id"] for view in views() if view.get("submit")})


@pytest.fixture
async def web(redis_url: str) -> AsyncIterator[Web]:
    built = build_web(
        Settings.load(
            {
                "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
                "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
                "SLACK_API_URL": "http://127.0.0.1:1/api/",  # nobody answers there
                "REDIS_URL": redis_url,
                "SALESFORCE_LOGIN_URL": "http://127.0.0.1:1",
                "SALESFORCE_CONSUMER_KEY": "key",
                "SALESFORCE_PRIVATE_KEY": key_pair("names").private,
                "SALESFORCE_USERNAME": "bot@acme.example",
                "IT_CHANNEL": seed.IT_CHANNEL,
            }
        ),
        redis_url,
    )
    yield built
    await built.aclose()


def press(action_id: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0ADA", "team_id": "T1"},
        "team": {"id": "T1"},
        "api_app_id": "A1",
        "trigger_id": "1.2.3",
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
        "channel": {"id": "C1"},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": "0" * 32}],
    }


async def unknown(web: Web) -> int:
    """How many presses were answered as unknown."""
    rows = [row async for row in web.stores.audit_log.since(None)]
    return sum(row.why == "unknown_button" for row in rows)


def test_what_the_contract_promises_is_there_to_be_pressed() -> None:
    assert set(ACTIONS) >= CONTRACT


def test_every_button_in_the_source_was_seen_in_a_message() -> None:
    """A message that this test doesn't know would go unseen."""
    written = set()
    sources = (PROJECT / "handlers").glob("*.py")
    names = r'"((?:reset|ask_it|alert|breach|impact|follow)\.\w+)"'
    for path in sources:
        written |= set(re.findall(names, path.read_text()))
    assert written == {*ACTIONS, *FORMS}


@pytest.mark.parametrize("action_id", ACTIONS)
async def test_every_button_has_a_listener(web: Web, action_id: str) -> None:
    assert await _dispatch(web, press(action_id)) == 200
    assert await unknown(web) == 0


async def test_a_button_without_a_listener_would_be_seen(web: Web) -> None:
    assert await _dispatch(web, press("reset.nobody_listens")) == 200
    assert await unknown(web) == 1


@pytest.mark.parametrize("callback_id", FORMS)
async def test_every_form_has_a_listener(web: Web, callback_id: str) -> None:
    """An empty form is refused by its listener; the one for unknown forms just closes them."""
    payload = press("x") | {
        "type": "view_submission",
        "view": {
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": "0" * 32,
            "state": {"values": {}},
        },
    }
    assert "errors" in await _said(web, payload)
    payload["view"]["callback_id"] = "nobody.listens"
    assert "errors" not in await _said(web, payload)


async def _dispatch(web: Web, payload: dict[str, Any]) -> int:
    return (await _answer(web, payload)).status_code


async def _said(web: Web, payload: dict[str, Any]) -> str:
    return bytes((await _answer(web, payload)).body).decode()


async def _answer(web: Web, payload: dict[str, Any]) -> Response:
    return await dispatch(web.app, payload, {})


def manifest() -> dict[str, Any]:
    return dict(json.loads((PROJECT / "manifest.json").read_text()))


async def test_the_manifests_commands_are_those_that_are_listened_to(web: Web) -> None:
    commands = [one["command"] for one in manifest()["features"]["slash_commands"]]
    listened = set()
    for path in (PROJECT / "handlers").glob("*.py"):
        listened |= set(re.findall(r'app\.command\("(/[\w-]+)"\)', path.read_text()))
    assert set(commands) == listened == {"/reset-token"}
    for command in commands:
        body = {"command": command, "text": "nowhere", "user_id": "U1", "team_id": "T1"}
        assert "I know no org called" in await _said(web, body)


async def test_the_manifests_events_are_those_that_are_listened_to(web: Web) -> None:
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    listened = set()
    for path in (PROJECT / "handlers").glob("*.py"):
        listened |= set(re.findall(r'app\.event\("(\w+)"\)', path.read_text()))
    assert {event.partition(".")[0] for event in events} == listened
    for event in events:
        kind, _, where = event.partition(".")
        payload = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": "E1",
            "event": {"type": kind, "channel_type": where, "channel": "D1", "user": "U1"},
        }
        assert await _dispatch(web, payload) == 200


def methods_used() -> set[str]:
    """The Web API methods that the code calls, as Slack names them."""
    calls = re.compile(
        r"client\.((?:chat|users|usergroups|conversations|views)_\w+)\(|poster\.(\w+)\("
    )
    found = set()
    for path in (PROJECT / "services" / "slack").glob("*.py"):
        for one, other in calls.findall(path.read_text()):
            found.add(re.sub(r"_(?=[a-z]+_)|_(?=\w+$)", ".", one or other))
    return found


def test_the_methods_are_read_from_the_code_as_slack_names_them() -> None:
    used = methods_used()
    assert used <= set(METHODS)
    assert used >= {"chat.postMessage", "users.info", "usergroups.users.list", "views.open"}


def test_every_method_that_is_used_is_allowed_by_the_manifest() -> None:
    scopes = set(manifest()["oauth_config"]["scopes"]["bot"])
    for method in methods_used():
        needed = METHODS[method].scopes
        assert not needed or scopes & set(needed), method


def test_every_scope_of_the_manifest_is_used() -> None:
    scopes = set(manifest()["oauth_config"]["scopes"]["bot"])
    used = {scope for method in methods_used() for scope in METHODS[method].scopes}
    by_other_means = {"commands", "users:read.email"}  # a command; a field of users.info
    assert scopes <= used | by_other_means
    source = (PROJECT / "services" / "slack" / "people.py").read_text()
    assert 'profile.get("email")' in source


def test_the_sandbox_grants_what_the_manifest_asks_for_and_no_more() -> None:
    asked = manifest()
    workspace = seed.acme()
    assert set(asked["oauth_config"]["scopes"]["bot"]) == workspace.scopes == seed.SCOPES
    assert set(asked["settings"]["event_subscriptions"]["bot_events"]) == workspace.events
    commands = {one["command"] for one in asked["features"]["slash_commands"]}
    assert commands == workspace.commands
    shortcuts = asked["features"]["shortcuts"]
    assert {one["callback_id"] for one in shortcuts} == workspace.shortcuts
    assert all(one["type"] == "message" for one in shortcuts)


def test_a_button_carries_an_id_and_nothing_else() -> None:
    for message in messages():
        for value in values(message.blocks):
            assert re.fullmatch(r"[0-9a-f]{32}", value)


def values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("value"), str):
            yield value["value"]
        for inner in value.values():
            yield from values(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from values(inner)


def test_the_examples_cover_every_function_that_makes_a_message() -> None:
    source = inspect.getsource(messages) + inspect.getsource(outcomes) + inspect.getsource(views)
    modules = (ask_it_messages, next_steps_messages, not_me_messages, token_leak_messages)
    for module in modules:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and name != "refused_view":
                assert f".{name}(" in source, f"{module.__name__}.{name}"
