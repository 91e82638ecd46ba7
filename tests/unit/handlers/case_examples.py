"""Believable cases: a suspected breach of an account, and a planned reset of another."""

from datetime import timedelta

from services.cases.model import (
    AlertOrigin,
    Card,
    Case,
    CaseKind,
    Decision,
    LastLogin,
    Report,
    Source,
    Target,
    Truth,
    Urgency,
)
from services.cases.policy import Rules
from services.cases.states import CaseState
from services.cases.steps import Step, StepKind, StepState
from services.resets.model import SlackUser
from tests.unit.handlers.examples import IMPACT, NOW

CASE_ID = "c" * 32
CARD_ID = "d" * 32
RULES = Rules()

BEN = SlackUser(user_id="U0BEN", team_id="T0ACME")
IVAN = SlackUser(user_id="U0IVAN", team_id="T0ACME")
IRIS = SlackUser(user_id="U0IRIS", team_id="T0ACME")

REPORT = Report(
    id=CASE_ID,
    source=Source.COMMAND,
    reporter=BEN,
    at=NOW - timedelta(minutes=3),
    reason="Logins from Oslo at night, she is on holiday.",
    urgency=Urgency.HIGH,
)
ALERT = Report(
    id="a" * 32,
    source=Source.ALERT,
    at=NOW - timedelta(minutes=1),
    reason="Impossible travel",
    urgency=Urgency.CRITICAL,
    evidence=("Oslo 03:01", "Berlin 03:04"),
    alert=AlertOrigin(source="Splunk", severity=Urgency.CRITICAL, secret=2, secrets=3),
)
NOT_ME = Report(
    id="b" * 32,
    source=Source.NOT_ME,
    reporter=SlackUser(user_id="U0ADA"),
    at=NOW - timedelta(minutes=2),
    reason="A reset was asked for from their Slack account, and they say it wasn't them.",
    urgency=Urgency.CRITICAL,
    reset_id="e" * 32,
)
TARGET = Target(
    org="production",
    user_id="005000000000001AAA",
    username="ada@acme.example",
    name="Ada Lovelace",
    profile="Sales User",
    mailed_to="a…@acme.example",
    address="5" * 32,
    address_differs=False,
    is_frozen=False,
    sessions=3,
    grants=2,
    last_login=LastLogin(at=NOW - timedelta(hours=1), application="Browser", address="203.0.113.9"),
    impact=IMPACT,
    read_at=NOW - timedelta(minutes=2),
)
SERVICE = TARGET.model_copy(
    update={
        "username": "sync@acme.example",
        "name": "Nightly Sync",
        "is_api_only": True,
        "mailed_to": "o…@acme.example",
        "address_differs": None,
    }
)
CARD = Card(id=CARD_ID, until=NOW + timedelta(hours=4))
APPROVAL = Decision(
    by=IVAN,
    at=NOW,
    note="Spoke to her manager.",
    steps=(StepKind.FREEZE, StepKind.SESSIONS, StepKind.GRANTS, StepKind.PASSWORD),
    press="f" * 32,
)
OVERRIDE = Decision(
    by=BEN,
    at=NOW,
    note="Nobody answers the phone and data is leaving.",
    steps=(StepKind.FREEZE, StepKind.SESSIONS),
    override=True,
    press="f" * 32,
)
DENIAL = Decision(by=IRIS, at=NOW, note="She is in Oslo, I phoned her.", press="9" * 32)
CLOSING = Decision(by=IRIS, at=NOW, press="8" * 32)
TRUTH = Truth(at=NOW, is_frozen=True, sessions=0, grants=0, last_password_change=NOW)

ALL_STEPS = (
    StepKind.EVIDENCE,
    StepKind.FREEZE,
    StepKind.SESSIONS,
    StepKind.GRANTS,
    StepKind.PASSWORD,
    StepKind.CHECK,
)


def a_case(state: CaseState = CaseState.AWAITING_APPROVAL, **fields: object) -> Case:
    given: dict[str, object] = {
        "id": CASE_ID,
        "state": state,
        "created_at": REPORT.at,
        "org": "production",
        "suspect": "U0ADA",
        "reports": (REPORT,),
        "target": TARGET,
        "card": CARD,
        "first_card_at": NOW - timedelta(minutes=2),
    }
    return Case.model_validate(given | fields)


def a_planned_case(state: CaseState = CaseState.AWAITING_APPROVAL, **fields: object) -> Case:
    given: dict[str, object] = {
        "kind": CaseKind.PLANNED,
        "suspect": None,
        "owner": "U0OLGA",
        "asked_for": "sync@acme.example",
        "target": SERVICE,
        "reports": (
            REPORT.model_copy(
                update={"source": Source.FORM, "reason": "The yearly change of the secret."}
            ),
        ),
    }
    return a_case(state, **(given | fields))


def a_target(**fields: object) -> Target:
    return TARGET.model_copy(update=fields)


def a_step(kind: StepKind, state: StepState = StepState.QUEUED, **fields: object) -> Step:
    given: dict[str, object] = {
        "id": f"{list(StepKind).index(kind):032x}",
        "kind": kind,
        "state": state,
    }
    if state in {StepState.RUNNING, StepState.DONE, StepState.FAILED, StepState.UNKNOWN}:
        given["intent_at"] = NOW
    if state in {StepState.DONE, StepState.FAILED, StepState.UNKNOWN}:
        given["ended_at"] = NOW + timedelta(seconds=2)
    return Step.model_validate(given | fields)


_PROVEN: dict[StepKind, dict[str, object]] = {
    StepKind.EVIDENCE: {"count": 412},
    StepKind.FREEZE: {"proof": "read_back"},
    StepKind.SESSIONS: {"count": 3, "left": 0, "proof": "read_back"},
    StepKind.GRANTS: {"count": 2, "left": 0, "proof": "read_back"},
}


def a_done_step(kind: StepKind) -> Step:
    return a_step(kind, StepState.DONE, **_PROVEN.get(kind, {}))


def a_contained_case(*steps: Step, **fields: object) -> Case:
    """One whose steps have all been done, but for those that are given."""
    given = {one.kind: one for one in steps}
    done = tuple(given[kind] if kind in given else a_done_step(kind) for kind in ALL_STEPS)
    rest = tuple(one for one in steps if one.kind not in ALL_STEPS)
    kept: dict[str, object] = {
        "approvals": (APPROVAL,),
        "steps": (*done, *rest),
        "truth": TRUTH,
        "evidence_kept": True,
    }
    return a_case(CaseState.CONTAINED, **(kept | fields))


def a_finished_plan(state: StepState, **fields: object) -> Case:
    return a_planned_case(
        CaseState.CONTAINED,
        approvals=(APPROVAL,),
        steps=(a_step(StepKind.PASSWORD, state, **fields), a_done_step(StepKind.CHECK)),
        truth=TRUTH,
    )


HELD = a_case(
    CaseState.APPROVED,
    target=a_target(address_differs=True),
    approvals=(APPROVAL,),
    steps=(
        a_done_step(StepKind.EVIDENCE),
        a_step(StepKind.FREEZE, StepState.RUNNING),
        a_step(StepKind.SESSIONS),
        a_step(StepKind.GRANTS),
        a_step(StepKind.PASSWORD, StepState.HELD),
        a_step(StepKind.CHECK),
    ),
)
UNFROZEN = a_contained_case(
    a_step(StepKind.UNFREEZE, StepState.DONE, proof="read_back", ended_at=NOW),
    a_step(StepKind.RENEW_PASSWORD, StepState.DONE),
    truth=Truth(at=NOW + timedelta(minutes=1), is_frozen=False),
)
