"""Finds out whose token it is and what depends on it, and makes the offer."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from services.clock import Clock
from services.impact.assess import assess, unreadable
from services.masking import digest, mask_address
from services.orgs import ResetMethod
from services.resets import policy
from services.resets.asker import Asker
from services.resets.endings import is_late, lateness
from services.resets.failures import Refused, reason_for
from services.resets.model import Account, Choice, Reason, Reset, new_id
from services.resets.states import Move, State
from services.resets.terms import Terms
from services.salesforce.errors import NotPermitted, SalesforceError
from services.salesforce.org import Org
from services.salesforce.records import SalesforceUser
from services.store import keys
from services.store.changes import Change, Job, JobName, Put
from services.store.errors import Hindrance
from services.store.impacts import ImpactStore, Seen
from services.store.resets import ResetStore

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Preparations at once in one worker: a crowd, or a slow Salesforce, mustn't hold up what was
confirmed, or an alert."""

Found = tuple[Org, SalesforceUser]


class Preparation:
    """Reads, decides, and saves an offer, a choice or a refusal. Changes nothing at Salesforce."""

    def __init__(
        self,
        store: ResetStore,
        impacts: ImpactStore,
        asker: Asker,
        orgs: Mapping[str, Org],
        terms: Terms,
        clock: Clock,
        *,
        impact_days: int,
        own_apps: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._impacts = impacts
        self._asker = asker
        self._orgs = orgs
        self._terms = terms
        self._clock = clock
        self._impact_days = impact_days
        self._own_apps = own_apps
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def prepare(self, reset_id: str) -> Reset | None:
        """Bring a reset from `preparing` to its next state, and return it as it stands.

        Raises:
            SlackUnavailableError: the person's profile couldn't be read; worth another try.
        """
        async with self._slots:
            return await self._prepare(reset_id)

    async def _prepare(self, reset_id: str) -> Reset | None:
        reset = await self._store.get(reset_id)
        if reset is None or reset.state is not State.PREPARING:
            return reset
        now = self._clock()
        if is_late(reset, now):
            return await self._store.move(reset, lateness(reset, now))
        try:
            email = await self._asker.address(reset)
            found = await self._find(reset, email)
            if len(found) > 1:
                return await self._ask_choice(reset, found)
            return await self._offer(reset, *found[0], email)
        except Refused as refused:
            return await self._refuse(reset, refused)

    async def reset_link(self, reset: Reset) -> str | None:
        """Find the page where the person presses Salesforce's own button; None where unknown."""
        org = self._orgs.get(reset.org or "")
        if org is None:
            return None
        try:
            return await org.reset_link()
        except SalesforceError as error:
            log.warning("salesforce.link_unknown", org=reset.org, code=error.code)
            return None

    async def give_up(self, reset_id: str) -> None:
        """Say that preparing failed for good."""
        reset = await self._store.get(reset_id)
        if reset is not None and reset.state is State.PREPARING:
            await self._refuse(reset, Refused(Reason.INTERNAL))

    async def _find(self, reset: Reset, email: str) -> list[Found]:
        """Find the Salesforce users that this person may mean: one, or several to choose from."""
        orgs = [org for name, org in self._orgs.items() if reset.org in {None, name}]
        if not orgs:  # taken out of the settings since the message with the button
            raise Refused(Reason.SALESFORCE_LOGIN, detail="org_not_configured")
        found, error = await self._search(orgs, email)
        if reset.chosen:
            found = [one for one in found if one[1].id == reset.chosen.user_id]
        active = [one for one in found if one[1].is_active]
        if not found and error is not None:
            raise Refused(reason_for(error), detail=error.code)
        if not found:
            raise Refused(Reason.NO_SALESFORCE_USER)
        return active or found[:1]

    async def _search(
        self, orgs: list[Org], email: str
    ) -> tuple[list[Found], SalesforceError | None]:
        """Search each org. One that doesn't answer takes nothing from what the others know."""
        answers = await asyncio.gather(
            *(org.find_users(email) for org in orgs), return_exceptions=True
        )
        found: list[Found] = []
        failed: SalesforceError | None = None
        for org, answer in zip(orgs, answers, strict=True):
            if isinstance(answer, SalesforceError):
                log.warning("salesforce.search_failed", org=org.config.name, code=answer.code)
                failed = answer
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found += [(org, user) for user in policy.candidates(answer, email)]
        return found, failed

    async def _ask_choice(self, reset: Reset, found: list[Found]) -> Reset:
        now = self._clock()
        deadline = now + self._terms.offer
        choices = tuple(
            Choice(id=new_id(), org=org.config.name, user_id=user.id, username=user.username)
            for org, user in found[:100]  # what one menu in Slack can hold
        )
        life = int((self._terms.offer + timedelta(hours=1)).total_seconds() * 1000)
        return await self._store.move(
            reset,
            Change(
                Move.ASK_CHOICE,
                reset.model_copy(update={"choices": choices, "deadline": deadline}),
                now,
                jobs=(Job(JobName.EXPIRE, reset.id, deadline),),
                puts=tuple(Put(keys.choice(one.id), reset.id, life) for one in choices),
            ),
        )

    async def _offer(self, reset: Reset, org: Org, user: SalesforceUser, email: str) -> Reset:
        known = policy.proves(user, email) or policy.is_vouched_for(reset, user)
        method, guided_because = policy.method_for(org.config.reset_method, user)
        seen = None
        if known:  # somebody else learns nothing about the account
            await self._refuse_account(org, user)
            seen = await self._read(org, user, method)
            if reason := policy.refuse_user(
                user, seen.lock, integration_username=org.config.username, method=method
            ):
                raise Refused(reason)
        now = self._clock()
        deadline = now + self._terms.offer
        account = Account(
            org=org.config.name,
            user_id=user.id,
            username=user.username,
            mailed_to=mask_address(user.email),
            address_differs=user.email.casefold() != email.casefold(),
            proven=known,
            found_by=digest(email),
            password_changed_at=user.last_password_change,
        )
        return await self._store.move(
            reset,
            Change(
                Move.OFFER,
                reset.model_copy(
                    update={
                        "org": org.config.name,
                        "account": account,
                        "method": method,
                        "guided_because": guided_because,
                        "impact": seen.impact if seen else None,
                        "deadline": deadline,
                    }
                ),
                now,
                jobs=(Job(JobName.EXPIRE, reset.id, deadline),),
            ),
        )

    async def _refuse_account(self, org: Org, user: SalesforceUser) -> None:
        hindered = await self._store.hindrance(org.config.name, user.id, self._clock())
        if hindered is None:
            return
        what, until = hindered
        reasons = {
            Hindrance.BUSY: Reason.BUSY,
            Hindrance.COOLING_DOWN: Reason.COOLING_DOWN,
            Hindrance.UNDER_INVESTIGATION: Reason.UNDER_INVESTIGATION,
        }
        raise Refused(reasons[what], available_at=until)

    async def _read(self, org: Org, user: SalesforceUser, method: ResetMethod) -> Seen:
        """Read what depends on the token; what can't be read is no reason to refuse a reset.

        That goes for the account's lock as well: a frozen user can't log in to do harm with a
        new token.
        """
        name = org.config.name
        kept = await self._impacts.get(name, user.id, method, self._clock())
        if kept is not None:
            return kept
        try:
            reading = await org.read_account(user.id, self._impact_days)
        except SalesforceError as error:
            log.warning("salesforce.account_unreadable", org=name, code=error.code)
            needs = error.needs if isinstance(error, NotPermitted) else None
            return Seen(impact=unreadable(days=self._impact_days, at=self._clock(), needs=needs))
        impact = assess(
            reading,
            user,
            method=method,
            trusted_networks=org.config.trusted_networks,
            own_apps=self._own_apps,
        )
        seen = Seen(impact=impact, lock=reading.lock)
        if impact.readable:
            await self._impacts.keep(name, user.id, method, seen)
        return seen

    async def _refuse(self, reset: Reset, refused: Refused) -> Reset:
        return await self._store.move(
            reset,
            Change(
                Move.REFUSE,
                reset.model_copy(
                    update={
                        "reason": refused.reason,
                        "detail": refused.detail,
                        "available_at": refused.available_at,
                        "deadline": None,
                        "impact": None,
                    }
                ),
                self._clock(),
                jobs=(Job(JobName.SHOW, reset.id),),
            ),
        )
