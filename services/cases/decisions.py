"""What an approver decides about a case, with the authority looked up when they press."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from services.audit import row_for_refusal
from services.cases import plans, policy
from services.cases.model import Case
from services.cases.policy import Rules
from services.clock import Clock
from services.resets.policy import Answer, AnswerCode
from services.slack.approvers import ApproversUnknownError
from services.standing import Presser, Standing
from services.store.audit_log import AuditLog
from services.store.case_changes import CaseChange
from services.store.cases import CaseStore
from services.store.errors import AccountTakenError, QuotaError, StaleError
from services.store.presses import Press

Plan = Callable[[Case, Presser, datetime], CaseChange | Answer]
Find = Callable[[str], Awaitable[Case | None]]


class CaseDecisions:
    """Each method answers with the case as it now stands, or with why it was refused.

    A decision that came from this very press is answered with the case again, so a job that runs
    twice goes on from there. Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(
        self,
        store: CaseStore,
        standing: Standing,
        audit_log: AuditLog,
        rules: Rules,
        clock: Clock,
    ) -> None:
        self._store = store
        self._standing = standing
        self._audit_log = audit_log
        self._clock = clock
        self.rules = rules

    async def may_approve(self, press: Press) -> Case | Answer:
        """Look whether this person may approve on this card; `OWN_REPORT` where only alone.

        That is no refusal yet where acting alone is possible at all: `may_override` says.
        """

        def look(case: Case | None, presser: Presser) -> Answer | None:
            refused = policy.refuse_decision(case, press.reset_id or "", presser, self._clock())
            return refused or (policy.refuse_approval(case, presser) if case else None)

        undecided = AnswerCode.OWN_REPORT if self.rules.emergency else None
        return await self._may(press, self._store.of_card, look, undecided)

    async def may_override(self, press: Press) -> Case | Answer:
        """Look whether this person may act alone on this card."""

        def look(case: Case | None, presser: Presser) -> Answer | None:
            return policy.refuse_override(
                case, press.reset_id or "", presser, self._clock(), self.rules
            )

        return await self._may(press, self._store.of_card, look)

    async def may_deny(self, press: Press) -> Case | Answer:
        """Look whether this person may deny on this card."""

        def look(case: Case | None, presser: Presser) -> Answer | None:
            return policy.refuse_decision(case, press.reset_id or "", presser, self._clock())

        return await self._may(press, self._store.of_card, look)

    async def may_confirm(self, press: Press) -> Case | Answer:
        """Look whether this person may confirm the address that a step waits for."""

        def look(case: Case | None, presser: Presser) -> Answer | None:
            refused = policy.refuse_presser(case, presser)
            return refused or (policy.refuse_confirmation(case, presser) if case else None)

        return await self._may(press, self._store.get, look)

    async def may_see(self, press: Press) -> Case | Answer:
        """Look whether this person may see the evidence."""
        return await self._may(press, self._store.get, policy.refuse_presser)

    async def may_review(self, press: Press) -> list[Case] | Answer:
        """Find what one decision of this person may be about: admins and own reports aren't."""
        try:
            presser = await self._standing.of(press.person)
        except ApproversUnknownError:
            return await self._refused(press, Answer(code=AnswerCode.APPROVERS_UNKNOWN))
        if not presser.is_approver:
            return await self._refused(press, Answer(code=AnswerCode.NOT_APPROVER))
        now = self._clock()
        newest = policy.most_urgent_first(await self._store.newest_open(_LOOKED_AT))
        found = [one for one in newest if policy.may_be_reviewed(one, presser, now)]
        if not found:
            return await self._refused(press, Answer(code=AnswerCode.NOTHING_TO_REVIEW))
        return found[: policy.MOST_TOGETHER]

    async def approve(self, press: Press) -> Case | Answer:
        """Approve on a card."""

        def plan(case: Case, presser: Presser, now: datetime) -> CaseChange | Answer:
            refused = policy.refuse_decision(case, press.reset_id or "", presser, now)
            return refused or plans.approval(case, press, presser, now, self.rules)

        return await self._decide(press, self._store.of_card, plan)

    async def override(self, press: Press) -> Case | Answer:
        """Act alone on a card, in an emergency."""

        def plan(case: Case, presser: Presser, now: datetime) -> CaseChange | Answer:
            refused = policy.refuse_override(case, press.reset_id or "", presser, now, self.rules)
            return refused or plans.override(case, press, presser, now)

        return await self._decide(press, self._store.of_card, plan)

    async def deny(self, press: Press) -> Case | Answer:
        """Deny on a card."""

        def plan(case: Case, presser: Presser, now: datetime) -> CaseChange | Answer:
            refused = policy.refuse_decision(case, press.reset_id or "", presser, now)
            return refused or plans.denial(case, press, now)

        return await self._decide(press, self._store.of_card, plan)

    async def review(self, press: Press) -> list[tuple[Case | None, Case | Answer]]:
        """Decide about several at once: a claim for each, and an answer for each."""
        decide = self.approve if press.is_approval else self.deny
        results: list[tuple[Case | None, Case | Answer]] = []
        for card_id in dict.fromkeys(press.cards[: policy.MOST_TOGETHER]):
            one = press.model_copy(update={"reset_id": card_id, "id": f"{press.id}:{card_id[:8]}"})
            case = await self._store.of_card(card_id)
            if case is not None and case.target is not None and case.target.is_admin:
                answer = Answer(code=AnswerCode.NOTHING_TO_REVIEW)
                results.append((case, await self._refused(one, answer)))
            else:
                results.append((case, await decide(one)))
        return results

    async def confirm_address(self, press: Press) -> Case | Answer:
        """Take the word of an approver who asked the person another way."""

        def plan(case: Case, presser: Presser, now: datetime) -> CaseChange | Answer:
            return plans.confirmation(case, press, presser, now)

        return await self._decide(press, self._store.get, plan)

    async def retry(self, press: Press) -> Case | Answer:
        """Try a step again."""

        def plan(case: Case, _: Presser, now: datetime) -> CaseChange | Answer:
            return plans.retry(case, press, now)

        return await self._decide(press, self._store.of_step, plan)

    async def unfreeze(self, press: Press) -> Case | Answer:
        """Unfreeze the account, with a fresh reset."""

        def plan(case: Case, _: Presser, now: datetime) -> CaseChange | Answer:
            return plans.unfreezing(case, press, now)

        return await self._decide(press, self._store.get, plan)

    async def close(self, press: Press) -> Case | Answer:
        """Close a case."""

        def plan(case: Case, _: Presser, now: datetime) -> CaseChange | Answer:
            return plans.closing(case, press, now)

        return await self._decide(press, self._store.get, plan)

    async def _may(
        self,
        press: Press,
        find: Find,
        look: Callable[[Case | None, Presser], Answer | None],
        undecided: AnswerCode | None = None,
    ) -> Case | Answer:
        try:
            presser = await self._standing.of(press.person)
        except ApproversUnknownError:
            return await self._refused(press, Answer(code=AnswerCode.APPROVERS_UNKNOWN))
        case = await find(press.reset_id or "")
        refused = look(case, presser)
        if refused is None and case is not None:
            return case
        if refused is not None and refused.code is undecided:
            return refused
        gone = Answer(code=AnswerCode.GONE, detail="case")
        return await self._refused(press, refused or gone, case)

    async def _decide(self, press: Press, find: Find, plan: Plan) -> Case | Answer:
        while True:
            case = await find(press.reset_id or "")
            if case is not None and press.id in case.presses:
                return case
            try:
                presser = await self._standing.of(press.person)
            except ApproversUnknownError:
                return await self._refused(press, Answer(code=AnswerCode.APPROVERS_UNKNOWN))
            refused = policy.refuse_presser(case, presser)
            if refused or case is None:
                gone = Answer(code=AnswerCode.GONE, detail="case")
                return await self._refused(press, refused or gone, case)
            planned = plan(case, presser, self._clock())
            if isinstance(planned, Answer):
                return await self._refused(press, planned, case)
            try:
                return await self._store.move(case, planned)
            except StaleError:
                continue
            except QuotaError as error:
                answer = Answer(code=AnswerCode.OVERRIDE_LIMIT, at=error.until)
                return await self._refused(press, answer, case)
            except AccountTakenError:
                return await self._refused(press, Answer(code=AnswerCode.NEWER_REPORT), case)

    async def _refused(self, press: Press, answer: Answer, case: Case | None = None) -> Answer:
        """Write down a refusal, by the case's id where it is known: people find it by that."""
        await self._audit_log.append(
            row_for_refusal(
                case.id if case else press.reset_id,
                f"breach_{press.kind}",
                answer,
                actor=press.person,
                at=self._clock(),
            )
        )
        return answer


_LOOKED_AT = 200
"""Open cases among which those are sought that one decision may be about."""
