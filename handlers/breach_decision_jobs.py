"""What the worker does about a decision: fills the form, decides, and answers who was refused."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from handlers import breach_decision_messages, review_messages
from handlers.ask_it_messages import refused_view
from handlers.card_places import CardPlaces
from handlers.case_tools import CaseTools
from services.cases import policy
from services.cases.model import Case
from services.resets.policy import Answer, AnswerCode
from services.slack.errors import SlackRefusedError
from services.store.changes import JobName
from services.store.evidence import EvidenceStore
from services.store.presses import Press

if TYPE_CHECKING:  # a web process doesn't load what reads user groups
    from services.cases.second_look import SecondLook
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)


class BreachDecisionJobs:
    """Authority is looked up here, for the form and once more for the decision."""

    def __init__(
        self,
        tools: CaseTools,
        places: CardPlaces,
        second_look: "SecondLook",
        evidence: EvidenceStore,
    ) -> None:
        self._tools = tools
        self._places = places
        self._second_look = second_look
        self._evidence = evidence

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.FILL_CASE_FORM, self.fill)
        queue.register(JobName.DECIDE_CASE, self.decide)

    async def fill(self, press_id: str) -> None:
        """Fill the form that was opened, for those who may use it; tell the others why not."""
        press = await self._tools.presses.get(press_id)
        if press is None or press.view_id is None:
            return
        await self._places.learn(press)
        view = await self._view(press)
        if isinstance(view, Answer):
            view = refused_view(view, self._tools.it_channel)
        try:
            await self._tools.messenger.update_view(press.view_id, view)
        except SlackRefusedError as error:
            await self._tools.answering.not_filled(press, error)

    async def decide(self, press_id: str) -> None:
        """Decide. What follows is the move's jobs; a refused press is answered here."""
        press = await self._tools.presses.get(press_id)
        if press is None:
            return
        if press.kind == "review":
            await self._review(press)
            return
        outcome = await self._decided(press)
        if isinstance(outcome, Answer):
            await self._tools.answering.tell(press, outcome)

    async def _view(self, press: Press) -> dict[str, Any] | Answer:
        decisions = self._tools.decisions
        match press.kind:
            case "approve":
                return await self._approve_form(press)
            case "deny":
                case = await decisions.may_deny(press)
                return (
                    case if isinstance(case, Answer) else breach_decision_messages.deny_form(case)
                )
            case "review":
                cases = await decisions.may_review(press)
                if isinstance(cases, Answer):
                    return cases
                looked_at = await asyncio.gather(*map(self._second_look.at, cases))
                return review_messages.review_form(looked_at, policy.steps_for_any(cases))
            case "confirm_address":
                case = await decisions.may_confirm(press)
                return case if isinstance(case, Answer) else await self._address_form(case)
            case "show_evidence":
                case = await decisions.may_see(press)
                if isinstance(case, Answer):
                    return case
                evidence = await self._evidence.get(case.id)
                return breach_decision_messages.evidence_view(case, evidence)
            case _:
                return Answer(code=AnswerCode.UNKNOWN_BUTTON)

    async def _approve_form(self, press: Press) -> dict[str, Any] | Answer:
        decisions = self._tools.decisions
        allowed = await decisions.may_approve(press)
        if not isinstance(allowed, Answer):
            case = await self._second_look.at(allowed)
            if case is not allowed:  # who it is about is known better now
                allowed = await decisions.may_approve(press)
        if isinstance(allowed, Answer):
            if allowed.code is not AnswerCode.OWN_REPORT or not decisions.rules.emergency:
                return allowed
            alone = await decisions.may_override(press)
            if isinstance(alone, Answer):
                return alone
            return breach_decision_messages.override_form(alone)
        needed = policy.approvers_needed(allowed, decisions.rules)
        return breach_decision_messages.approve_form(allowed, decisions.rules, needed)

    async def _address_form(self, case: Case) -> dict[str, Any] | Answer:
        address = await self._second_look.address(case)
        slack_address = await self._tools.slack_address(case.suspect)
        return breach_decision_messages.address_form(case, address, slack_address)

    async def _decided(self, press: Press) -> Case | Answer:
        decisions = self._tools.decisions
        match press.kind:
            case "approve":
                return await decisions.approve(press)
            case "override":
                return await decisions.override(press)
            case "deny":
                return await decisions.deny(press)
            case "confirm_address":
                return await decisions.confirm_address(press)
            case "retry":
                return await decisions.retry(press)
            case "unfreeze":
                return await decisions.unfreeze(press)
            case "close":
                return await decisions.close(press)
            case _:
                return Answer(code=AnswerCode.UNKNOWN_BUTTON)

    async def _review(self, press: Press) -> None:
        """Decide about each by itself, then say how many there were."""
        results = await self._tools.decisions.review(press)
        refused = [
            (case, answer)
            for case, answer in results
            if isinstance(answer, Answer) and case is not None
        ]
        done = sum(not isinstance(answer, Answer) for _, answer in results)
        if not done and not refused:  # none of them is a report that the bot has
            gone = Answer(code=AnswerCode.GONE, detail="case")
            answers = (answer for _, answer in results if isinstance(answer, Answer))
            await self._tools.answering.tell(press, next(answers, gone))
            return
        message = review_messages.reviewed(done, refused)
        await self._tools.answering.say(press, message)
