"""Runs a confirmed reset: at most one effect at Salesforce, and an outcome whatever happens."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from services.clock import Clock
from services.orgs import ResetMethod
from services.resets.asker import Asker
from services.resets.failures import Refused, reason_for
from services.resets.model import Account, Reason, Reset
from services.resets.states import Move, State
from services.resets.terms import Terms
from services.salesforce.errors import OutcomeUnknown, SalesforceError
from services.salesforce.org import Org
from services.salesforce.reset_page import ResetPage
from services.store.changes import AccountOp, Change, Job, JobName
from services.store.errors import StaleError, StoreUnavailableError
from services.store.replicas import Replicas
from services.store.resets import ResetStore

log = structlog.get_logger(__name__)

OUTCOME_KEPT_FOR = 60
"""Seconds for which an outcome that can't be saved is held and tried again."""


class Execution:
    """Writes an intent before the request that changes something, and an outcome after it.

    Whoever finds an intent without an outcome looks for evidence and never sends it again.
    """

    def __init__(
        self,
        store: ResetStore,
        replicas: Replicas,
        orgs: Mapping[str, Org],
        asker: Asker,
        terms: Terms,
        clock: Clock,
    ) -> None:
        self._store = store
        self._replicas = replicas
        self._orgs = orgs
        self._asker = asker
        self._terms = terms
        self._clock = clock

    async def claim(self, reset_id: str) -> Reset | None:
        """Take a queued reset; None when there is nothing left to run."""
        reset = await self._store.get(reset_id)
        if reset is None or reset.state not in {State.QUEUED, State.RUNNING}:
            return None
        if reset.state is State.QUEUED:
            reset = await self._store.move(reset, Change(Move.RUN, reset, self._clock()))
        return reset

    async def run(self, reset: Reset) -> None:
        """Run a claimed reset to its outcome, and save that together with the job that tells it.

        Raises:
            StaleError: another worker has it.
            SlackUnavailableError: it isn't known who asks; nothing has happened.
            RunAgain: the same, as others are looked up first.
        """
        account = _account(reset)
        org = self._orgs.get(account.org)
        if org is None:  # taken out of the settings after the warning
            await self._fail(reset, Reason.SALESFORCE_LOGIN, "org_not_configured")
        elif reset.intent_at is not None:
            await self._look_for_evidence(reset, org)
        else:
            await self._reset(reset, org)

    async def _reset(self, reset: Reset, org: Org) -> None:
        try:
            await self._asker.confirm(reset)
        except Refused as refused:
            await self._fail(reset, refused.reason, refused.detail)
            return
        if reset.method is ResetMethod.PASSWORD:
            await self._reset_password(reset, org)
        else:
            await self._reset_token(reset, org)

    async def give_up(self, reset_id: str) -> None:
        """End a reset whose job failed for good: harmlessly before the intent, unknown after it."""
        reset = await self._store.get(reset_id)
        if reset is None or reset.state not in {State.QUEUED, State.RUNNING}:
            return
        if reset.state is State.QUEUED:
            reset = await self._store.move(reset, Change(Move.RUN, reset, self._clock()))
        if reset.intent_at is None:
            await self._fail(reset, Reason.INTERNAL, None)
        else:
            await self._lose_sight(reset, "gave_up")

    async def _reset_token(self, reset: Reset, org: Org) -> None:
        try:
            page = await org.open_reset_page(_account(reset).username)
        except SalesforceError as error:
            reason = reason_for(error)
            if reason is Reason.API_ONLY:  # has no pages, so not by hand either
                await self._fail(reset, reason, error.code)
            else:
                await self._fall_back(reset, reason, error.code)
            return
        try:
            await self._submit(reset, page)
        finally:
            await page.close()

    async def _submit(self, reset: Reset, page: ResetPage) -> None:
        intended = await self._intend(reset)
        if intended is None:
            return
        try:
            await page.submit()
        except OutcomeUnknown as error:
            await self._lose_sight(intended, error.code)
        else:
            await self._succeed(intended)

    async def _reset_password(self, reset: Reset, org: Org) -> None:
        intended = await self._intend(reset)
        if intended is None:
            return
        try:
            await org.reset_password(_account(reset).user_id)
        except OutcomeUnknown as error:
            await self._look_for_evidence(intended, org, error.code)
        except SalesforceError as error:
            await self._fail(intended, reason_for(error), error.code)
        else:
            await self._succeed(intended)

    async def _look_for_evidence(self, reset: Reset, org: Org, detail: str = "interrupted") -> None:
        """Decide about an effect whose answer was lost.

        Only a password reset leaves a trace that can be read. A token reset leaves none: the
        mail is the only evidence, and only the person can see it.
        """
        seen = False
        if reset.method is ResetMethod.PASSWORD and reset.intent_at is not None:
            try:
                user = await org.user(_account(reset).user_id)
                seen = user is not None and await org.password_reset_seen(user, reset.intent_at)
            except SalesforceError as error:
                log.warning("salesforce.evidence_unreadable", reset_id=reset.id, code=error.code)
        if seen:
            await self._succeed(reset.model_copy(update={"seen_in_audit_trail": True}))
        else:
            await self._lose_sight(reset, detail)

    async def _intend(self, reset: Reset) -> Reset | None:
        """Write the intent; None where it may not outlive a failover, and the reset has ended."""
        now = self._clock()
        intended = reset.model_copy(update={"intent_at": now})
        moved = await self._store.move(reset, Change(Move.INTEND, intended, now))
        if await self._replicas.have_it():
            return moved
        await self._fail(moved, Reason.NOT_REPLICATED, None)
        return None

    async def _succeed(self, reset: Reset) -> None:
        now = self._clock()
        after = reset.model_copy(update={"available_at": now + self._terms.cooldown})
        await self._finish(reset, Move.SUCCEED, after, now, AccountOp.SPEND)

    async def _lose_sight(self, reset: Reset, detail: str) -> None:
        now = self._clock()
        after = reset.model_copy(
            update={
                "reason": Reason.OUTCOME_UNKNOWN,
                "detail": detail,
                "available_at": now + self._terms.cooldown,
            }
        )
        await self._finish(reset, Move.LOSE_SIGHT, after, now, AccountOp.SPEND)

    async def _fail(self, reset: Reset, reason: Reason, detail: str | None) -> None:
        after = reset.model_copy(update={"reason": reason, "detail": detail, "impact": None})
        await self._finish(reset, Move.FAIL, after, self._clock(), AccountOp.RELEASE)

    async def _fall_back(self, reset: Reset, reason: Reason, detail: str) -> None:
        """Nothing has changed yet, so the person can still do it by hand."""
        now = self._clock()
        deadline = now + self._terms.offer
        after = reset.model_copy(update={"reason": reason, "detail": detail, "deadline": deadline})
        await self._store.move(
            reset,
            Change(
                Move.FALL_BACK,
                after,
                now,
                jobs=(Job(JobName.SHOW, reset.id), Job(JobName.EXPIRE, reset.id, deadline)),
            ),
        )

    async def _finish(
        self, reset: Reset, move: Move, after: Reset, now: datetime, account: AccountOp
    ) -> None:
        """Save an outcome, whatever stands in the way: nobody else knows it.

        The data may have gone back in time under us (a failover loses the last second), and with
        it the intent; then the outcome is saved on what is there now. Otherwise the next try of
        the job would find no intent and send the request again.
        """
        change = Change(move, after, now, account=account, jobs=(Job(JobName.TELL, reset.id),))
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((StaleError, StoreUnavailableError)),
            stop=stop_after_delay(OUTCOME_KEPT_FOR),
            wait=wait_exponential(multiplier=0.1, max=5),
            reraise=True,
        ):
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    fresh = await self.claim(reset.id)
                    if fresh is None:  # it was ended by somebody else, or is gone
                        return
                    reset = fresh
                await self._store.move(reset, change)


def _account(reset: Reset) -> Account:
    if reset.account is None:
        raise ValueError("a reset runs only once its Salesforce user is known")
    return reset.account
