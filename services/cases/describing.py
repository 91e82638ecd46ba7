"""Reads what IT has to know of an account before it decides."""

import asyncio

import structlog

from services.cases.finding import Person, addresses_of
from services.cases.model import LastLogin, Target
from services.clock import Clock
from services.impact.assess import assess, unreadable
from services.impact.logins import is_made_by_us
from services.impact.model import Impact, Note
from services.masking import digest, mask_address
from services.orgs import ResetMethod
from services.salesforce.errors import NotPermitted, SalesforceError
from services.salesforce.org import Org
from services.salesforce.records import AccountReading, SalesforceUser, Standing

log = structlog.get_logger(__name__)

MOST_KEPT = 40
"""Integrations that a case keeps; a card shows fewer."""


class Describing:
    """Reads an account in two requests; what can't be read is told as unknown."""

    def __init__(self, clock: Clock, *, days: int, own_apps: tuple[str, ...]) -> None:
        self._clock = clock
        self._days = days
        self._own_apps = own_apps

    async def target(self, org: Org, user: SalesforceUser, person: Person | None) -> Target:
        """Describe a Salesforce user as it is now."""
        reading, standing = await asyncio.gather(
            self._reading(org, user), self._standing(org, user)
        )
        impact = self._impact(org, user, reading)
        logins = reading.logins or () if isinstance(reading, AccountReading) else ()
        theirs = [one for one in logins if not is_made_by_us(one, self._own_apps)]
        newest = max(theirs, key=lambda one: one.time, default=None)
        address = person.address if person else None
        return Target(
            org=org.config.name,
            user_id=user.id,
            username=user.username,
            name=user.name,
            profile=user.profile_name,
            is_active=user.is_active,
            is_admin=user.is_admin,
            is_api_only=user.is_api_only,
            is_sso=bool({Note.SSO_ONLY, Note.DELEGATED_SSO} & set(impact.notes)),
            mailed_to=mask_address(user.email),
            address=digest(user.email),
            address_differs=differs(address, user),
            addresses=tuple(map(digest, addresses_of(user))),
            is_frozen=standing.is_frozen if standing else None,
            sessions=standing.sessions if standing else None,
            grants=standing.grants if standing else None,
            last_login=LastLogin(
                at=newest.time, application=newest.application, address=newest.source_ip
            )
            if newest
            else None,
            impact=impact.model_copy(
                update={
                    "integrations": impact.integrations[:MOST_KEPT],
                    "more": impact.more + max(0, len(impact.integrations) - MOST_KEPT),
                }
            ),
            read_at=self._clock(),
        )

    def _impact(
        self, org: Org, user: SalesforceUser, reading: AccountReading | SalesforceError
    ) -> Impact:
        if isinstance(reading, SalesforceError):
            needs = reading.needs if isinstance(reading, NotPermitted) else None
            return unreadable(days=self._days, at=self._clock(), needs=needs)
        return assess(
            reading,
            user,
            method=ResetMethod.PASSWORD,
            trusted_networks=org.config.trusted_networks,
            own_apps=self._own_apps,
        )

    async def _reading(self, org: Org, user: SalesforceUser) -> AccountReading | SalesforceError:
        try:
            return await org.read_account(user.id, self._days)
        except SalesforceError as error:
            log.warning("salesforce.account_unreadable", org=org.config.name, code=error.code)
            return error

    async def _standing(self, org: Org, user: SalesforceUser) -> Standing | None:
        try:
            return await org.control.read_standing(user.id)
        except SalesforceError as error:
            log.warning("salesforce.standing_unreadable", org=org.config.name, code=error.code)
            return None


def readdressed(target: Target, user: SalesforceUser) -> Target:
    """Note where Salesforce mails now; another address than before isn't compared with Slack's."""
    if target.address == digest(user.email):
        return target
    now = tuple(map(digest, addresses_of(user)))
    return target.model_copy(
        update={
            "mailed_to": mask_address(user.email),
            "address": digest(user.email),
            "address_differs": True,
            "addresses": tuple(dict.fromkeys((*now, *target.addresses))),
        }
    )


def differs(address: str | None, user: SalesforceUser) -> bool | None:
    """Whether Salesforce mails elsewhere than to the address in Slack; None where none is known."""
    return None if address is None else address.casefold() != user.email.casefold()
