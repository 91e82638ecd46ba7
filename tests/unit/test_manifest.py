"""The manifest is what is used: commands, shortcuts, events, scopes."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.wiring_web import Web
from sandbox.slack import seed
from sandbox.slack.methods import METHODS
from tests.unit.listening import PROJECT, a_web, dispatched, manifest, press, said


@pytest.fixture
async def web(redis_url: str) -> AsyncIterator[Web]:
    async with a_web(redis_url) as built:
        yield built


async def test_the_manifests_commands_are_those_that_are_listened_to(web: Web) -> None:
    commands = [one["command"] for one in manifest()["features"]["slash_commands"]]
    listened = set()
    for path in (PROJECT / "handlers").glob("*.py"):
        listened |= set(re.findall(r'app\.command\("(/[\w-]+)"\)', path.read_text()))
    assert set(commands) == listened == {"/reset-token"}
    for command in commands:
        body = {"command": command, "text": "nowhere", "user_id": "U1", "team_id": "T1"}
        assert "I know no org called" in await said(web, body)


def test_the_sandboxs_bot_is_called_as_the_manifest_says() -> None:
    assert seed.acme().bot.real_name == manifest()["features"]["bot_user"]["display_name"]


async def test_the_manifests_shortcuts_are_those_that_are_listened_to(web: Web) -> None:
    shortcuts = [one["callback_id"] for one in manifest()["features"]["shortcuts"]]
    listened = set()
    for path in (PROJECT / "handlers").glob("*.py"):
        listened |= set(re.findall(r'app\.message_shortcut\("([\w.]+)"\)', path.read_text()))
    assert set(shortcuts) == listened == {"breach.suspect"}
    used = press("x") | {
        "type": "message_action",
        "message": {"ts": "1.000002", "user": "U2"},
        "message_ts": "1.000002",
    }
    for callback_id in (*shortcuts, "nobody.listens"):
        assert await dispatched(web, used | {"callback_id": callback_id}) == 200
    whys = [row.why async for row in web.stores.audit_log.since(None)]
    assert whys == [*("form_failed" for _ in shortcuts), "unknown_button"]


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
        assert await dispatched(web, payload) == 200


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
