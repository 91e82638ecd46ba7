"""`auth.test` and `apps.connections.open`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.methods.method import Method

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Json
    from sandbox.slack.workspace import Workspace


def auth_test(workspace: Workspace, _args: Arguments) -> Json:
    """Tell whose token this is."""
    return {
        "url": f"{workspace.origin}/",
        "team": workspace.team_name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(workspace: Workspace, _args: Arguments) -> Json:
    """Return the address of a WebSocket for Socket Mode, good for one connection."""
    hub = workspace.dispatcher.hub
    if hub is None:
        raise SlackError("internal_error")
    return {"url": hub.new_address()}


METHODS = {
    "auth.test": Method(auth_test, frozenset()),
    "apps.connections.open": Method(connections_open, frozenset(), app_token=True),
}
