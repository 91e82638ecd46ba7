"""`users.*` and `usergroups.*`: who somebody is, and who is in a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.methods.method import Method

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.model import Json, Person
    from sandbox.slack.workspace import Workspace

_EMAIL_SCOPE = "users:read.email"


def info(workspace: Workspace, args: Arguments) -> Json:
    """Tell who somebody is."""
    person = workspace.people.get(args.required("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": _told(workspace, person)}


def lookup_by_email(workspace: Workspace, args: Arguments) -> Json:
    """Find a person by email address."""
    email = args.required("email").lower()
    for person in workspace.people.values():
        if person.email is not None and person.email.lower() == email and not person.deleted:
            return {"user": _told(workspace, person)}
    raise SlackError("users_not_found")


def group_members(workspace: Workspace, args: Arguments) -> Json:
    """Return the ids in a user group, which only paid plans have."""
    if not workspace.paid_plan:
        raise SlackError("paid_teams_only")
    group = workspace.groups.get(args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": [u for u in group.members if not workspace.people[u].deleted]}


def _told(workspace: Workspace, person: Person) -> Json:
    profile: Json = {"real_name": person.real_name, "display_name": person.name}
    if person.is_bot:
        profile |= {"bot_id": workspace.bot_id, "api_app_id": workspace.app_id}
    if person.email is not None and _EMAIL_SCOPE in workspace.scopes:
        profile["email"] = person.email
    told: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if not person.deleted:
        told |= {
            "tz": person.tz,
            "is_admin": person.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": person.is_restricted,
            "is_ultra_restricted": person.is_ultra_restricted,
            "is_email_confirmed": person.is_email_confirmed,
        }
    # Slack tells it of people from other workspaces only.
    if person.is_stranger or person.team_id != workspace.team_id:
        told["is_stranger"] = person.is_stranger
    return told


METHODS = {
    "users.info": Method(
        info, frozenset({"user", "include_locale"}), ("users:read",), json_allowed=False
    ),
    "users.lookupByEmail": Method(
        lookup_by_email, frozenset({"email"}), (_EMAIL_SCOPE,), json_allowed=False
    ),
    "usergroups.users.list": Method(
        group_members,
        frozenset({"usergroup", "include_disabled"}),
        ("usergroups:read",),
        json_allowed=False,
    ),
}
