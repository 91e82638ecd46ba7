"""`doctor`: whether an account can be read as a warning reads it, and the bot's own logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import fault, not_checked, ok
from bot.doctor_salesforce_words import salesforce_fault
from handlers.wording import plain
from services.impact.logins import OAUTH_WITHOUT_PASSWORD, is_own, name_of, way_of_login
from services.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from bot.doctor_lines import Line
    from services.salesforce.checks import CheckedOrg
    from services.salesforce.records import AccountReading

OWN_DAYS = 30
"""How far back the integration user's own logins are looked through."""


async def account_lines(
    subject: str, org: CheckedOrg, other: str, own: str, own_apps: Collection[str]
) -> AsyncIterator[Line]:
    """Read somebody's account, and the integration user's own, each in one request.

    Args:
        subject: of the lines.
        org: the org.
        other: id of somebody who has logged in.
        own: id of the integration user, whose logins are all the bot's.
        own_apps: the names in `RESET_OWN_APPS`.
    """
    try:
        reading = await org.read_account(other, days=1)
        mine = await org.read_account(own, days=OWN_DAYS)
    except SalesforceError as error:
        yield salesforce_fault(subject, "reading an account in one request", error)
        return
    for line in _reading_lines(subject, reading):
        yield line
    if unknown := _unknown_apps(mine, own_apps):
        yield not_checked(
            subject,
            f"the bot logs in through {', '.join(unknown)}, which RESET_OWN_APPS doesn't name, so "
            "its own logins may show up in warnings.",
            "Put the names of the bot's apps into RESET_OWN_APPS.",
        )


def _reading_lines(subject: str, reading: AccountReading) -> Iterator[Line]:
    if reading.logins is None:
        remedy = (
            f"Give the integration user the permission {reading.needs}."
            if reading.needs
            else "Try again in a minute."
        )
        yield fault(subject, "the login history can't be read.", remedy)
        return
    yield ok(subject, "the login history can be read.")
    if reading.groups is None:
        yield not_checked(
            subject,
            "logins can't be counted here, so a busy user's warning reads back 2,000 logins only.",
        )
    if reading.rules is None:
        yield not_checked(
            subject,
            "it can't be seen who uses a code or single sign-on, so warnings don't mention it.",
        )


def _unknown_apps(reading: AccountReading, own_apps: Collection[str]) -> list[str]:
    names = {
        name_of(login.application)
        for login in reading.logins or ()
        if way_of_login(login) in OAUTH_WITHOUT_PASSWORD and not is_own(login.application, own_apps)
    }
    return [f"“{plain(name, 80)}”" for name in sorted(names)]
