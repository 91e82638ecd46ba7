"""The files that others read: Heroku's, Slack's, make's and .env.example agree with the program."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bot.settings import Role, Settings, variables
from bot.settings_errors import SettingsError

PROJECT = Path(__file__).parents[3]
COMMANDS = {"web", "worker", "all", "doctor", "audit", "sandbox"}
REQUIRED = {
    "SLACK_BOT_TOKEN",
    "SALESFORCE_CONSUMER_KEY",
    "SALESFORCE_PRIVATE_KEY",
    "SALESFORCE_USERNAME",
    "IT_CHANNEL",
}


def read_json(name: str) -> dict[str, Any]:
    return dict(json.loads((PROJECT / name).read_text()))


def test_every_variable_is_described_to_the_program_itself() -> None:
    for name, field in variables().items():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", name)
        assert field.description, name
        assert field.examples, name


def test_app_json_describes_every_variable_and_no_other() -> None:
    env = read_json("app.json")["env"]

    assert set(env) == set(variables())
    assert all(entry["description"] for entry in env.values())
    assert {name for name, entry in env.items() if entry["required"]} == REQUIRED
    assert not any("generator" in entry for entry in env.values())


def test_app_json_presets_only_the_certificate_check_and_says_why() -> None:
    env = read_json("app.json")["env"]

    assert {name for name, entry in env.items() if "value" in entry} == {"REDIS_TLS_VERIFY"}
    assert env["REDIS_TLS_VERIFY"]["value"] == "false"
    assert "self-signed" in env["REDIS_TLS_VERIFY"]["description"]


def test_what_the_program_requires_is_what_app_json_requires() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"SLACK_APP_TOKEN": "xapp-1"})

    assert {problem.name for problem in caught.value.problems} == REQUIRED


def test_app_json_runs_each_process_of_the_procfile_on_dynos_that_never_sleep() -> None:
    app = read_json("app.json")

    assert set(app["formation"]) == set(procfile()) - {"release"} == {Role.WEB, Role.WORKER}
    assert all(process["quantity"] == 1 for process in app["formation"].values())
    assert not {"eco", "free"} & {process["size"] for process in app["formation"].values()}
    assert app["addons"] == [{"plan": "heroku-redis:premium-0"}]
    assert app["environments"]["test"]["scripts"] == {"test": "make test"}


def procfile() -> dict[str, str]:
    lines = (PROJECT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_the_procfile_speaks_the_programs_commands() -> None:
    for line in procfile().values():
        assert line.startswith("python -m bot ")
        assert line.split()[3] in COMMANDS
    assert procfile()["release"] == "python -m bot doctor --settings-only"


def test_heroku_is_given_a_python_that_the_project_allows() -> None:
    chosen = (PROJECT / ".python-version").read_text().strip()
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">=3.11"
    assert tuple(map(int, chosen.split("."))) >= (3, 11)
    assert (PROJECT / "uv.lock").exists()


def test_env_example_names_every_variable_and_leaves_the_required_ones_open() -> None:
    text = (PROJECT / ".env.example").read_text()
    named = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)

    assert sorted(named) == sorted(variables())
    filled_in = dotenv_values(PROJECT / ".env.example")
    assert set(filled_in) == REQUIRED | {"SLACK_APP_TOKEN", "IT_APPROVERS"}
    assert not any(filled_in.values())


def test_env_examples_defaults_are_the_programs() -> None:
    text = (PROJECT / ".env.example").read_text()
    shown = dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.+)$", text, re.MULTILINE))
    for name in ("SALESFORCE_TRUSTED_NETWORKS", "REDIS_URL", "LOG_FORMAT"):
        del shown[name]  # examples; the default is none

    for name, value in shown.items():
        default = variables()[name].default
        if isinstance(default, tuple):
            default = ",".join(default)
        assert value == (str(default).lower() if isinstance(default, bool) else str(default)), name


def test_the_manifest_asks_for_these_scopes_and_no_more() -> None:
    scopes = read_json("manifest.json")["oauth_config"]["scopes"]

    assert set(scopes) == {"bot"}
    assert sorted(scopes["bot"]) == [
        "channels:read",
        "chat:write",
        "commands",
        "groups:read",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    ]


def test_the_manifest_lets_people_write_to_the_bot_and_name_people() -> None:
    manifest = read_json("manifest.json")

    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == "/reset-token"
    assert command["should_escape"] is True
    assert command["usage_hint"]
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False
    assert manifest["features"]["bot_user"]["display_name"] == "Reset Token"
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["message.im"]
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["org_deploy_enabled"] is False
    assert manifest["settings"]["token_rotation_enabled"] is False


def test_the_manifest_is_within_slacks_limits() -> None:
    shown = read_json("manifest.json")["display_information"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000


def test_slack_run_starts_what_make_run_does() -> None:
    hooks = read_json(".slack/hooks.json")

    assert set(hooks["hooks"]) == {"get-manifest", "start"}
    assert hooks["hooks"]["start"].endswith("make run'")
    assert hooks["config"]["sdk-managed-connection-enabled"] is True


def test_make_help_lists_every_target() -> None:
    text = (PROJECT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    described = re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE)

    assert sorted(described) == sorted(phony.split())


def test_ci_runs_make_test() -> None:
    script = PROJECT / ".ci" / "run"

    assert script.stat().st_mode & 0o111 == 0o111
    assert "make test" in script.read_text()
