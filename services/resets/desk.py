"""Takes commands, and presses on an offer. Runs while Slack waits for the ack."""

import contextlib
from datetime import datetime

from services.clock import Clock
from services.orgs import ResetMethod
from services.resets.endings import ending_jobs
from services.resets.model import Reset, SlackUser, new_id
from services.resets.own_presses import OwnPresses, way_back
from services.resets.policy import (
    Answer,
    AnswerCode,
    refuse_unproven,
)
from services.resets.states import WAITING, Move, State
from services.resets.terms import Terms
from services.store.changes import AccountOp, Change, Job, JobName
from services.store.errors import StaleError
from services.store.resets import ResetStore


class Desk:
    """Each method answers with the moved reset, or with why the press had no effect.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, store: ResetStore, presses: OwnPresses, terms: Terms, clock: Clock) -> None:
        self._store = store
        self._presses = presses
        self._terms = terms
        self._clock = clock

    def now(self) -> datetime:
        """Read the clock that deadlines are compared with."""
        return self._clock()

    @property
    def paused(self) -> str | None:
        """Why no new reset may start."""
        return self._terms.paused

    async def start(
        self,
        person: SlackUser,
        channel: str,
        *,
        org: str | None,
        response_url: str | None,
        in_dm: bool = False,
        leaked: bool = False,
    ) -> Reset:
        """Save a new reset and the job that prepares it."""
        now = self._clock()
        reset = Reset(
            id=new_id(),
            requester=person,
            channel=channel,
            created_at=now,
            org=org,
            in_dm=in_dm,
            leaked=leaked,
        )
        change = Change(
            Move.START,
            reset,
            now,
            actor=person,
            jobs=(Job(JobName.PREPARE, reset.id),),
            puts=way_back(f"{reset.id}:command", response_url),
        )
        # Stale: only the reply was lost, and a worker has moved it on meanwhile.
        with contextlib.suppress(StaleError):
            return await self._store.move(None, change)
        return reset

    async def start_in_dm(
        self, person: SlackUser, channel: str | None, *, org: str | None, leaked: bool = False
    ) -> Reset | Answer:
        """Save a new reset that was asked for by a button in the DM, and is shown there."""
        if self._terms.paused:
            return Answer(code=AnswerCode.PAUSED, detail=self._terms.paused)
        return await self.start(
            person, channel or "", org=org, response_url=None, in_dm=True, leaked=leaked
        )

    async def choose(
        self, choice_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Take the choice of one of several Salesforce users."""
        reset_id = await self._store.choice(choice_id)
        if reset_id is None:
            return Answer(code=AnswerCode.GONE)

        def change(reset: Reset, now: datetime) -> Change:
            chosen = next(one for one in reset.choices if one.id == choice_id)
            return Change(
                Move.CHOOSE,
                reset.model_copy(
                    update={
                        "chosen": chosen,
                        "org": chosen.org,
                        "choices": (),
                        "deadline": None,
                        "asked_at": now,
                    }
                ),
                now,
                actor=person,
                jobs=(Job(JobName.PREPARE, reset.id),),
                puts=way_back(reset.id, response_url),
            )

        return await self._presses.take(reset_id, person, {State.AWAITING_CHOICE}, change)

    async def confirm(
        self, reset_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Take the press that asks for the effect: claim the Salesforce user, queue the job."""
        if self._terms.paused:
            return Answer(code=AnswerCode.PAUSED, detail=self._terms.paused)

        def change(reset: Reset, now: datetime) -> Change:
            guided = reset.method is ResetMethod.GUIDED
            deadline = now + self._terms.offer if guided else None
            jobs = (
                (Job(JobName.SHOW, reset.id), Job(JobName.EXPIRE, reset.id, deadline))
                if guided
                else (Job(JobName.RUN, reset.id),)
            )
            return Change(
                Move.OPEN_SALESFORCE if guided else Move.CONFIRM,
                reset.model_copy(update={"deadline": deadline}),
                now,
                actor=person,
                account=AccountOp.TAKE,
                jobs=jobs,
                puts=way_back(reset.id, response_url),
            )

        return await self._presses.take(
            reset_id, person, {State.AWAITING_USER}, change, also=refuse_unproven
        )

    async def report_press(
        self, reset_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Take the person's word that they pressed Salesforce's own button."""

        def change(reset: Reset, now: datetime) -> Change:
            return Change(
                Move.PRESSED,
                reset.model_copy(
                    update={
                        "deadline": None,
                        "intent_at": now,
                        "available_at": now + self._terms.cooldown,
                    }
                ),
                now,
                actor=person,
                account=AccountOp.SPEND,
                jobs=(Job(JobName.TELL, reset.id),),
                puts=way_back(reset.id, response_url),
            )

        return await self._presses.take(reset_id, person, {State.AWAITING_PRESS}, change)

    async def cancel(
        self, reset_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Take back whatever still waits."""

        def change(reset: Reset, now: datetime) -> Change:
            held = reset.state is State.AWAITING_PRESS
            return Change(
                Move.CANCEL,
                reset.model_copy(update={"deadline": None, "impact": None, "detail": reset.state}),
                now,
                actor=person,
                account=AccountOp.RELEASE if held else AccountOp.NONE,
                jobs=ending_jobs(reset),
                puts=way_back(reset.id, response_url),
            )

        return await self._presses.take(reset_id, person, WAITING, change)

    async def newest(self, person: SlackUser, count: int = 10) -> list[Reset]:
        """Read a person's newest resets, newest first."""
        return await self._store.newest_of(person.user_id, count)
