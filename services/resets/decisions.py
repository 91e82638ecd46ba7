"""What an approver decides, with the authority looked up when they press."""

from services.audit import row_for_refusal
from services.clock import Clock
from services.resets import policy
from services.resets.model import Question, Reset, SlackUser
from services.resets.policy import Answer, AnswerCode
from services.resets.states import Move
from services.slack.approvers import ApproversUnknownError
from services.standing import Standing
from services.store.audit_log import AuditLog
from services.store.changes import Change, Job, JobName
from services.store.errors import StaleError
from services.store.presses import Press
from services.store.resets import ResetStore


class Decisions:
    """Each method answers with the reset as it now stands, or with why it was refused.

    A decision that this very person has made before is answered with the reset again, so a job
    that runs twice goes on from there.
    """

    def __init__(
        self, store: ResetStore, standing: Standing, audit_log: AuditLog, clock: Clock
    ) -> None:
        self._store = store
        self._standing = standing
        self._audit_log = audit_log
        self._clock = clock

    async def may_answer(self, press: Press) -> Reset | Answer:
        """Look whether this person may answer this question now."""
        reset = await self._store.get(press.reset_id or "")
        refused = await self._refuse_approver(reset, press.person)
        if refused is None and reset is not None:
            refused = policy.refuse_answer(reset, press.person, self._clock())
        outcome = refused or reset or Answer(code=AnswerCode.GONE)
        return await self._audited(press, outcome)

    async def answer_question(self, press: Press) -> Reset | Answer:
        """Let a question's asker go ahead, or ask them to wait."""
        outcome = await self._decide_question(press)
        return await self._audited(press, outcome)

    async def _decide_question(self, press: Press) -> Reset | Answer:
        while True:
            reset = await self._store.get(press.reset_id or "")
            if refused := await self._refuse_approver(reset, press.person):
                return refused
            if reset is None or reset.question is None:
                return Answer(code=AnswerCode.GONE)
            if press.id in reset.question.presses:
                return reset
            if refused := policy.refuse_answer(reset, press.person, self._clock()):
                return refused
            try:
                return await self._store.move(reset, self._answer(reset, reset.question, press))
            except StaleError:
                continue

    def _answer(self, reset: Reset, asked: Question, press: Press) -> Change:
        now = self._clock()
        wait = press.kind == "wait"
        question = asked.model_copy(
            update={
                "answered_by": press.person.user_id,
                "answered_at": now,
                "wait": press.text if wait else asked.wait,
                "presses": (*asked.presses, press.id),
            }
        )
        if wait:
            after = reset.model_copy(update={"question": question})
            return Change(Move.ASK_TO_WAIT, after, now, actor=press.person)
        after = reset.model_copy(update={"question": question, "deadline": None, "in_dm": True})
        return Change(
            Move.GO_AHEAD,
            after,
            now,
            actor=press.person,
            jobs=(Job(JobName.PREPARE, reset.id),),
        )

    async def _refuse_approver(self, reset: Reset | None, person: SlackUser) -> Answer | None:
        if reset is None:
            return Answer(code=AnswerCode.GONE)
        try:
            presser = await self._standing.of(person)
        except ApproversUnknownError:
            return Answer(code=AnswerCode.APPROVERS_UNKNOWN)
        return None if presser.is_approver else Answer(code=AnswerCode.NOT_APPROVER)

    async def _audited(self, press: Press, outcome: Reset | Answer) -> Reset | Answer:
        if isinstance(outcome, Answer):
            await self._audit_log.append(
                row_for_refusal(
                    press.reset_id, press.kind, outcome, actor=press.person, at=self._clock()
                )
            )
        return outcome
