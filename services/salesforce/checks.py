"""What a check of the set-up reads from an org, beyond what the bot reads in its daily work."""

from typing import NamedTuple

from simple_salesforce.format import format_soql

from services.salesforce.errors import NotPermitted, Unexpected
from services.salesforce.org import Org
from services.salesforce.permissions import (
    API_ENABLED,
    MANAGE_USERS,
    VIEW_ALL_USERS,
    VIEW_SETUP,
)
from services.salesforce.retrying import read_again
from services.salesforce.rows import Row
from services.salesforce.soql import checked_user_id

# Ids in one query: a request's line holds 16 KB, and an id takes some 25 characters of it.
_AT_ONCE = 200


class Admins(NamedTuple):
    """Ids of admins who hold a permission set."""

    ids: frozenset[str]
    groups_read: bool
    """False when those who hold it through a permission set group couldn't be looked for."""


class CheckedOrg(Org):
    """An org with the reads of a check. They raise what `Org`'s reads raise."""

    async def log_in(self) -> None:
        """Return when the integration user has a session."""
        await read_again(lambda: self._run(self._session.current))

    async def someone_who_logged_in(self, other_than: str) -> str | None:
        """Id of somebody else in the login history; None when it shows nobody else."""
        query = format_soql(
            "SELECT UserId FROM LoginHistory"
            " WHERE UserId != {} AND LoginTime = LAST_N_DAYS:180 LIMIT 1",
            checked_user_id(other_than),
        )
        found = _texts(await self._rows(query, needs=MANAGE_USERS), "UserId")
        return found[0] if found else None

    async def sees_locks_of_others(self, other_than: str) -> bool:
        """Whether it can be seen of anybody else whether they are frozen or locked out."""
        query = format_soql(
            "SELECT UserId FROM UserLogin WHERE UserId != {} LIMIT 1", checked_user_id(other_than)
        )
        return bool(await self._rows(query, needs=MANAGE_USERS))

    async def sees_other_users(self, other_than: str) -> bool:
        """Whether the integration user sees anybody but itself."""
        query = format_soql(
            "SELECT Id FROM User WHERE Id != {} LIMIT 1", checked_user_id(other_than)
        )
        return bool(await self._rows(query, needs=VIEW_ALL_USERS))

    async def permissions(self, *names: str) -> dict[str, bool]:
        """Whether the integration user has each, by Salesforce's own account of it.

        `UserPermissionAccess` tells of the session's own user, and needs no permission
        (Salesforce's Object Reference).
        """
        fields = {name: f"Permissions{name}" for name in names}
        query = f"SELECT {', '.join(fields.values())} FROM UserPermissionAccess LIMIT 1"  # noqa: S608 - names of ours
        found = await self._rows(query, needs=API_ENABLED)
        if not found or not all(isinstance(found[0].get(one), bool) for one in fields.values()):
            raise Unexpected("unreadable_row")
        return {name: bool(found[0][field]) for name, field in fields.items()}

    async def read_audit_trail(self) -> None:
        """Return when the setup audit trail can be read."""
        await self._rows("SELECT Id FROM SetupAuditTrail LIMIT 1", needs=VIEW_SETUP)

    async def permission_set_exists(self, name: str) -> bool:
        """Whether the org has a permission set of this API name."""
        query = format_soql("SELECT Id FROM PermissionSet WHERE Name = {} LIMIT 1", name)
        return bool(await self._rows(query, needs=VIEW_SETUP))

    async def admins_holding(self, permission_set: str) -> Admins:
        """Find users who hold this permission set and may manage users or modify all data.

        What a profile or a permission set group grants stands in a permission set of its own,
        which is assigned too (Salesforce's Object Reference); so one query finds every admin.
        """
        query = (
            "SELECT AssigneeId FROM PermissionSetAssignment"
            " WHERE PermissionSet.PermissionsModifyAllData = true"
            " OR PermissionSet.PermissionsManageUsers = true"
        )
        admins = sorted(set(_texts(await self._rows(query, needs=VIEW_SETUP), "AssigneeId")))
        groups = await self._groups_with(permission_set)
        ways = [format_soql("PermissionSet.Name = {}", permission_set)]
        if groups:
            ways.append(format_soql("PermissionSetGroupId IN {}", groups))
        holding: set[str] = set()
        # SOQL allows no semi-join of an object with itself, so the ids go over and back.
        for start in range(0, len(admins), _AT_ONCE):
            some = format_soql("AssigneeId IN {}", admins[start : start + _AT_ONCE])
            for way in ways:
                query = f"SELECT AssigneeId FROM PermissionSetAssignment WHERE {way} AND {some}"  # noqa: S608 - both parts are quoted above
                holding.update(_texts(await self._rows(query, needs=VIEW_SETUP), "AssigneeId"))
        return Admins(frozenset(holding), groups_read=groups is not None)

    async def _groups_with(self, permission_set: str) -> list[str] | None:
        """Ids of the permission set groups that hold this one; None when they can't be read.

        They need View Setup and Configuration (Salesforce's Object Reference).
        """
        query = format_soql(
            "SELECT PermissionSetGroupId FROM PermissionSetGroupComponent"
            " WHERE PermissionSet.Name = {}",
            permission_set,
        )
        try:
            found = await self._rows(query, needs=VIEW_SETUP)
        except (NotPermitted, Unexpected):
            return None
        return _texts(found, "PermissionSetGroupId")

    async def _rows(self, query: str, *, needs: str) -> list[Row]:
        found, all_read = await self._ask(query, needs=needs)
        if not all_read:
            # Half an answer would let the check say that all is well.
            raise Unexpected("too_many_rows")
        return found


def _texts(rows: list[Row], field: str) -> list[str]:
    values = [row.get(field) for row in rows]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(values):
        raise Unexpected("unreadable_row")
    return texts
