"""`doctor`: whether an org lets the bot read what it needs, and reset by the method in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_breach import containment_lines
from bot.doctor_lines import fault, not_checked, ok
from bot.doctor_salesforce_accounts import account_lines
from bot.doctor_salesforce_methods import password_lines, token_lines
from bot.doctor_salesforce_words import salesforce_fault
from services.orgs import ResetMethod
from services.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from bot.doctor_lines import Line
    from bot.settings import Settings
    from services.salesforce.checks import CheckedOrg
    from services.salesforce.records import SalesforceUser

_SEE_USERS = "Give the integration user the permission View All Users."
_MANAGE = "Give the integration user the permission Manage Users."


async def org_lines(org: CheckedOrg, settings: Settings) -> AsyncIterator[Line]:
    """Check one org. What needs the integration user is left out when it can't log in."""
    subject = f"Salesforce {org.config.label}"
    try:
        await org.log_in()
    except SalesforceError as error:
        yield salesforce_fault(subject, "logging in as the integration user", error)
        yield not_checked(subject, "all else was not checked, because the login failed.")
        return
    yield ok(subject, "the integration user can log in.")
    try:
        own = _named(await org.find_users(org.config.username), org.config.username)
    except SalesforceError as error:
        yield salesforce_fault(subject, "reading users", error)
        own = None
    else:
        yield await _users_line(subject, org, own)
    if own is not None:
        async for line in _history_lines(subject, org, own, settings.reset_own_apps):
            yield line
    async for line in _effect_lines(subject, org, settings, own.id if own else None):
        yield line


async def _effect_lines(
    subject: str, org: CheckedOrg, settings: Settings, own_id: str | None
) -> AsyncIterator[Line]:
    """Check what the bot changes in this org, without changing anything."""
    async for line in containment_lines(subject, org):
        yield line
    if org.config.reset_method is ResetMethod.PASSWORD:
        async for line in password_lines(subject, org):
            yield line
    if org.config.reset_method is ResetMethod.TOKEN:
        async for line in token_lines(subject, org, settings, own_id):
            yield line


async def _users_line(subject: str, org: CheckedOrg, own: SalesforceUser | None) -> Line:
    if own is None:
        return fault(subject, "the integration user can't see itself among the users.", _SEE_USERS)
    try:
        others = await org.sees_other_users(own.id)
    except SalesforceError as error:
        return salesforce_fault(subject, "reading users", error)
    if not others:
        return fault(subject, "the integration user sees no user but itself.", _SEE_USERS)
    return ok(subject, "users can be read.")


async def _history_lines(
    subject: str, org: CheckedOrg, own: SalesforceUser, own_apps: Collection[str]
) -> AsyncIterator[Line]:
    """Check what impact and account state are read from, on somebody else's rows."""
    try:
        other = await org.someone_who_logged_in(own.id)
    except SalesforceError as error:
        yield salesforce_fault(subject, "reading the login history", error)
        return
    if other is None:
        yield not_checked(
            subject,
            "the login history shows nobody but the integration user.",
            f"Unless nobody else has ever logged in: {_MANAGE}",
        )
        return
    async for line in account_lines(subject, org, other, own.id, own_apps):
        yield line
    try:
        seen = await org.sees_locks_of_others(own.id)
    except SalesforceError as error:
        yield salesforce_fault(subject, "reading whether users are frozen or locked", error)
        return
    if seen:
        yield ok(subject, "it can be seen whether users are frozen or locked.")
    else:
        yield fault(subject, "whether users are frozen or locked can't be seen.", _MANAGE)


def _named(users: list[SalesforceUser], username: str) -> SalesforceUser | None:
    wanted = username.casefold()
    return next((user for user in users if user.username.casefold() == wanted), None)
