"""Runs what was approved, step by step: each at most once, each with an outcome."""

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from services.cases import policy
from services.cases.acted import Acted, may_shut_out
from services.cases.model import Case
from services.cases.performing import Outcome, Performing
from services.cases.states import CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.clock import Clock, utc_now
from services.jobs.timer import RunAgain
from services.salesforce.org import Org
from services.store.acted import put_acted
from services.store.case_changes import CaseChange
from services.store.cases import CaseStore
from services.store.changes import Job, JobName, Put
from services.store.errors import StaleError, StoreUnavailableError
from services.store.holds import Holds
from services.store.replicas import Replicas

log = structlog.get_logger(__name__)

OUTCOME_KEPT_FOR = 60
"""Seconds for which an outcome that can't be saved is held and tried again."""

BUSY = timedelta(seconds=1)
"""When it is looked again whether the steps that somebody else runs have ended."""


class Containment:
    """Writes an intent before each step's request, and an outcome after it.

    A step that fails doesn't stop the later ones. Whoever finds an intent without an outcome
    looks for evidence.
    """

    def __init__(
        self,
        store: CaseStore,
        replicas: Replicas,
        runs: Holds,
        performing: Performing,
        orgs: Mapping[str, Org],
        clock: Clock,
    ) -> None:
        self._store = store
        self._replicas = replicas
        self._runs = runs
        self._performing = performing
        self._orgs = orgs
        self._clock = clock

    async def run(self, case_id: str) -> None:
        """Run every step that is due.

        Raises:
            RunAgain: another worker runs this case's steps.
        """
        token = await self._runs.take(case_id)
        if token is None:
            case = await self._store.get(case_id)
            if case is None or (policy.is_settled(case) and not _is_to_be_finished(case)):
                return
            raise RunAgain(utc_now() + BUSY)  # a pause, not a deadline
        async with self._runs.kept(case_id, token):
            await self._run_all(case_id)

    async def give_up(self, case_id: str) -> None:
        """End what a job that failed for good left: unknown after an intent, else not done.

        Raises:
            RunAgain: another worker runs this case's steps, so there is nothing to give up.
        """
        token = await self._runs.take(case_id)
        if token is None:
            raise RunAgain(utc_now() + BUSY)  # a pause, not a deadline
        async with self._runs.kept(case_id, token):
            case = await self._store.get(case_id)
            while case is not None and (step := _next(case)) is not None:
                began = step.state is StepState.RUNNING
                state = StepState.UNKNOWN if began and step.kind.is_effect else StepState.FAILED
                case = await self._end(case, step, Outcome(state, code="gave_up"))
            if case is not None:
                await self._finish(case)

    async def _run_all(self, case_id: str) -> None:
        case = await self._store.get(case_id)
        while case is not None and (step := _next(case)) is not None:
            case = await self._run_one(case, step)
        if case is not None:
            await self._finish(case)

    async def _run_one(self, case: Case, step: Step) -> Case | None:
        org = self._orgs.get(case.target.org) if case.target else None
        if step.state is StepState.QUEUED:
            try:
                case, step = await self._begin(case, step)
            except StaleError:
                return await self._store.get(case.id)
            if step.kind.is_effect and not await self._replicas.have_it():
                outcome = Outcome(StepState.FAILED, code="not_replicated")
            else:
                outcome = await self._performing.perform(case, step, org)
        else:
            outcome = await self._performing.look(case, step, org)
        return await self._end(case, step, outcome)

    async def _begin(self, case: Case, step: Step) -> tuple[Case, Step]:
        now = self._clock()
        begun = step.model_copy(
            update={"state": StepState.RUNNING, "intent_at": now, "tries": step.tries + 1}
        )
        moved = await self._store.move(
            case,
            CaseChange(
                CaseMove.BEGIN_STEP,
                case.model_copy(update={"steps": case.with_step(begun)}),
                now,
                detail=step.kind,
                jobs=(Job(JobName.SHOW_STEPS, case.id),),
            ),
        )
        return moved, begun

    async def _end(self, case: Case, step: Step, outcome: Outcome) -> Case | None:
        """Save an outcome, whatever stands in the way: nobody else knows it."""
        now = self._clock()
        ended = step.model_copy(
            update={
                "state": outcome.state,
                "ended_at": now,
                "code": outcome.code,
                "needs": outcome.needs,
                "count": outcome.count,
                "left": outcome.left,
                "proof": outcome.proof,
                "taken_over": step.taken_over or outcome.taken_over,
            }
        )
        fresh: Case | None = case
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((StaleError, StoreUnavailableError)),
            stop=stop_after_delay(OUTCOME_KEPT_FOR),
            wait=wait_exponential(multiplier=0.05, max=5),
            reraise=True,
        ):
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    fresh = await self._store.get(case.id)
                found = fresh.step(step.id) if fresh else None
                is_other = found is None or (found.state, found.tries) != (step.state, step.tries)
                if fresh is None or is_other:
                    return fresh  # somebody else ended it, as after a stop that was too long
                fresh = await self._store.move(fresh, _ending(fresh, ended, outcome, now))
        return fresh

    async def _finish(self, case: Case) -> None:
        """Say that every step has ended. What is held or waits for somebody hasn't."""
        fresh: Case | None = case
        while fresh is not None and _is_to_be_finished(fresh):
            with contextlib.suppress(StaleError):
                await self._store.move(
                    fresh,
                    CaseChange(
                        CaseMove.FINISH,
                        fresh,
                        self._clock(),
                        jobs=(
                            Job(JobName.TELL_CONTAINED, fresh.id),
                            Job(JobName.SHOW_CARD, fresh.id),
                            Job(JobName.TELL_REPORTERS, fresh.id),
                        ),
                        leaves_account=True,
                    ),
                )
                return
            fresh = await self._store.get(fresh.id)


def _is_to_be_finished(case: Case) -> bool:
    """Whether every step has ended and nobody has been told: a worker may die between the two."""
    return case.state is CaseState.APPROVED and policy.is_finished(case)


def _next(case: Case) -> Step | None:
    """Find what was begun and not ended, else the first that is due."""
    due = [one for one in case.steps if one.state in {StepState.RUNNING, StepState.QUEUED}]
    return next((one for one in due if one.state is StepState.RUNNING), next(iter(due), None))


def _ending(case: Case, ended: Step, outcome: Outcome, now: datetime) -> CaseChange:
    after = case.model_copy(
        update={
            "steps": case.with_step(ended),
            "target": outcome.target or case.target,
            "truth": outcome.truth or case.truth,
            "evidence_kept": case.evidence_kept or outcome.evidence_kept,
        }
    )
    jobs = [Job(JobName.SHOW_STEPS, case.id)]
    if ended.kind is StepKind.CHECK and not policy.is_finished(after):
        jobs.append(Job(JobName.TELL_CONTAINED, case.id))
    puts: tuple[Put, ...] = ()
    if may_shut_out(ended) and ended.intent_at and case.target:
        jobs.append(Job(JobName.LEAVE_FOLLOW_UP, case.id))
        acted = Acted(case_id=case.id, at=ended.intent_at)
        puts = (put_acted(case.target.org, case.target.user_id, acted),)
    return CaseChange(
        CaseMove.END_STEP,
        after,
        now,
        why=ended.state,
        detail=f"{ended.kind}:{ended.code}" if ended.code else ended.kind,
        jobs=tuple(jobs),
        puts=puts,
        spends=ended.kind.resets_password and may_shut_out(ended),
    )
