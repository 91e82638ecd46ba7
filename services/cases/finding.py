"""Finds whose account a report is about: the person in Slack, and their users in Salesforce."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from services.cases.model import Case, Problem, SlackFact, Source
from services.resets import policy as reset_policy
from services.resets.policy import Profile
from services.salesforce.errors import SalesforceError
from services.salesforce.org import Org
from services.salesforce.records import SalesforceUser
from services.slack.errors import SlackError, SlackRefusedError
from services.slack.people import People

log = structlog.get_logger(__name__)

MOST_ACCOUNTS = 5
"""Salesforce users of one person; each gets a card of its own."""

_USER_ID = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")

Found = tuple[Org, SalesforceUser]


class Problematic(Exception):
    """There is no account to be contained, for a reason that IT is told."""

    def __init__(
        self, problem: Problem, detail: str | None = None, *, passing: bool = False
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.detail = detail
        self.passing = passing
        """Whether it is worth another try later."""


@dataclass(frozen=True)
class Person:
    """The suspected person in Slack, as far as Slack says."""

    user_id: str | None
    address: str | None
    """To be compared with the one in Salesforce; None where that would prove nothing."""
    fact: SlackFact | None


class Finding:
    """Reads Slack and Salesforce; changes nothing."""

    def __init__(self, people: People, orgs: Mapping[str, Org]) -> None:
        self._people = people
        self._orgs = orgs

    async def named_person(self, case: Case) -> Person | None:
        """Read who was named in Slack; None where nobody was.

        Raises:
            Problematic: no account can be found by them.
        """
        if case.suspect is None:
            return None
        try:
            profile = await self._people.profile(case.suspect)
        except SlackError as error:
            if case.asked_for is not None:  # the account is known without it
                log.info("slack.person_not_looked_up", case_id=case.id, code=error.code)
                return Person(case.suspect, None, SlackFact.NOT_LOOKED_UP)
            passing = not isinstance(error, SlackRefusedError)
            raise Problematic(Problem.SLACK_UNREADABLE, error.code, passing=passing) from None
        if profile.is_bot and case.asked_for is None:
            raise Problematic(Problem.SLACK_BOT)
        if not profile.email and case.asked_for is None:
            raise Problematic(Problem.SLACK_NO_EMAIL)
        return Person(case.suspect, profile.email, _fact(profile))

    async def users(self, case: Case, person: Person | None) -> tuple[list[Found], list[str]]:
        """Find the Salesforce users that a report is about: at least one.

        Returns:
            Them, and the orgs that couldn't be read beside theirs.

        Raises:
            Problematic: there is none, there are too many, or they can't be read now.
        """
        orgs = [org for name, org in self._orgs.items() if case.org in {None, name}]
        if not orgs:  # taken out of the settings meanwhile
            raise Problematic(Problem.UNKNOWN_ORG)
        wanted = case.asked_for or (person.address if person else None)
        if wanted is None:
            raise Problematic(Problem.UNKNOWN_USER)
        answers = await asyncio.gather(
            *(_search(org, wanted) for org in orgs), return_exceptions=True
        )
        found: list[Found] = []
        unread: list[str] = []
        failed: SalesforceError | None = None
        for org, answer in zip(orgs, answers, strict=True):
            if isinstance(answer, SalesforceError):
                log.warning("salesforce.search_failed", org=org.config.name, code=answer.code)
                failed = answer
                unread.append(org.config.name)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found += [(org, user) for user in answer]
        if not found and failed is not None:
            raise Problematic(Problem.SALESFORCE_UNREADABLE, failed.code, passing=True)
        if not found:
            raise Problematic(Problem.UNKNOWN_USER)
        found = [one for one in found if not is_own(*one)]
        if not found:
            raise Problematic(Problem.OWN_USER)
        active = [one for one in found if one[1].is_active] or found[:1]
        if len(active) > MOST_ACCOUNTS:
            raise Problematic(Problem.TOO_MANY_USERS, str(len(active)))
        return active, unread

    async def person_of(self, user: SalesforceUser) -> Person:
        """Look for a Salesforce user in Slack, by each address that may be theirs.

        `Email` is asked for last: whoever is found by it alone has that mailbox, and nothing shows
        that the account is theirs. An attacker may have put it there.
        """
        found: Person | None = None
        for address in addresses_of(user):
            try:
                profile = await self._people.find(address)
            except SlackError as error:
                log.info("slack.person_not_looked_up", code=error.code)
                return Person(None, None, SlackFact.NOT_LOOKED_UP)
            if profile is None:
                continue
            if found is not None and found.user_id != profile.user_id:
                return Person(None, found.address, SlackFact.SEVERAL)
            if found is None:
                known = (profile.email or address) if _logs_in_by(address, user) else None
                found = Person(profile.user_id, known, _fact(profile))
            if found.address is not None and found.address.casefold() == user.email.casefold():
                break
        return found or Person(None, None, SlackFact.NOT_FOUND)


def is_own(org: Org, user: SalesforceUser) -> bool:
    """Whether it is the bot's own Salesforce user, which is never touched."""
    return user.username.casefold() == org.config.username.casefold()


def is_theirs(case: Case, named: Person, user: SalesforceUser) -> bool:
    """Whether the account is that of whoever was named in Slack.

    A report may name anybody beside a username. *This wasn't me* doesn't: that reset was theirs.
    """
    if case.origin.source is Source.NOT_ME or named.fact is SlackFact.NOT_LOOKED_UP:
        return True
    return named.address is not None and named.address.casefold() in addresses_of(user)


def addresses_of(user: SalesforceUser) -> list[str]:
    """List what may be somebody's address in Slack: an attacker may have changed `Email` alone."""
    return list(dict.fromkeys((*_names_of(user), *_addresses((user.email,)))))


def _logs_in_by(address: str, user: SalesforceUser) -> bool:
    """Whether somebody logs in by an address, or by it with a suffix: `ada@acme.example.prod`.

    A username is an org's own to give out; many put the org's name behind the address.
    """
    names = _names_of(user)
    return address in names or user.username.casefold().startswith(f"{address}.")


def _names_of(user: SalesforceUser) -> list[str]:
    """List the addresses by which somebody logs in."""
    return _addresses((user.federation_identifier, user.username))


def _addresses(named: Iterable[str | None]) -> list[str]:
    return [one.casefold() for one in named if one and "@" in one]


async def _search(org: Org, wanted: str) -> list[SalesforceUser]:
    """Find by id, else by Email, FederationIdentifier or Username; an exact username is alone."""
    if _USER_ID.fullmatch(wanted):
        user = await org.user(wanted)
        return [user] if user else []
    found = await org.find_users(wanted)
    named = [one for one in found if one.username.casefold() == wanted.casefold()]
    return named or reset_policy.candidates(found, wanted)


def _fact(profile: Profile) -> SlackFact | None:
    if profile.deleted:
        return SlackFact.DELETED
    if profile.is_stranger:
        return SlackFact.STRANGER
    if profile.is_restricted or profile.is_ultra_restricted:
        return SlackFact.GUEST
    return None
