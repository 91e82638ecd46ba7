"""The workspace of Acme, Inc.: a dozen people, their channels, and the bot."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.slack.model import Channel, Person, UserGroup
from sandbox.slack.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

TEAM = "T0ACME00001"
OTHER_TEAM = "T0GLOBEX001"
BOT_TOKEN = "xoxb-sandbox-acme-bot"
APP_TOKEN = "xapp-sandbox-acme-app"
SIGNING_SECRET = "sandbox-acme-signing-secret"
APPROVERS = "S0ITAPPROVERS"
GENERAL = "C0GENERAL01"
IT_CHANNEL = "C0ITAPPROVAL"
SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "im:write",
        "im:history",
        "users:read",
        "users:read.email",
        "usergroups:read",
        "channels:read",
        "groups:read",
    }
)


def _person(name: str, family: str, tz: str = "Europe/London") -> Person:
    return Person(
        id=f"U0{name.upper()}".ljust(9, "0") + "1",
        name=name,
        real_name=f"{name.capitalize()} {family}",
        email=f"{name}@acme.example",
        team_id=TEAM,
        tz=tz,
    )


def _people() -> list[Person]:
    ben = _person("ben", "Okafor")
    ben.is_admin = True
    gus = _person("gus", "Guestson")
    gus.is_restricted = gus.is_ultra_restricted = True
    sam = _person("sam", "Globex", "America/New_York")
    sam.team_id, sam.is_stranger = OTHER_TEAM, True
    una = _person("una", "Unsworth")
    una.is_email_confirmed = False
    return [
        _person("ada", "Lovelace"),
        ben,
        _person("ivan", "Petrov", "Europe/Berlin"),
        _person("iris", "Itou", "Asia/Tokyo"),
        _person("eve", "Moreau", "Europe/Paris"),
        gus,
        sam,
        una,
        _person("carl", "Jensen", "Europe/Copenhagen"),
        _person("dana", "Reyes", "America/Los_Angeles"),
        _person("omar", "Haddad", "Asia/Dubai"),
        _person("pia", "Nowak", "Europe/Warsaw"),
    ]


def acme(*, socket_mode: bool = False, clock: Callable[[], float] = time.time) -> Workspace:
    """Return a fresh Acme workspace.

    Ada works in sales, Ben is an admin, Ivan and Iris approve (`S0ITAPPROVERS`), Eve is nobody
    special, Gus a single-channel guest, Sam from another company, Una's email is unconfirmed.
    `#general` holds all; `#it-approvals` is private to IT and the bot.
    """
    workspace = Workspace(
        team_id=TEAM,
        bot_token=BOT_TOKEN,
        signing_secret=SIGNING_SECRET,
        scopes=set(SCOPES),
        app_token=APP_TOKEN if socket_mode else None,
        clock=clock,
    )
    people = [workspace.add_person(person) for person in _people()]
    bot = workspace.bot.id
    everyone = [person.id for person in people]
    it = [workspace.person(name).id for name in ("ivan", "iris")]
    workspace.add_channel(Channel(GENERAL, "general", [*everyone, bot]))
    workspace.add_channel(Channel(IT_CHANNEL, "it-approvals", [*it, bot], is_private=True))
    workspace.add_group(UserGroup(APPROVERS, "it-approvers", list(it)))
    return workspace
