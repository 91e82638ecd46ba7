"""The longest that a case can hold still makes messages and forms that Slack takes."""

import json
import re
from typing import Any

import pytest

from handlers import (
    breach_card_messages,
    breach_decision_messages,
    containment_messages,
    review_messages,
)
from handlers.impact_modal import MOST_BYTES
from services.cases.model import MOST_VOICES, Case, CaseKind, Problem, SlackFact
from services.cases.policy import MOST_TOGETHER
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.cases.words import MOST_LINE, MOST_LINES, MOST_REASON
from services.impact.model import Address, FailedLately, Note, SurvivingGrant, Verdict
from services.resets.policy import Answer, AnswerCode
from tests.unit.handlers.about_any_case import (
    ABOUT_ANY,
    FORMS,
    KINDS,
    check,
    known_in,
)
from tests.unit.handlers.case_examples import (
    ALERT,
    ALL_STEPS,
    APPROVAL,
    CARD,
    DENIAL,
    OVERRIDE,
    REPORT,
    RULES,
    a_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import APPROVERS, IMPACT, LOADER, NOW, read, strings
from tests.unit.handlers.limits import check_view

WORST = "&*`<>_~|"
"""Characters that grow, mean something or end a code span."""

WORST_TARGET = a_target(
    org="&" * 40,
    user_id=WORST * 5,
    username=WORST * 40,
    name="&" * 500,
    profile="&" * 500,
    is_admin=True,
    is_sso=True,
    is_api_only=True,
    is_frozen=True,
    mailed_to="&" * 500,
    address_differs=True,
    sessions=10**6,
    grants=10**6,
    impact=IMPACT.model_copy(
        update={
            "integrations": tuple(
                LOADER.model_copy(
                    update={
                        "name": WORST * 10,
                        "client_version": WORST * 20,
                        "api_type": "\N{FAMILY}" * 80,
                        "verdict": Verdict.BREAKS,
                        "logins": 10**9 + number,
                        "addresses": (Address(ip="&" * 64, trusted=False),) * 5,
                        "more_addresses": 10**9,
                    }
                )
                for number in range(40)
            ),
            "more": 10**9,
            "grants": (SurvivingGrant(app=WORST * 10, last_used=NOW, uses=10**9),) * 10,
            "notes": tuple(Note),
            "failed_lately": FailedLately(
                count=10**9, last_at=NOW, application=WORST * 10, address="&" * 64
            ),
        }
    ),
)
WORST_REPORT = ALERT.model_copy(
    update={
        "reason": "&" * MOST_REASON,
        "seen": "\N{FAMILY} " * (MOST_REASON // 2),
        "evidence": ("&" * MOST_LINE,) * MOST_LINES,
        "link": "https://acme.slack.com/" + "&" * 300,
        "alert": ALERT.alert and ALERT.alert.model_copy(update={"source": "&" * 200}),
    }
)
LONG_NOTE = {"note": "&" * 1000}


def _worst(state: CaseState, **fields: object) -> Case:
    given: dict[str, object] = {
        "target": WORST_TARGET,
        "reports": (REPORT, *(WORST_REPORT,) * (MOST_VOICES - 1)),
        "more_reports": 10**6,
        "slack_suspected": True,
        "slack_fact": SlackFact.SEVERAL,
        "misnamed": "U0IVAN",
        "beside": 4,
        "approvals": (
            APPROVAL.model_copy(update=LONG_NOTE),
            OVERRIDE.model_copy(update=LONG_NOTE),
        ),
        "denial": DENIAL.model_copy(update=LONG_NOTE),
        "closed": DENIAL.model_copy(update=LONG_NOTE),
        "card": CARD.model_copy(update={"number": 9}),
        "steps": tuple(
            a_step(
                kind,
                StepState.UNKNOWN,
                id=f"{number:032x}",
                code="&" * 200,
                needs="&" * 200,
                proof="not_seen",
            )
            for number, kind in enumerate([*ALL_STEPS, StepKind.UNFREEZE, StepKind.RENEW_PASSWORD])
        ),
        "evidence_kept": True,
    }
    return a_case(state, **(given | fields))


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("name", ABOUT_ANY)
def test_the_longest_case_fits(name: str, kind: CaseKind) -> None:
    for state in CaseState:
        case = _worst(state, kind=kind)
        check(ABOUT_ANY[name](case), known_in(case))
        stuck = _worst(state, kind=kind, problem=Problem.UNKNOWN_USER)
        check(ABOUT_ANY[name](stuck), known_in(stuck))


@pytest.mark.parametrize("name", FORMS)
def test_the_longest_forms_fit(name: str) -> None:
    check_view(FORMS[name](_worst(CaseState.AWAITING_APPROVAL, steps=(), approvals=())))
    check_view(FORMS[name](_worst(CaseState.AWAITING_APPROVAL)))


def test_as_many_cases_as_are_named_fit() -> None:
    crowd = [_worst(CaseState.AWAITING_APPROVAL, id=f"{number:032x}") for number in range(20)]
    message = breach_card_messages.summary(crowd, 500, APPROVERS)
    check(message, set().union(*map(known_in, crowd)))
    assert "500 reports wait for a decision." in message.text
    few = [a_case(id=f"{number:032x}") for number in range(20)]
    assert read(breach_card_messages.summary(few, 500, APPROVERS)).count("• ") == 15
    refused = [(case, Answer(code=AnswerCode.NOTHING_TO_REVIEW)) for case in crowd]
    check(review_messages.reviewed(0, refused), set().union(*map(known_in, crowd)))


def test_any_number_of_tries_fits() -> None:
    steps = tuple(
        a_step(kind, StepState.FAILED, id=f"{n:031x}{k}", code="&" * 200, needs="&" * 200)
        for n in range(50)
        for k, kind in enumerate([StepKind.UNFREEZE, StepKind.RENEW_PASSWORD])
    )
    case = _worst(CaseState.CONTAINED, steps=steps)
    message = containment_messages.progress(case)
    check(message, known_in(case))
    assert "100 of 100 steps have ended, 100 not done" in message.text


def test_a_hundred_approvers_fit() -> None:
    crowd = [f"U{number:09}" for number in range(100)]
    check(
        breach_card_messages.card(_worst(CaseState.AWAITING_APPROVAL), crowd, RULES),
        known_in(_worst(CaseState.AWAITING_APPROVAL)) | set(crowd),
    )


def test_as_many_cases_as_are_decided_together_fit_into_the_form() -> None:
    crowd = [
        _worst(CaseState.AWAITING_APPROVAL, card=CARD.model_copy(update={"id": f"{number:032x}"}))
        for number in range(MOST_TOGETHER + 5)
    ]
    view = review_messages.review_form(crowd, KINDS)
    check_view(view)
    blocks: Any = view["blocks"]
    chosen = next(one for one in blocks if one.get("block_id") == "cases")["element"]
    assert len(chosen["options"]) == len(chosen["initial_options"]) == MOST_TOGETHER


def test_the_longest_evidence_fits_into_a_view() -> None:
    case = _worst(CaseState.CONTAINED)
    view = breach_decision_messages.evidence_view(case, None)
    check_view(view)
    assert len(json.dumps(view["blocks"])) <= MOST_BYTES


def test_a_whole_reason_is_shown_as_it_was_typed() -> None:
    reason = " ".join(f"word{number}" for number in range(1000))
    case = a_case(reports=(REPORT.model_copy(update={"reason": reason}),))
    view = breach_decision_messages.evidence_view(case, None)
    shown = " ".join(strings(view["blocks"]))
    assert re.findall(r"word\d+", shown) == reason.split()
