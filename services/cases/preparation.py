"""Brings a new report before IT: whose account it is, what depends on it, and the card's turn."""

from datetime import datetime, timedelta
from typing import TypeGuard

import structlog

from services.cases.describing import Describing
from services.cases.finding import Finding, Person, Problematic, addresses_of, is_theirs
from services.cases.joining import finish_merge, merge, report_others
from services.cases.model import Card, Case, CaseKind, Problem, SlackFact, Target
from services.cases.policy import CARD_HOLDS, REMINDERS
from services.cases.reporting import EVERY
from services.cases.states import OPEN, CaseMove
from services.clock import Clock, utc_now
from services.resets.model import new_id
from services.resets.policy import AnswerCode
from services.salesforce.records import SalesforceUser
from services.slack.approvers import ApproversUnknownError
from services.standing import Standing
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange, QueueOp
from services.store.cases import CaseStore
from services.store.changes import Job, JobName, Put
from services.store.errors import (
    AccountTakenError,
    NewerVersionError,
    StaleError,
    StoreUnavailableError,
)
from services.store.lease_queue import LeaseQueue
from services.store.turns import Turns

log = structlog.get_logger(__name__)

AT_ONCE = 10
"""Reports read up on at once in one worker: a flood mustn't hold up what was approved."""

LEASE = timedelta(seconds=30)
"""When a report of a worker that died is taken up by another. Longer than its reads take."""

SOON = timedelta(seconds=10)
LATER = timedelta(minutes=1)
"""When what couldn't be read is tried again: once soon, then each minute."""

SELDOM = timedelta(minutes=10)
"""When what I failed at by myself is tried again: it may never go."""

GIVES_UP = timedelta(minutes=3)
"""Since the report. Then IT hears of one that I fail at: that is the fourth time."""

LOOKUPS = 30
"""Look-ups by address a minute: Slack allows some fifty, and a decision needs some too."""

_CARD_LIFE = timedelta(days=90)
"""How long the buttons of an old card find their case, to say that it is over."""

_HELD_CARD_LIFE = timedelta(days=3650)
"""The same, of the card that holds until somebody decides."""


