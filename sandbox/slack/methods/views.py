"""`views.*`: open a modal with a trigger id, and change it while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.methods.method import Method
from sandbox.slack.modals import as_slack_tells

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Json, Modal
    from sandbox.slack.workspace import Workspace


def open_view(workspace: Workspace, args: Arguments) -> Json:
    """Open a modal for the person whose action gave the trigger id."""
    user = workspace.triggers.exchange(args.required("trigger_id"), workspace.clock())
    return _told(workspace, workspace.modals.open(user, args.structure("view", "invalid_json")))


def update(workspace: Workspace, args: Arguments) -> Json:
    """Show another view in a modal that is still open."""
    modal = workspace.modals.find(args.string("view_id"), args.string("external_id"))
    view = args.structure("view", "invalid_json")
    workspace.modals.update(modal, view, args.string("hash"))
    return _told(workspace, modal)


def _told(workspace: Workspace, modal: Modal) -> Json:
    told = as_slack_tells(modal, workspace.team_id, workspace.app_id, workspace.bot_id)
    # What the inputs hold comes with a click or a submission only (Slack's examples).
    return {"view": told | {"state": {"values": {}}}}


METHODS = {
    "views.open": Method(open_view, frozenset({"trigger_id", "view"})),
    "views.update": Method(update, frozenset({"view_id", "external_id", "view", "hash"})),
}
