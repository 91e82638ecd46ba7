"""What Slack makes of a typed text before the bot gets it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(?<![\w@#&])([@#])([a-z0-9][a-z0-9._-]*)")


def escaped(workspace: Workspace, typed: str) -> str:
    """Return a typed text with its entities and mentions escaped: `<@U…|name>`, `<#C…|name>`."""
    text = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub(lambda found: _mention(workspace, found.group(1), found.group(2)), text)


def _mention(workspace: Workspace, sign: str, name: str) -> str:
    if sign == "@":
        ids = {person.name: person.id for person in workspace.people.values()}
    else:
        ids = {channel.name: channel.id for channel in workspace.channels.values()}
    return f"<{sign}{ids[name]}|{name}>" if name in ids else f"{sign}{name}"
