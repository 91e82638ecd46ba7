"""Any case, and anybody who may press something about it. Few people, so that they meet."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from services.cases.model import (
    Card,
    Case,
    CaseKind,
    Decision,
    Problem,
    Report,
    Source,
    Target,
    Truth,
    Urgency,
)
from services.cases.states import CaseState
from services.cases.steps import Step, StepKind, StepState
from services.masking import digest
from services.resets.model import SlackUser
from services.standing import Presser
from tests.unit.handlers.case_examples import CARD, REPORT, TARGET
from tests.unit.handlers.examples import NOW

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A case has many parts, and the machine may be busy."""

ADDRESSES = ("ada@acme.example", "ada.lovelace@acme.example", "iris@acme.example")
PEOPLE = st.sampled_from(
    [SlackUser(user_id=f"U0{name}") for name in ("ADA", "BEN", "IVAN", "IRIS", "EVE")]
)
TIMES = st.integers(-300, 300).map(lambda minutes: NOW + timedelta(minutes=minutes))
IDS = st.integers(0, 2**20).map(lambda number: f"{number:032x}")

KINDS = st.lists(st.sampled_from(StepKind), unique=True).map(tuple)
OPTIONAL = st.none() | st.booleans()

REPORTS = st.builds(
    Report,
    id=IDS,
    source=st.sampled_from(Source),
    reporter=st.none() | PEOPLE,
    at=TIMES,
    reason=st.just("seen at night"),
    urgency=st.sampled_from(Urgency),
)
TARGETS = st.builds(
    Target,
    org=st.just("production"),
    user_id=st.just(TARGET.user_id),
    username=st.sampled_from(ADDRESSES),
    name=st.just(TARGET.name),
    is_active=st.booleans(),
    is_admin=st.booleans(),
    mailed_to=st.just(TARGET.mailed_to),
    address=st.sampled_from(ADDRESSES).map(digest),
    address_differs=OPTIONAL,
    addresses=st.lists(st.sampled_from(ADDRESSES).map(digest), unique=True).map(tuple),
    is_frozen=OPTIONAL,
    impact=st.just(TARGET.impact),
    read_at=TIMES,
)
STEPS = st.builds(
    Step,
    id=IDS,
    kind=st.sampled_from(StepKind),
    state=st.sampled_from(StepState),
    tries=st.integers(0, 3),
    ended_at=st.none() | TIMES,
)
DECISIONS = st.builds(Decision, by=PEOPLE, at=TIMES, steps=KINDS, override=st.booleans(), press=IDS)
CASES = st.builds(
    Case,
    id=IDS,
    # What may be decided comes up often enough to be seen.
    state=st.just(CaseState.AWAITING_APPROVAL) | st.sampled_from(CaseState),
    kind=st.sampled_from(CaseKind),
    created_at=TIMES,
    asked_for=st.none() | st.sampled_from(ADDRESSES),
    suspect=st.none() | PEOPLE.map(lambda person: person.user_id),
    reports=st.lists(REPORTS, min_size=1, max_size=3).map(tuple),
    target=TARGETS | st.none() | TARGETS,
    problem=st.none() | st.none() | st.sampled_from(Problem),
    card=st.just(CARD) | st.none() | st.builds(Card, id=IDS, until=st.none() | TIMES),
    approvals=st.lists(DECISIONS, max_size=3).map(tuple),
    denial=st.none() | DECISIONS,
    address_confirmed=st.none() | DECISIONS,
    steps=st.lists(STEPS, max_size=6, unique_by=lambda one: one.id).map(tuple),
    truth=st.none() | st.builds(Truth, at=TIMES, is_frozen=OPTIONAL),
    closed=st.none() | DECISIONS,
)
PRESSERS = st.builds(
    Presser,
    person=PEOPLE,
    is_approver=st.just(True) | st.booleans(),
    address=st.none() | st.sampled_from([*ADDRESSES, "eve@acme.example"]),
)
APPROVERS = st.builds(Presser, person=PEOPLE, is_approver=st.just(True))


def reported_by(person: SlackUser) -> Report:
    return REPORT.model_copy(update={"reporter": person})
