"""`doctor`: whether the reset method in use would work, found out without resetting anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import fault, not_checked, ok
from bot.doctor_salesforce_words import salesforce_fault
from services.orgs import ResetMethod
from services.salesforce.errors import NotPermitted, SalesforceError
from services.salesforce.permissions import RESET_PASSWORDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.doctor_lines import Line
    from bot.settings import Settings
    from services.salesforce.checks import Admins, CheckedOrg


async def password_lines(subject: str, org: CheckedOrg) -> AsyncIterator[Line]:
    """Check the method `password`."""
    doing = "permission to reset passwords"
    try:
        if (await org.permissions("ResetPasswords"))["ResetPasswords"]:
            yield ok(subject, "the integration user may reset passwords.")
        else:
            yield fault(
                subject,
                "the integration user may not reset passwords.",
                f"Give it the permission {RESET_PASSWORDS}.",
            )
    except SalesforceError as error:
        yield not_checked(subject, f"{doing}: Salesforce doesn't say ({error.code}).")
    try:
        await org.read_audit_trail()
        yield ok(subject, "the setup audit trail can be read, as evidence after a lost answer.")
    except NotPermitted as error:
        yield not_checked(
            subject,
            "the setup audit trail can't be read; after a lost answer the bot looks at the last"
            " password change alone.",
            f"The permission {error.needs} would help.",
        )
    except SalesforceError as error:
        yield salesforce_fault(subject, "reading the setup audit trail", error)


async def token_lines(
    subject: str, org: CheckedOrg, settings: Settings, own_id: str | None
) -> AsyncIterator[Line]:
    """Check the method `token`; `own_id` is the integration user's id, where it is known."""
    if settings.reset_doctor_username is None:
        yield not_checked(
            subject,
            "the reset page was not checked.",
            "Name a test user in RESET_DOCTOR_USERNAME.",
        )
    else:
        by_token = [one for one in settings.orgs if one.reset_method is ResetMethod.TOKEN]
        yield await _page_line(
            subject, org, settings.reset_doctor_username, elsewhere=len(by_token) > 1
        )
    name = settings.reset_user_permission_set
    if name is None:
        yield not_checked(
            subject,
            "that no admin is pre-authorised for the app was not checked.",
            "Name its permission set in RESET_USER_PERMISSION_SET.",
        )
    else:
        yield await _permission_set_line(subject, org, name, own_id)


async def _page_line(subject: str, org: CheckedOrg, username: str, *, elsewhere: bool) -> Line:
    """Open the reset page as the test user, and close it again without a press.

    A username exists once in all of Salesforce, so with several orgs it may be `elsewhere`.
    """
    doing = "opening the reset page as the test user"
    try:
        found = await org.find_users(username)
        user = next((one for one in found if one.username.casefold() == username.casefold()), None)
        if user is None and elsewhere:
            return not_checked(
                subject, "the reset page was not checked: the test user isn't in this org."
            )
        if user is None:
            return fault(
                subject,
                "the test user isn't in this org, so the reset page was not checked.",
                "Correct the username in RESET_DOCTOR_USERNAME.",
            )
        if user.is_admin:
            return fault(
                subject,
                "the test user is an admin, and the app must not act as admins.",
                "Name a user without admin permissions in RESET_DOCTOR_USERNAME.",
            )
        page = await org.open_reset_page(user.username)
        await page.close()
    except SalesforceError as error:
        return salesforce_fault(subject, doing, error)
    return ok(subject, "the reset page opens for the test user; nothing was pressed.")


async def _permission_set_line(
    subject: str, org: CheckedOrg, name: str, own_id: str | None
) -> Line:
    try:
        if not await org.permission_set_exists(name):
            return fault(
                subject,
                "RESET_USER_PERMISSION_SET names no permission set that can be seen.",
                "Write its API name, and give the integration user View Setup and Configuration.",
            )
        admins = await org.admins_holding(name)
    except SalesforceError as error:
        return salesforce_fault(subject, "reading who holds the permission set", error)
    one_app = org.config.user_consumer_key == org.config.consumer_key
    return admins_line(subject, admins, own_id if one_app else None)


def admins_line(subject: str, admins: Admins, allowed: str | None) -> Line:
    """Judge which admins are pre-authorised for the app that acts as users.

    `allowed` is the integration user where one app does both: its key opens that user anyway.
    """
    count = len(admins.ids - {allowed})
    if count:
        return fault(
            subject,
            f"the permission set pre-authorises {count} admin{'s'[: count > 1]}: whoever had the"
            " app's key could act as them.",
            "Take it away from everybody with Modify All Data or Manage Users.",
        )
    if not admins.groups_read:
        return not_checked(
            subject,
            "no admin holds the permission set directly; permission set groups couldn't be read.",
        )
    return ok(subject, "no admin is pre-authorised for the app that acts as users.")