class CasePreparation:
    """Works through the queue of new reports. Changes nothing at Salesforce."""

    def __init__(
        self,
        store: CaseStore,
        queue: LeaseQueue,
        finding: Finding,
        describing: Describing,
        standing: Standing,
        turns: Turns,
        clock: Clock,
    ) -> None:
        self._store = store
        self._queue = queue
        self._finding = finding
        self._describing = describing
        self._standing = standing
        self._turns = turns
        self._clock = clock
        self._busy = 0

    async def prepare_due(self) -> None:
        """Prepare what is due, one after the other, unless enough do so here already."""
        if self._busy >= AT_ONCE:
            return
        self._busy += 1
        try:
            while (case_id := await self._queue.lease(self._clock(), LEASE)) is not None:
                await self._prepare_one(case_id)
        finally:
            self._busy -= 1
        await self._come_back()

    async def wake(self) -> None:
        """Ask for the work: what a worker left behind would be waited for for ever."""
        if await self._queue.wait(self._clock()) is not None:
            await self._store.ask_for(Job(JobName.PREPARE_CASES, EVERY))

    async def _come_back(self) -> None:
        """Ask for the job again when what was put off is due; one job, however often asked."""
        wait = await self._queue.wait(self._clock())
        if wait is not None:
            # A pause, not a deadline; its second is its name.
            at = utc_now() + max(wait, timedelta(seconds=1))
            await self._store.ask_for(
                Job(JobName.PREPARE_CASES, f"{EVERY}:{int(at.timestamp())}", at)
            )

    async def _prepare_one(self, case_id: str) -> None:
        """Prepare one; what fails in a way of its own doesn't stop the others."""
        try:
            case = await self._store.get(case_id)
            if _waits(case):
                if not await finish_merge(self._store, case, self._clock):
                    await self._prepare(case)
            else:
                await self._queue.done(case_id)
        except StoreUnavailableError:
            await self._queue.give_back(case_id, self._clock())
            raise
        except StaleError:
            await self._queue.put_off(case_id, self._clock())
        except NewerVersionError:  # a newer worker's to prepare
            await self._queue.put_off(case_id, self._clock() + LATER)
        except Exception as error:  # noqa: BLE001  the edge of one report, whatever is in it
            # Not its text, which may quote what Salesforce says.
            log.error("case.not_prepared", case_id=case_id, error=type(error).__name__)  # noqa: TRY400
            await self._fail(case_id)

    async def _fail(self, case_id: str) -> None:
        """Try it again later; after some time IT hears of it as it is."""
        case = await self._store.get(case_id)
        again = LATER
        due = self._clock() - GIVES_UP
        if _waits(case) and case.created_at <= due:
            again = SELDOM
            try:
                await self._present_problem(case, Problematic(Problem.INTERNAL, passing=True), None)
            except StoreUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001  as above
                log.error("case.not_presented", case_id=case_id, error=type(error).__name__)  # noqa: TRY400
        await self._queue.put_off(case_id, self._clock() + again)

    async def _prepare(self, case: Case) -> None:
        if case.kind is CaseKind.PLANNED and not await self._may_plan(case):
            return
        person: Person | None = None
        try:
            person = await self._finding.named_person(case)
            found, unread = await self._finding.users(case, person)
        except Problematic as problem:
            await self._present_problem(case, problem, person)
            return
        org, user = found[0]
        is_planned = case.kind is CaseKind.PLANNED
        if is_planned and await self._store.is_investigated(org.config.name, user.id):
            await self._refuse(case, AnswerCode.UNDER_INVESTIGATION)
            return
        case = case.model_copy(update={"beside": max(case.beside, len(found) - 1)})
        others = [
            *((org.config.name, user.id) for org, user in found[1:]),
            *((name, case.asked_for) for name in unread),
        ]
        await report_others(self._store, case, others, self._clock())
        if person is not None and not is_theirs(case, person, user):
            case = case.model_copy(update={"misnamed": case.suspect, "suspect": None})
            person = None
        if person is None:
            person = await self._person_of(user)
        target = await self._describing.target(org, user, person)
        await self._present(case, target, person)

    async def _person_of(self, user: SalesforceUser) -> Person:
        """Look for somebody in Slack, as far as it lets us: in a flood most wait for a decision."""
        for _ in addresses_of(user):
            if not await self._turns.allow("lookup", LOOKUPS, timedelta(minutes=1)):
                return Person(None, None, SlackFact.NOT_LOOKED_UP)
        return await self._finding.person_of(user)

    async def _may_plan(self, case: Case) -> bool:
        """Whether an approver asks; anybody else is refused, and told so.

        A card that stands already waits until Slack can say who approves.
        """
        reporter = case.origin.reporter
        try:
            if reporter is not None and (await self._standing.of(reporter)).is_approver:
                return True
            detail = "not_approver"
        except ApproversUnknownError:
            if case.card is not None:
                await self._queue.put_off(case.id, self._clock() + LATER)
                return False
            detail = "approvers_unknown"
        await self._refuse(case, detail)
        return False

    async def _refuse(self, case: Case, detail: str) -> None:
        """Say no to whoever asks, and on the card where there is one already."""
        card = () if case.card is None else (Job(JobName.SHOW_CARD, case.id),)
        await self._store.move(
            case,
            CaseChange(
                CaseMove.REFUSE,
                case.model_copy(update={"detail": detail}),
                self._clock(),
                why=detail,
                jobs=(
                    Job(JobName.TELL_REPORTERS, case.id),
                    *card,
                    Job(JobName.SHOW_SUMMARY, EVERY),
                ),
                preparing=QueueOp.LEAVE,
                card=QueueOp.LEAVE,
            ),
        )

    async def _present(self, case: Case, target: Target, person: Person) -> None:
        now = self._clock()
        card = case.card or Card(id=new_id(), until=now + CARD_HOLDS)
        case = case.model_copy(update={"suspect": person.user_id, "slack_fact": person.fact})
        after = case.model_copy(
            update={
                "target": target,
                "earlier": await self._store.acted_on(target.org, target.user_id),
                "org": target.org,
                "problem": None,
                "detail": None,
                "card": card,
                "first_card_at": case.first_card_at or now,
            }
        )
        try:
            await self._store.move(
                case,
                CaseChange(
                    CaseMove.PRESENT,
                    after,
                    now,
                    jobs=_card_jobs(after, case, now),
                    puts=card_found(card, case.id),
                    claims_account=True,
                    alert=AlertOp.OPEN if case.kind is CaseKind.BREACH else AlertOp.NONE,
                    alerts_taken_over=case.resets,
                    preparing=QueueOp.LEAVE,
                    card=QueueOp.JOIN if case.card is None else QueueOp.NONE,
                ),
            )
        except AccountTakenError as taken:
            await merge(self._store, case, target, taken.case_id, self._clock)

    async def _present_problem(
        self, case: Case, problem: Problematic, person: Person | None
    ) -> None:
        """Let IT hear of it all the same; what may be readable later is tried again."""
        now = self._clock()
        if case.problem is not problem.problem:
            card = case.card or Card(id=new_id(), until=now + CARD_HOLDS)
            after = case.model_copy(
                update={
                    "problem": problem.problem,
                    "detail": problem.detail,
                    "slack_fact": person.fact if person else None,
                    "card": card,
                    "first_card_at": case.first_card_at or now,
                }
            )
            case = await self._store.move(
                case,
                CaseChange(
                    CaseMove.PRESENT,
                    after,
                    now,
                    why=problem.problem,
                    detail=problem.detail,
                    jobs=_card_jobs(after, case, now),
                    puts=card_found(card, case.id),
                    preparing=QueueOp.NONE if problem.passing else QueueOp.LEAVE,
                    card=QueueOp.JOIN if case.card is None else QueueOp.NONE,
                ),
            )
            await self._queue.put_off(case.id, now + SOON)
        elif problem.passing:
            await self._queue.put_off(case.id, now + LATER)
        else:
            await self._queue.done(case.id)


def _waits(case: Case | None) -> TypeGuard[Case]:
    """Whether its account is still to be read. Two workers do, where a read outlives its lease."""
    return case is not None and case.state in OPEN and case.target is None


def card_found(card: Card, case_id: str) -> tuple[Put, ...]:
    """Let a card's buttons find their case."""
    life = _HELD_CARD_LIFE if card.until is None else _CARD_LIFE
    return (Put(keys.card(card.id), case_id, int(life.total_seconds() * 1000)),)


def _card_jobs(case: Case, before: Case, now: datetime) -> tuple[Job, ...]:
    if case.card is None or before.card is not None:  # it stands already, or is about to
        return (Job(JobName.SHOW_CARD, case.id),)
    return (
        Job(JobName.POST_CARDS, EVERY),
        Job(JobName.REMIND_OF_CASE, case.id, now + REMINDERS[0]),
        Job(JobName.RENEW_CARD, case.id, case.card.until),
    )
