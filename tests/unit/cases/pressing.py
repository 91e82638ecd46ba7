"""Those who press something about a case, and whether they may."""

from datetime import timedelta

from services.cases import policy
from services.cases.model import Case
from services.cases.policy import Rules
from services.cases.steps import StepKind, StepState
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser
from services.store.case_changes import CaseChange
from services.store.changes import JobName
from services.store.presses import Press
from tests.unit.handlers.case_examples import BEN, CARD_ID, CASE_ID, IRIS, IVAN, RULES, a_target
from tests.unit.handlers.examples import NOW

IRIS_PRESSES = Presser(IRIS, is_approver=True, address="iris@acme.example")
IVAN_PRESSES = Presser(IVAN, is_approver=True, address="ivan@acme.example")
BEN_PRESSES = Presser(BEN, is_approver=True, address="ben@acme.example")
"""He reported it."""

ADMIN = a_target(is_admin=True)


def decide(case: Case | None, presser: Presser, *, minutes: int = 0) -> Answer | None:
    return policy.refuse_decision(case, CARD_ID, presser, NOW + timedelta(minutes=minutes))


def override(case: Case, presser: Presser, rules: Rules = RULES) -> Answer | None:
    return policy.refuse_override(case, CARD_ID, presser, NOW, rules)


def code(answer: Answer | None) -> AnswerCode | None:
    return answer.code if answer else None


def press(presser: Presser, **fields: object) -> Press:
    given: dict[str, object] = {
        "id": "7" * 32,
        "person": presser.person,
        "steps": tuple(one.value for one in StepKind),
        "address": a_target().address,
    }
    return Press.model_validate(given | fields)


def steps(change: CaseChange) -> list[tuple[StepKind, StepState]]:
    return [(one.kind, one.state) for one in change.after.steps]


def jobs(change: CaseChange) -> list[JobName]:
    assert all(one.item_id == CASE_ID for one in change.jobs if one.name != JobName.SHOW_SUMMARY)
    assert all(one.at is None for one in change.jobs)
    return [one.name for one in change.jobs]
