"""What Slack makes of a typed text before the bot gets it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.model import Channel, Person
    from sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(?<![\w@#&])([@#])([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)


def escaped(workspace: Workspace, typed: str) -> str:
    """Return a typed text with its entities and mentions escaped: `<@U…|name>`, `<#C…|name>`."""
    text = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub(lambda found: _mention(workspace, found.group(1), found.group(2)), text)


def _mention(workspace: Workspace, sign: str, name: str) -> str:
    found = _person(workspace, name) if sign == "@" else _channel(workspace, name)
    return f"<{sign}{found.id}|{found.name}>" if found else f"{sign}{name}"


def _person(workspace: Workspace, name: str) -> Person | None:
    """Find somebody as the client's suggestions do: by name or first name, in any case."""
    wanted = name.casefold()
    people = list(workspace.people.values())
    named = [person for person in people if person.name.casefold() == wanted]
    called = [person for person in people if _first_name(person) == wanted]
    return next(iter([*named, *called]), None)


def _first_name(person: Person) -> str:
    return person.real_name.partition(" ")[0].casefold()


def _channel(workspace: Workspace, name: str) -> Channel | None:
    return next((one for one in workspace.channels.values() if one.name == name), None)
