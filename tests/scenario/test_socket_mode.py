"""The main story by Socket Mode: no public address, and no signing secret."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from bot.processes import answering, working
from bot.settings import Settings
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.serve import slack_serving
from sandbox.slack.workspace import Workspace
from tests.scenario.steps import TOKEN_MAIL, has
from tests.scenario.world import salesforce_settings, slack_settings


@pytest.fixture
async def connected(redis_url: str) -> AsyncIterator[tuple[Workspace, SeededOrg]]:
    """The whole program, as `python -m bot all` runs it."""
    async with contextlib.AsyncExitStack() as stack:
        org, slack = acme(), seed.acme(socket_mode=True)
        origin = await stack.enter_async_context(serving(create_app(org)))
        slack_origin = await stack.enter_async_context(slack_serving(slack))
        environ = slack_settings(slack_origin, redis_url)
        environ |= salesforce_settings({"production": org}, {"production": origin})
        environ |= {"SLACK_APP_TOKEN": seed.APP_TOKEN, "PORT": "0"}
        del environ["SLACK_SIGNING_SECRET"]
        settings = Settings.load(environ)
        await stack.enter_async_context(working(settings, redis_url))
        await stack.enter_async_context(answering(settings, redis_url))
        await slack.until(lambda: slack.dispatcher.hub and slack.dispatcher.hub.connected)
        yield slack, org


async def test_from_the_command_to_the_next_steps(
    connected: tuple[Workspace, SeededOrg],
) -> None:
    slack, org = connected
    ada = slack.actor("ada")
    result = await ada.types("/reset-token")
    assert (result.status, result.error) == (200, None)
    assert "Checking what depends on your token in Production…" in ada.sees("general")[0].plain
    warning = await ada.sees_soon(has("reset.confirm"), 10)
    assert (await ada.presses("reset.confirm", warning)).error is None
    await ada.sees_soon(TOKEN_MAIL, 10, channel="dm")
    done = await ada.sees_soon("Done.", channel="general")
    assert done.ts == warning.ts
    assert len(org.resets) == 1


async def test_forms_and_what_is_written_in_the_dm_come_this_way_too(
    connected: tuple[Workspace, SeededOrg],
) -> None:
    slack, org = connected
    ada = slack.actor("ada")
    await ada.types("/reset-token")
    await ada.presses("reset.ask_it", await ada.sees_soon(has("reset.ask_it"), 10))
    assert (await ada.submits({"question": "Which job uses it?"})).error is None
    await slack.actor("ivan").sees_soon(has("ask_it.go_ahead"), 10, channel="it-approvals")
    await ada.says("hunter2Kd9fTq2LmXw7RbYz4HsVnC3eP")
    await ada.sees_soon("looks like a security token", 10, channel="dm")
    assert org.resets == []


async def test_a_connection_that_slack_ends_is_opened_again(
    connected: tuple[Workspace, SeededOrg],
) -> None:
    slack, _ = connected
    hub = slack.dispatcher.hub
    assert hub is not None
    opened = len(slack.calls.to("apps.connections.open"))
    await hub.disconnect()
    await slack.until(
        lambda: hub.connected and len(slack.calls.to("apps.connections.open")) > opened, 20
    )
    ada = slack.actor("ada")
    assert (await ada.types("/reset-token help")).error is None
    assert "/reset-token status" in ada.sees("general")[-1].plain
