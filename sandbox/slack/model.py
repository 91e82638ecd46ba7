"""What a workspace is made of: people, channels, messages, modals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Blocks = list[Json]


@dataclass(slots=True)
class Person:
    """A member, guest, stranger or bot, with the attributes that `users.info` tells of."""

    id: str
    name: str
    real_name: str
    email: str | None
    team_id: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False


@dataclass(slots=True)
class Channel:
    """A public or private channel, or a DM (`is_im`), with its members' ids."""

    id: str
    name: str
    members: list[str]
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    is_im: bool = False

    @property
    def scope_prefix(self) -> str:
        """How the scopes for this kind of conversation begin: `channels`, `groups` or `im`."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"


@dataclass(slots=True)
class UserGroup:
    """A user group, such as the one that holds the approvers."""

    id: str
    handle: str
    members: list[str]


@dataclass(slots=True)
class Message:
    """A message in a channel or DM; an ephemeral one when `to` names its only reader."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: Blocks
    to: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited: bool = False
    # What each reader has chosen or typed in the message's inputs: user → block → action → value.
    state: dict[str, dict[str, Json]] = field(default_factory=dict)


@dataclass(slots=True)
class Modal:
    """A modal that a person has open: the view as the bot gave it, and what its inputs hold."""

    id: str
    user: str
    view: Json
    hash: str
    state: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
