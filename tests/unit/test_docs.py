"""The guides say what the code does: settings, scopes, keys, metrics, commands, links."""

import inspect
import json
import re
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic.fields import FieldInfo

from bot import settings
from bot.cli import cli
from services.cases.states import CaseMove
from services.resets.states import Move
from services.salesforce import permissions
from services.store import keys
from services.store.changes import JobName

ROOT = Path(__file__).resolve().parents[2]

GUIDES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.as_posix()
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_of(text: str, *, below: str) -> list[list[str]]:
    """The cells of the first table below a heading, its head left out."""
    table: list[list[str]] = []
    for line in f"\n{text}".partition(f"\n{below}\n")[2].splitlines():
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            break
    return table[2:]


def in_code(cell: str) -> str:
    found = re.match(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


def slug(heading: str) -> str:
    """An anchor as GitHub makes it."""
    plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def prose_of(path: Path) -> str:
    """A guide without its blocks of code."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors_of(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose_of(path), flags=re.MULTILINE)
    return {slug(heading) for heading in headings}


SETTINGS = {in_code(row[0]): row for row in rows_of(text_of("README.md"), below="## Settings")}


def test_the_readme_lists_every_setting_once() -> None:
    listed = [in_code(row[0]) for row in rows_of(text_of("README.md"), below="## Settings")]
    assert sorted(listed) == sorted(settings.variables())


def test_the_example_file_lists_every_setting() -> None:
    listed = re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(settings.variables())


def test_the_heroku_app_describes_every_setting() -> None:
    described = json.loads(text_of("app.json"))["env"]
    assert sorted(described) == sorted(settings.variables())
    assert all(one["description"] for one in described.values())


@pytest.mark.parametrize(("name", "field"), sorted(settings.variables().items()))
def test_the_readme_gives_the_default_of_a_setting(name: str, field: FieldInfo) -> None:
    _, meaning, told = SETTINGS[name]
    assert meaning
    default: Any = field.default
    if field.is_required():
        assert told == "required"
    elif default is None or default == ():
        assert told.startswith("unset")
    else:
        value = default.value if isinstance(default, Enum) else default
        value = ",".join(value) if isinstance(value, tuple) else value
        assert told == f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_scope_and_event_of_the_manifest_has_its_reason() -> None:
    manifest = json.loads(text_of("manifest.json"))
    guide = text_of("docs/slack-setup.md")
    scopes = rows_of(guide, below="### Why each scope")
    events = rows_of(guide, below="### Why each event")
    assert [in_code(row[0]) for row in scopes] == manifest["oauth_config"]["scopes"]["bot"]
    wanted = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert [in_code(row[0]) for row in events] == wanted
    assert all(row[1] for row in scopes + events)


def test_every_key_in_redis_is_described() -> None:
    listed = {
        in_code(row[0]).partition("<")[0]
        for row in rows_of(text_of("docs/data.md"), below="# Data")
    }
    constants = {value for name, value in vars(keys).items() if name.isupper()}
    functions = {
        function(*["x" for _ in inspect.signature(function).parameters]).partition(":")[0] + ":"
        for _, function in inspect.getmembers(keys, inspect.isfunction)
    }
    assert listed == constants | functions | {"resets:…"}


def test_every_permission_that_an_error_names_is_explained() -> None:
    rows = rows_of(text_of("docs/salesforce-setup.md"), below="## 2. The integration user")
    named = {value for name, value in vars(permissions).items() if name.isupper()}
    assert named
    assert named == {row[0] for row in rows}


def test_every_metric_and_route_is_described() -> None:
    source = text_of("bot/web.py")
    guide = text_of("docs/operations.md")
    made = set(re.findall(r'"((?:slack|alert|reset)_[a-z_]+)"', source))
    metrics = rows_of(guide, below="## Metrics")
    told = {in_code(row[0]).partition("{")[0].removesuffix("_total") for row in metrics}
    assert told == made
    routes = {in_code(row[0]).partition(" ")[2] for row in rows_of(guide, below="## Routes")}
    assert routes == set(re.findall(r'Route\("([^"]+)"', source))


def test_every_alarm_names_a_move_or_a_log_event_that_exists() -> None:
    guide = text_of("docs/operations.md")
    moves = set(re.findall(r'move="([a-z_]+)"', guide)) | set(re.findall(r"`(breach_\w+)`", guide))
    assert moves
    assert moves <= {*Move, *CaseMove}
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "handlers", "services")
        for path in (ROOT / folder).rglob("*.py")
    )
    parts = {"job", "alert", "case", "slack", "store", "relay", "salesforce", "follow_up"}
    events = {
        name
        for name in re.findall(r"`([a-z]+[._][a-z_.]+)`", guide)
        if ("." in name and name.partition(".")[0] in parts) or name == "user_session_not_ended"
    }
    assert events
    assert {name for name in events if f'"{name}"' not in code} == set()


def test_every_job_of_a_case_is_described_once() -> None:
    source = text_of("bot/wiring_cases.py")
    names = re.findall(r"handlers\.((?:breach|containment)\w*)", source)
    modules = [text_of(f"handlers/{name}.py") for name in names]
    registered = re.findall(r"register\(JobName\.([A-Z_]+)", "".join(modules))
    rows = rows_of(text_of("docs/operations.md"), below="## Breach reports")
    told = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row[0])]
    assert registered
    assert sorted(told) == sorted(JobName[name] for name in registered)


def test_every_command_is_described_and_exists() -> None:
    existing = {
        command.name or (command.callback.__name__ if command.callback else "")
        for command in cli.registered_commands
    }
    told = {
        in_code(row[0]).removeprefix("python -m bot ")
        for row in rows_of(text_of("docs/operations.md"), below="## Processes")
    }
    assert told == existing


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_in_a_guide_exists(guide: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), flags=re.MULTILINE))
    told = re.findall(
        r"(?:`|^)make ([a-z]+)", guide.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert set(told) <= targets


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_in_a_guide_leads_somewhere(guide: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(guide)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (guide.parent / path).resolve() if path else guide
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            lost.append(target)
    assert lost == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", text_of("SECURITY.md"))
    assert len(named) > 10
    assert [one for one in named if not (ROOT / one).is_file()] == []
