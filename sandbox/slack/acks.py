"""What Slack does with the bot's ack of a command or a submitted modal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.model import Message
from sandbox.slack.response_urls import content_of

if TYPE_CHECKING:
    from sandbox.slack.dispatcher import Delivery
    from sandbox.slack.model import Channel, Json, Modal, Person
    from sandbox.slack.workspace import Workspace

SLACKBOT = "USLACKBOT"
BAD_ANSWER = "invalid_command_response"
BAD_VIEW_ANSWER = "invalid_response_action"


def take_command_ack(
    workspace: Workspace, person: Person, channel: Channel, command: str, delivery: Delivery
) -> str | None:
    """Show what a command's ack says, or Slack's own error; return that error."""
    error = delivery.error or _show_answer(workspace, person, channel, delivery.said)
    if error is not None:
        words = f'{command} failed with the error "{error}"'
        _post(workspace, channel, SLACKBOT, words, [], to=person.id)
    return error


def _show_answer(
    workspace: Workspace, person: Person, channel: Channel, said: Json | str | None
) -> str | None:
    if said is None or said == {}:
        return None
    answer = {"text": said} if isinstance(said, str) else said
    try:
        text, blocks = content_of(answer)
    except SlackError:
        return BAD_ANSWER
    to = None if answer.get("response_type") == "in_channel" else person.id
    _post(workspace, channel, workspace.bot.id, text, blocks, to=to)
    return None


def _post(
    workspace: Workspace,
    channel: Channel,
    user: str,
    text: str,
    blocks: list[Json],
    *,
    to: str | None,
) -> None:
    ts = workspace.timeline.next_ts()
    workspace.post(Message(channel.id, ts, user, text, blocks, to=to))


def take_submission_ack(workspace: Workspace, modal: Modal, delivery: Delivery) -> str | None:
    """Close, keep or change a submitted modal as the ack says; return why that failed."""
    if delivery.error is not None:
        return delivery.error
    said = delivery.said
    if said is None or said == {}:
        workspace.modals.close(modal)
        return None
    if not isinstance(said, dict):
        return BAD_VIEW_ANSWER
    match said.get("response_action"):
        case "clear":
            workspace.modals.close(modal)
            return None
        case "errors":
            return _mark_errors(workspace, modal, said.get("errors"))
        case "update":
            return _update(workspace, modal, said.get("view"))
        case _:
            return BAD_VIEW_ANSWER


def _mark_errors(workspace: Workspace, modal: Modal, errors: object) -> str | None:
    inputs = {block["block_id"] for block in modal.view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
        return BAD_VIEW_ANSWER
    modal.errors = {block: str(words) for block, words in errors.items()}
    workspace.changes.happened()
    return None


def _update(workspace: Workspace, modal: Modal, view: object) -> str | None:
    try:
        workspace.modals.update(modal, view)
    except SlackError:
        return BAD_VIEW_ANSWER
    return None
