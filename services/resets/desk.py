"""Takes what people press and makes the moves of it. Runs while Slack waits for the ack."""

import contextlib
from collections.abc import Callable, Collection
from datetime import datetime

from services.clock import Clock
from services.orgs import ResetMethod
from services.resets.endings import ending_jobs, expiry, is_over
from services.resets.model import Question, Reset, SlackUser, new_id
from services.resets.policy import (
    Answer,
    AnswerCode,
    refuse_owner,
    refuse_press,
    refuse_question,
    refuse_unproven,
)
from services.resets.states import WAITING, WITH_EFFECT, Move, State
from services.resets.terms import Terms
from services.store import keys
from services.store.changes import AccountOp, Change, Job, JobName, Put
from services.store.errors import AccountHinderedError, StaleError
from services.store.resets import RESPONSE_URL_LIFE, ResetStore

TRIES = 4
"""Re-reads when somebody else moves the same reset at the same moment."""


class Desk:
    """Each method answers with the moved reset, or with why the press had no effect.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, store: ResetStore, terms: Terms, clock: Clock) -> None:
        self._store = store
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
            puts=_url(f"{reset.id}:command", response_url),
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
                    update={"chosen": chosen, "org": chosen.org, "choices": (), "deadline": None}
                ),
                now,
                actor=person,
                jobs=(Job(JobName.PREPARE, reset.id),),
                puts=_url(reset.id, response_url),
            )

        return await self._press(reset_id, person, {State.AWAITING_CHOICE}, change)

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
                puts=_url(reset.id, response_url),
            )

        return await self._press(
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
                puts=_url(reset.id, response_url),
            )

        return await self._press(reset_id, person, {State.AWAITING_PRESS}, change)

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
                puts=_url(reset.id, response_url),
            )

        return await self._press(reset_id, person, WAITING, change)

    async def may_ask_it(
        self, reset_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Look whether the form for a question to IT may open, and keep the way to its message."""
        reset = await self._store.get(reset_id)
        answer = refuse_owner(reset, person)
        if answer or reset is None:
            return answer or Answer(code=AnswerCode.GONE)
        late = refuse_press(reset, State.AWAITING_USER, self._clock()) or refuse_question(reset)
        if late:
            return late
        if response_url:
            await self._store.keep_response_url(reset.id, response_url)
        return reset

    async def ask_it(self, reset_id: str, person: SlackUser, text: str) -> Reset | Answer:
        """Take a question to IT. The offer's clock stops; IT has its own."""

        def change(reset: Reset, now: datetime) -> Change:
            deadline = now + self._terms.it_wait
            return Change(
                Move.ASK_IT,
                reset.model_copy(update={"question": Question(text=text), "deadline": deadline}),
                now,
                actor=person,
                jobs=(
                    Job(JobName.ASK_IT, reset.id),
                    Job(JobName.REMIND_IT, reset.id, now + self._terms.it_reminder),
                    Job(JobName.EXPIRE, reset.id, deadline),
                ),
            )

        return await self._press(
            reset_id, person, {State.AWAITING_USER}, change, also=refuse_question
        )

    async def no_email(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Take *No email yet?*: what to check comes now, the offer of another reset later."""

        def change(reset: Reset, now: datetime) -> Change:
            later = reset.available_at
            timer = (Job(JobName.OFFER_AGAIN, reset.id, later),) if later and later > now else ()
            return Change(
                Move.NO_EMAIL,
                reset.model_copy(update={"no_email_at": now}),
                now,
                actor=person,
                jobs=(Job(JobName.NO_EMAIL, reset.id), *timer),
            )

        reset = await self._store.get(reset_id)
        if reset and reset.no_email_at and not refuse_owner(reset, person):
            return Answer(code=AnswerCode.ALREADY_TOLD, at=reset.no_email_at)
        return await self._press(reset_id, person, WITH_EFFECT, change)

    async def not_me(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Take *This wasn't me*: IT is told, and self-service stops for the Salesforce user."""

        def change(reset: Reset, now: datetime) -> Change:
            return Change(
                Move.NOT_ME,
                reset.model_copy(update={"not_me_at": now}),
                now,
                actor=person,
                account=AccountOp.ALERT,
                jobs=(Job(JobName.ALERT, reset.id),),
            )

        reset = await self._store.get(reset_id)
        if reset and reset.not_me_at and not refuse_owner(reset, person):
            return Answer(code=AnswerCode.ALREADY_TOLD, at=reset.not_me_at)
        return await self._press(reset_id, person, WITH_EFFECT, change)

    async def own(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Read a reset for its owner."""
        reset = await self._store.get(reset_id)
        answer = refuse_owner(reset, person)
        return answer or reset or Answer(code=AnswerCode.GONE)

    async def newest(self, person: SlackUser, count: int = 10) -> list[Reset]:
        """Read a person's newest resets, newest first."""
        return await self._store.newest_of(person.user_id, count)

    async def _press(
        self,
        reset_id: str,
        person: SlackUser,
        expected: Collection[State],
        change: Callable[[Reset, datetime], Change],
        *,
        also: Callable[[Reset], Answer | None] | None = None,
    ) -> Reset | Answer:
        """Decide on a press and make its move; decide anew when somebody was faster."""
        for _ in range(TRIES):
            now = self._clock()
            reset = await self._store.get(reset_id)
            refused = refuse_owner(reset, person)
            if refused or reset is None:
                return refused or Answer(code=AnswerCode.GONE)
            wanted = reset.state if reset.state in expected else next(iter(expected))
            if late := refuse_press(reset, wanted, now):
                await self._end_if_over(reset, now)
                return late
            if also and (refused := also(reset)):
                return refused
            try:
                return await self._store.move(reset, change(reset, now))
            except StaleError:
                continue
            except AccountHinderedError as error:
                return Answer(code=AnswerCode(error.hindrance), at=error.until)
        return Answer(code=AnswerCode.ALREADY_PRESSED)

    async def _end_if_over(self, reset: Reset, now: datetime) -> None:
        """End an offer whose time is over, should its timer be late or lost."""
        if is_over(reset, now):
            with contextlib.suppress(StaleError):
                await self._store.move(reset, expiry(reset, now))


def _url(owner: str, response_url: str | None) -> tuple[Put, ...]:
    if not response_url:
        return ()
    life = int(RESPONSE_URL_LIFE.total_seconds() * 1000)
    return (Put(keys.response_url(owner), response_url, life),)
