"""Takes a person's question to IT. Runs while Slack waits for the ack."""

from datetime import datetime

from services.clock import Clock
from services.resets.model import Question, Reset, SlackUser
from services.resets.own_presses import OwnPresses
from services.resets.policy import Answer, refuse_press, refuse_question
from services.resets.states import Move, State
from services.resets.terms import Terms
from services.store.changes import Change, Job, JobName
from services.store.resets import ResetStore


class Questions:
    """Each method answers with the moved reset, or with why the press had no effect.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, store: ResetStore, presses: OwnPresses, terms: Terms, clock: Clock) -> None:
        self._store = store
        self._presses = presses
        self._terms = terms
        self._clock = clock

    async def may_ask_it(
        self, reset_id: str, person: SlackUser, response_url: str | None
    ) -> Reset | Answer:
        """Look whether the form for a question to IT may open, and keep the way to its message."""
        reset = await self._presses.own(reset_id, person)
        if isinstance(reset, Answer):
            return reset
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

        return await self._presses.take(
            reset_id, person, {State.AWAITING_USER}, change, also=refuse_question
        )
