"""The people and service accounts of an org, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from ipaddress import IPv4Network, IPv6Network

PERMISSIONS = (
    "ApiEnabled",
    "ApiUserOnly",
    "AuthorApex",
    "CustomizeApplication",
    "FreezeUsers",
    "IsSsoEnabled",
    "ManageUsers",
    "ModifyAllData",
    "MonitorLoginHistory",
    "ResetPasswords",
    "TwoFactorApi",
    "ViewAllData",
    "ViewSetup",
)
"""Those that the sandbox knows; each is a field `Permissions…` of Profile and PermissionSet."""


@dataclass(eq=False)
class PermissionSet:
    """Permissions beside the profile's; each profile owns one such set too, as in Salesforce."""

    id: str
    name: str
    permissions: frozenset[str] = frozenset()
    is_owned_by_profile: bool = False
    label: str = ""


@dataclass(eq=False)
class Profile:
    """What every user has exactly one of."""

    id: str
    name: str
    permission_set: PermissionSet
    login_ip_ranges: list[IPv4Network | IPv6Network] = field(default_factory=list)
    """With any, passwords log in from there alone, and need no security token."""

    @property
    def permissions(self) -> frozenset[str]:
        """The names from `PERMISSIONS` that it grants."""
        return self.permission_set.permissions


@dataclass(eq=False)
class Assignment:
    """A row of PermissionSetAssignment."""

    id: str
    assignee: User
    permission_set: PermissionSet
    is_active: bool = True
    """False once it has expired: the row stays, and grants nothing."""


@dataclass(eq=False)
class User:
    """A row of User, with what only Salesforce itself would know."""

    id: str
    username: str
    email: str
    name: str
    alias: str
    profile: Profile
    created: datetime
    password: str
    security_token: str
    authenticator_code: str
    """With *MFA for API Logins* it takes the token's place. Here it never changes."""
    last_password_change: datetime
    federation_identifier: str | None = None
    user_type: str = "Standard"
    is_active: bool = True
    password_expired: bool = False
    """A temporary password: it logs in, but nothing works until a permanent one is set."""
    failed_logins: int = 0
    is_frozen: bool = False
    is_password_locked: bool = False
    login_id: str = ""
    login_changed: datetime | None = None
    last_login: datetime | None = None
    assignments: list[Assignment] = field(default_factory=list)

    @property
    def permissions(self) -> frozenset[str]:
        """What the profile and every permission set grant together."""
        return self.profile.permissions.union(
            *(each.permission_set.permissions for each in self.assignments if each.is_active)
        )

    def may(self, *permissions: str) -> bool:
        """Whether one of these is granted."""
        return not self.permissions.isdisjoint(permissions)

    def holds(self, permission_set: str) -> bool:
        """Whether the permission set of this name is assigned."""
        return any(each.permission_set.name == permission_set for each in self.assignments)
