"""Who there is to be, and what each of them stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.slack.model import Json, Person
    from sandbox.slack.workspace import Workspace

FIRST = "ada"
"""Whose window opens when none is asked for."""

_LEADS = {
    "ada": "Sales",
    "ben": "Salesforce admin",
    "ivan": "IT approver",
    "iris": "IT approver",
    "eve": "A stranger",
}
_OTHERS = {
    "carl": "Two users in one org",
    "dana": "Matched by her username alone",
    "omar": "API only",
    "pia": "Inactive in Salesforce",
    "una": "Address not confirmed",
    "gus": "A guest",
    "sam": "Another company",
}


def cast(workspace: Workspace) -> list[Json]:
    """Return everybody who can be played, the leads first."""
    parts = [*_LEADS.items(), *_OTHERS.items()]
    return [
        _part(workspace.person(name), role, is_lead=name in _LEADS)
        for name, role in parts
        if any(person.name == name for person in workspace.people.values())
    ]


def _part(person: Person, role: str, *, is_lead: bool) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "realName": person.real_name,
        "role": role,
        "lead": is_lead,
    }


def names(workspace: Workspace) -> Json:
    """Return what ids read as: people, channels and user groups."""
    return {
        **{person.id: person.real_name for person in workspace.people.values()},
        **{channel.id: channel.name for channel in workspace.channels.values() if channel.name},
        **{group.id: group.handle for group in workspace.groups.values()},
    }
