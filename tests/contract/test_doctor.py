"""`doctor` against a Slack workspace and a real Valkey: all is well, and each fault is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console
from valkey import Valkey

from bot.doctor import lines, run
from bot.doctor_lines import Line, Mark
from bot.doctor_redis import redis_lines
from bot.doctor_slack import slack_lines
from bot.settings import Settings
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.model import Channel
from sandbox.slack.serve import slack_serving
from sandbox.slack.workspace import Workspace
from services.clock import utc_now
from services.slack import client
from services.slack.checks import MOST_MEMBERS, SlackChecks
from services.slack.people import People
from services.store.connection import connect
from services.store.health import Health

TOKEN = seed.BOT_TOKEN


def settings_of(origin: str, **changes: object) -> Settings:
    values: dict[str, object] = {
        "SLACK_BOT_TOKEN": SecretStr(TOKEN),
        "SLACK_API_URL": f"{origin}/api/",
        "IT_CHANNEL": seed.IT_CHANNEL,
        "IT_APPROVERS": seed.APPROVERS,
    }
    return Settings.model_validate(values | changes)


async def found(reading: AsyncIterator[Line]) -> list[Line]:
    return [line async for line in reading]


def faults(found: list[Line]) -> list[str]:
    return [str(line) for line in found if line.mark is Mark.FAULT]


@pytest.fixture
def workspace() -> Workspace:
    return seed.acme()


async def ask_slack(workspace: Workspace, **changes: object) -> list[Line]:
    async with slack_serving(workspace) as origin:
        settings = settings_of(origin, **changes)
        web = client.build(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        return await found(slack_lines(SlackChecks(web), People(web), settings))


async def test_a_workspace_in_order_has_no_faults(workspace: Workspace) -> None:
    lines = await ask_slack(workspace)
    assert faults(lines) == []
    told = "\n".join(map(str, lines))
    assert "all 9 of manifest.json are granted" in told
    assert "is private, not shared, and the bot is in it" in told
    assert "has no guests" in told
    assert "is a user group of 2" in told
    assert "2 of 2 people are in IT_CHANNEL" in told


async def test_a_wrong_token_is_told_and_ends_the_rest(workspace: Workspace) -> None:
    workspace.bot_token = "xoxb-another"
    lines = await ask_slack(workspace)
    assert [line.mark for line in lines] == [Mark.FAULT, Mark.NOT_CHECKED]
    assert "invalid_auth" in lines[0].found
    assert TOKEN not in "".join(map(str, lines))


async def test_a_removed_app_is_told(workspace: Workspace) -> None:
    workspace.installed = False
    assert "account_inactive" in faults(await ask_slack(workspace))[0]


async def test_a_missing_scope_is_named(workspace: Workspace) -> None:
    workspace.scopes.discard("usergroups:read")
    told = faults(await ask_slack(workspace))
    assert any("not granted: usergroups:read." in one for one in told)
    assert any(seed.APPROVERS in one and "missing_scope" in one for one in told)


async def test_the_app_token_is_tried() -> None:
    workspace = seed.acme(socket_mode=True)
    good = await ask_slack(workspace, SLACK_APP_TOKEN=SecretStr(seed.APP_TOKEN))
    assert faults(good) == []
    assert any("Socket Mode can connect" in line.found for line in good)
    (told,) = faults(await ask_slack(workspace, SLACK_APP_TOKEN=SecretStr("xapp-another")))
    assert "app token" in told
    assert "connections:write" in told


async def test_a_public_channel_is_a_fault(workspace: Workspace) -> None:
    workspace.channel("it-approvals").is_private = False
    (told,) = faults(await ask_slack(workspace))
    assert "public" in told


async def test_a_channel_shared_with_another_company_is_a_fault(workspace: Workspace) -> None:
    channel = workspace.channel("it-approvals")
    channel.is_ext_shared = True
    channel.members.append(workspace.person("sam").id)
    told = faults(await ask_slack(workspace))
    assert any("is shared with another company" in one for one in told)
    assert any("1 of its members" in one for one in told)


async def test_a_guest_in_the_channel_is_a_fault(workspace: Workspace) -> None:
    workspace.channel("it-approvals").members.append(workspace.person("gus").id)
    (told,) = faults(await ask_slack(workspace))
    assert "guests" in told


@pytest.mark.parametrize("channel", ["C0NOSUCHONE", "C0WITHOUTBOT"])
async def test_a_channel_that_the_bot_cant_see_is_a_fault(
    workspace: Workspace, channel: str
) -> None:
    workspace.add_channel(Channel("C0WITHOUTBOT", "secret", [], is_private=True))
    (told,) = faults(await ask_slack(workspace, IT_CHANNEL=channel))
    assert "channel_not_found" in told
    assert "/invite" in told


async def test_a_crowded_channel_is_looked_at_in_part(workspace: Workspace) -> None:
    workspace.rate_limits.off()
    crowd = [replace(workspace.person("ada"), id=f"U0CROWD{number:03}") for number in range(250)]
    workspace.channel("it-approvals").members += [workspace.add_person(one).id for one in crowd]
    lines = await ask_slack(workspace)
    assert faults(lines) == []
    assert any("it has more" in line.found for line in lines)
    assert workspace.calls.counts()["users.info"] == MOST_MEMBERS


async def test_an_empty_or_unknown_group_is_a_fault(workspace: Workspace) -> None:
    workspace.groups[seed.APPROVERS].members.clear()
    told = faults(await ask_slack(workspace, IT_APPROVERS=f"{seed.APPROVERS},S0NOSUCHONE"))
    assert any("without members" in one for one in told)
    assert any("no_such_subteam" in one for one in told)


async def test_groups_need_a_paid_plan(workspace: Workspace) -> None:
    workspace.paid_plan = False
    (told,) = faults(await ask_slack(workspace))
    assert "paid plan" in told


async def test_each_approver_is_looked_at(workspace: Workspace) -> None:
    ids = [workspace.person(name).id for name in ("ivan", "gus", "sam", "iris")]
    workspace.person("iris").deleted = True
    told = faults(await ask_slack(workspace, IT_APPROVERS=",".join([*ids, "U0NOBODY001"])))
    assert len(told) == 4
    assert "is a guest" in told[0]
    assert "another company" in told[1]
    assert "deactivated" in told[2]
    assert "user_not_found" in told[3]


async def test_approvers_outside_the_channel_are_a_fault(workspace: Workspace) -> None:
    outside = ",".join(workspace.person(name).id for name in ("ada", "ben"))
    (told,) = faults(await ask_slack(workspace, IT_APPROVERS=outside))
    assert "none of them is in IT_CHANNEL" in told


async def test_too_few_approvers_for_an_admin_are_a_fault(workspace: Workspace) -> None:
    alone = workspace.person("ivan").id
    (told,) = faults(await ask_slack(workspace, IT_APPROVERS=alone))
    assert "takes 2 approvers, and there are 1" in told
    assert faults(await ask_slack(workspace, IT_APPROVERS=alone, BREACH_ADMIN_APPROVERS="1")) == []


async def test_the_group_that_hears_last_is_looked_at(workspace: Workspace) -> None:
    lines = await ask_slack(workspace, BREACH_ESCALATION=seed.APPROVERS)
    assert any(line.subject == f"BREACH_ESCALATION {seed.APPROVERS}" for line in lines)
    (told,) = faults(await ask_slack(workspace, BREACH_ESCALATION="S0NOBODY"))
    assert "no_such_subteam" in told


async def test_a_refused_read_doesnt_stop_the_others(workspace: Workspace) -> None:
    workspace.faults.add("conversations.info", Fault(error="access_denied"))
    lines = await ask_slack(workspace)
    (told,) = faults(lines)
    assert "access_denied" in told
    assert any("is a user group of 2" in line.found for line in lines)


async def test_slack_that_cant_be_reached_is_a_line() -> None:
    web = client.build(TOKEN, "http://127.0.0.1:9/api/")
    reading = slack_lines(SlackChecks(web), People(web), settings_of("http://127.0.0.1:9"))
    lines = await found(reading)
    assert [line.mark for line in lines] == [Mark.FAULT, Mark.NOT_CHECKED]
    assert "Slack didn't answer" in lines[0].found


@pytest.fixture
def durable(redis_url: str) -> Iterator[Valkey]:
    """The server, set up as the embedded one of the program is; put back afterwards."""
    with Valkey.from_url(redis_url) as server:
        server.config_set("appendfsync", "always")
        yield server
        server.config_set("appendfsync", "no")
        server.config_set("maxmemory-policy", "noeviction")


async def ask_redis(url: str) -> list[Line]:
    async with connect(url) as redis:
        return await found(redis_lines(Health(redis), url))


async def test_a_server_in_order_with_a_worker_has_no_faults(
    durable: Valkey, redis_url: str
) -> None:
    assert durable.ping()
    async with connect(redis_url) as redis:
        await Health(redis).saw_worker(utc_now())
    lines = await ask_redis(redis_url)
    assert [line.mark for line in lines] == [Mark.OK] * 5
    assert "Valkey" in lines[0].found


async def test_no_worker_is_a_fault(durable: Valkey, redis_url: str) -> None:
    assert durable.ping()
    (told,) = faults(await ask_redis(redis_url))
    assert "python -m bot worker" in told


async def test_a_server_that_forgets_is_a_fault(durable: Valkey, redis_url: str) -> None:
    durable.config_set("appendfsync", "no")
    durable.config_set("maxmemory-policy", "allkeys-lru")
    told = faults(await ask_redis(redis_url))
    assert any("half a minute" in one for one in told)
    assert any("noeviction" in one for one in told)


async def test_a_server_that_wont_tell_is_no_fault(durable: Valkey, redis_url: str) -> None:
    durable.acl_setuser(
        "hosted",
        enabled=True,
        passwords=["+pass"],
        keys=["*"],
        categories=["+@all"],
        commands=["-config"],
    )
    url = redis_url.replace("unix://", "unix://hosted:pass@")
    try:
        lines = await ask_redis(url)
    finally:
        durable.acl_deluser("hosted")
    assert len(faults(lines)) == 1  # no worker
    assert any(line.mark is Mark.NOT_CHECKED and "on disk" in line.found for line in lines)


async def test_redis_that_cant_be_reached_is_a_line() -> None:
    lines = await ask_redis("redis://:geheim@127.0.0.1:9")
    assert [line.mark for line in lines] == [Mark.FAULT, Mark.NOT_CHECKED]
    assert "geheim" not in "".join(map(str, lines))


async def test_without_redis_url_and_a_running_bot_redis_is_not_checked(tmp_path: Path) -> None:
    settings = settings_of("http://127.0.0.1:9", DATA_DIR=str(tmp_path), IT_APPROVERS="")
    async with asyncio.timeout(10):
        told = await found(lines(settings))
    assert told[-1].mark is Mark.NOT_CHECKED
    assert "REDIS_URL is unset" in told[-1].found
    assert any("nobody can answer" in line.found for line in told)


async def printed(settings: Settings, redis_url: str) -> tuple[int, list[str]]:
    console = Console(file=StringIO(), width=60)
    code = await run(settings, redis_url, console)
    assert isinstance(console.file, StringIO)
    return code, console.file.getvalue().splitlines()


async def test_it_prints_a_line_a_check_and_exits_1_on_a_fault(
    workspace: Workspace, durable: Valkey, redis_url: str
) -> None:
    async with slack_serving(workspace) as origin, connect(redis_url) as redis:
        await Health(redis).saw_worker(utc_now())
        code, text = await printed(settings_of(origin), redis_url)
        assert (code, text[-1]) == (0, "No faults.")
        assert all(line[:2] in {"✓ ", "– "} for line in text[:-1])  # noqa: RUF001

        durable.config_set("maxmemory-policy", "allkeys-lru")
        code, text = await printed(settings_of(origin, PAUSED="[red]Upgrade"), redis_url)
        assert (code, text[-1]) == (1, "1 fault.")
        (told,) = [line for line in text if line.startswith("✗ ")]
        assert told.endswith("Set maxmemory-policy noeviction.")
        assert any("PAUSED is set" in line for line in text)
