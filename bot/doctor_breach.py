"""`doctor`: whether an approved breach report could be carried out, and who would hear of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import not_checked, ok
from bot.doctor_slack_approvers import group_line
from bot.doctor_slack_words import slack_fault
from services.salesforce.errors import SalesforceError
from services.salesforce.permissions import CUSTOMIZE_APPLICATION, MANAGE_USERS, RESET_PASSWORDS
from services.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.doctor_lines import Line
    from services.salesforce.checks import CheckedOrg
    from services.slack.checks import SlackChecks

_NEEDED = {
    "ManageUsers": (MANAGE_USERS, "freeze a user or end sessions"),
    "CustomizeApplication": (CUSTOMIZE_APPLICATION, "revoke OAuth grants"),
    "ResetPasswords": (RESET_PASSWORDS, "reset passwords"),
}
"""By the name of its field: a permission as Setup names it, and what can't be done without it."""


async def containment_lines(subject: str, org: CheckedOrg) -> AsyncIterator[Line]:
    """Check what the steps of an approval need. One that is missing is no fault: a step says so."""
    try:
        granted = await org.permissions(*_NEEDED)
    except SalesforceError as error:
        yield not_checked(
            subject,
            f"what an approved breach report may do: Salesforce doesn't say ({error.code}).",
        )
        return
    missing = [needed for name, needed in _NEEDED.items() if not granted[name]]
    for permission, undone in missing:
        yield not_checked(
            subject,
            f"an approved breach report can't {undone}.",
            f"Give the integration user the permission {permission}, or do that step by hand.",
        )
    if not missing:
        yield ok(subject, "an approved breach report can be carried out in full.")


async def escalation_lines(checks: SlackChecks, escalation: str) -> AsyncIterator[Line]:
    """Check the group that hears of a report on which nobody decides."""
    if escalation == "channel":
        return
    subject = f"BREACH_ESCALATION {escalation}"
    try:
        yield group_line(subject, await checks.group_members(escalation))
    except SlackError as error:
        yield slack_fault(subject, error)
