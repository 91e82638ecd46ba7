"""The modals that people have open."""

from __future__ import annotations

import copy
import json
import secrets
from typing import TYPE_CHECKING

from sandbox.slack import limits
from sandbox.slack.blocks import problems_of_modal
from sandbox.slack.errors import SlackError, refused_content
from sandbox.slack.inputs import initial_state, state_of
from sandbox.slack.model import Json, Modal
from sandbox.slack.timeline import name_blocks

if TYPE_CHECKING:
    from collections.abc import Callable


class Modals:
    """Open modals by view id; one for each person at a time."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._open: dict[str, Modal] = {}

    def of(self, user: str) -> Modal | None:
        """Return what this person has open."""
        return next((modal for modal in self._open.values() if modal.user == user), None)

    def open(self, user: str, view: object) -> Modal:
        """Open a modal over whatever the person had open."""
        checked = _checked(view)
        previous = self.of(user)
        if previous is not None:
            self.close(previous)
        modal = Modal(
            id=f"V0{secrets.token_hex(5).upper()}",
            user=user,
            view=checked,
            hash=_new_hash(),
            state=initial_state(checked["blocks"]),
        )
        self._open[modal.id] = modal
        self._changed()
        return modal

    def find(self, view_id: str | None, external_id: str | None) -> Modal:
        """Return an open modal by either id; refuse one that is closed or never was."""
        for modal in self._open.values():
            if view_id == modal.id or (external_id and external_id == modal.view["external_id"]):
                return modal
        raise SlackError("not_found")

    def update(self, modal: Modal, view: object, expected_hash: str | None = None) -> None:
        """Show another view in an open modal; refuse it when the modal changed meanwhile.

        What was entered stays where block id and action id stay the same.
        """
        if expected_hash is not None and expected_hash != modal.hash:
            raise SlackError("hash_conflict")
        modal.view = _checked(view)
        modal.state = state_of(modal.view["blocks"], modal.state)
        modal.errors = {}
        modal.hash = _new_hash()
        self._changed()

    def close(self, modal: Modal) -> None:
        """Close a modal."""
        self._open.pop(modal.id, None)
        self._changed()


def _checked(view: object) -> Json:
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    problems = problems_of_modal(view)
    if problems or not isinstance(view, dict):
        raise refused_content("invalid_arguments", problems)
    kept = copy.deepcopy(view)
    name_blocks(kept["blocks"], lambda: secrets.token_hex(3))
    defaults = {
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return defaults | kept


def _new_hash() -> str:
    return secrets.token_hex(8)


def as_slack_tells(modal: Modal, team_id: str, app_id: str, bot_id: str) -> Json:
    """Return a view as Slack's methods and payloads show it."""
    return copy.deepcopy(modal.view) | {
        "id": modal.id,
        "team_id": team_id,
        "app_id": app_id,
        "bot_id": bot_id,
        "hash": modal.hash,
        "root_view_id": modal.id,
        "previous_view_id": None,
        "app_installed_team_id": team_id,
        "state": {"values": copy.deepcopy(modal.state)},
    }
