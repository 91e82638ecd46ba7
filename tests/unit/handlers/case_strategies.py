"""Cases with anything in them that Salesforce, Slack, a person or an alert could put there."""

from hypothesis import strategies as st

from services.cases.model import (
    AlertOrigin,
    Card,
    Case,
    CaseKind,
    Decision,
    LastLogin,
    Problem,
    Report,
    SlackFact,
    Source,
    Target,
    Truth,
    Urgency,
)
from services.cases.states import CaseState
from services.cases.steps import Step, StepKind, StepState
from services.impact.model import FailedLately, Impact, Note
from services.resets.model import SlackUser
from services.salesforce.records import (
    AccountLock,
    Evidence,
    KeptGrant,
    KeptUser,
    Login,
    OpenSession,
)
from tests.unit.handlers.strategies import (
    GRANTS,
    HOSTILE,
    IDS,
    INTEGRATIONS,
    SHORT,
    TIMES,
    USER_IDS,
)

# Short, so that many cases can be drawn: what is long has tests of its own.
WORDS = HOSTILE | st.text(max_size=40)
PEOPLE = st.builds(SlackUser, user_id=USER_IDS)
IMPACTS = st.builds(
    Impact,
    readable=st.booleans(),
    needs=st.none() | SHORT,
    integrations=st.lists(INTEGRATIONS, max_size=2).map(tuple),
    more=st.integers(0, 500),
    grants=st.lists(GRANTS, max_size=2).map(tuple),
    notes=st.lists(st.sampled_from(Note), unique=True, max_size=2).map(tuple),
    failed_lately=st.none()
    | st.builds(FailedLately, count=st.integers(2, 99), last_at=TIMES, application=SHORT),
    days=st.integers(1, 180),
    read_at=TIMES,
)

_COUNTS = st.none() | st.integers(0, 10**6)
_LINKS = st.none() | WORDS | WORDS.map("https://acme.slack.com/archives/".__add__)
_CODES = (
    st.none()
    | SHORT
    | st.sampled_from(
        [
            "REQUEST_LIMIT_EXCEEDED",
            "INSUFFICIENT_ACCESS",
            "http_503",
            "read_timeout",
            "last_admin",
            "admins_unreadable",
            "own_user",
            "still_open",
            "not_frozen",
            "still_frozen",
            "interrupted",
            "org_not_configured",
            "inactive_user",
            "gave_up",
            "partly",
        ]
    )
)
_PROOFS = (
    st.none() | SHORT | st.sampled_from(["read_back", "audit_trail", "not_seen", "unreadable"])
)

ALERTS = st.builds(
    AlertOrigin,
    source=WORDS,
    severity=st.sampled_from(Urgency),
    secret=st.integers(1, 99),
    secrets=st.integers(1, 99),
)
REPORTS = st.builds(
    Report,
    id=IDS,
    source=st.sampled_from(Source),
    reporter=st.none() | PEOPLE,
    at=TIMES,
    reason=WORDS,
    seen=st.none() | WORDS,
    urgency=st.sampled_from(Urgency),
    evidence=st.lists(SHORT, max_size=2).map(tuple),
    link=_LINKS,
    alert=st.none() | ALERTS,
)
TARGETS = st.builds(
    Target,
    org=SHORT,
    user_id=SHORT,
    username=WORDS,
    name=WORDS,
    profile=st.none() | WORDS,
    is_active=st.booleans(),
    is_admin=st.booleans(),
    is_api_only=st.booleans(),
    is_sso=st.booleans(),
    mailed_to=WORDS,
    address_differs=st.none() | st.booleans(),
    is_frozen=st.none() | st.booleans(),
    sessions=_COUNTS,
    grants=_COUNTS,
    last_login=st.none()
    | st.builds(LastLogin, at=TIMES, application=st.none() | SHORT, address=st.none() | SHORT),
    impact=IMPACTS,
    read_at=TIMES,
)
DECISIONS = st.builds(
    Decision,
    by=PEOPLE,
    at=TIMES,
    note=st.none() | WORDS,
    steps=st.lists(st.sampled_from(StepKind), unique=True).map(tuple),
    override=st.booleans(),
    press=IDS,
)
STEPS = st.builds(
    Step,
    id=IDS,
    kind=st.sampled_from(StepKind),
    state=st.sampled_from(StepState),
    tries=st.integers(0, 9),
    intent_at=st.none() | TIMES,
    ended_at=st.none() | TIMES,
    code=_CODES,
    needs=st.none() | SHORT,
    count=_COUNTS,
    left=_COUNTS,
    proof=_PROOFS,
)
TRUTHS = st.builds(
    Truth,
    at=TIMES,
    is_frozen=st.none() | st.booleans(),
    sessions=_COUNTS,
    grants=_COUNTS,
    last_password_change=st.none() | TIMES,
    needs=st.none() | WORDS,
)
CARDS = st.builds(Card, id=IDS, number=st.integers(1, 9), until=st.none() | TIMES)


def cases(state: CaseState | None = None, kind: CaseKind | None = None) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        id=IDS,
        state=st.just(state) if state else st.sampled_from(CaseState),
        kind=st.just(kind) if kind else st.sampled_from(CaseKind),
        created_at=TIMES,
        org=st.none() | SHORT,
        asked_for=st.none() | WORDS,
        suspect=st.none() | USER_IDS,
        misnamed=st.none() | USER_IDS,
        beside=st.integers(0, 4),
        slack_fact=st.none() | st.sampled_from(SlackFact),
        slack_suspected=st.booleans(),
        owner=st.none() | USER_IDS,
        reports=st.lists(REPORTS, min_size=1, max_size=2).map(tuple),
        more_reports=st.integers(0, 10**6),
        target=st.none() | TARGETS,
        problem=st.none() | st.sampled_from(Problem),
        detail=st.none() | WORDS,
        card=st.none() | CARDS,
        first_card_at=st.none() | TIMES,
        approvals=st.lists(DECISIONS, max_size=2).map(tuple),
        denial=st.none() | DECISIONS,
        address_confirmed=st.none() | DECISIONS,
        steps=st.lists(STEPS, max_size=4).map(tuple),
        truth=st.none() | TRUTHS,
        evidence_kept=st.booleans(),
        closed=st.none() | DECISIONS,
        merged_into=st.none() | IDS,
    )


EVIDENCE = st.builds(
    Evidence,
    user_id=SHORT,
    read_at=TIMES,
    days=st.integers(1, 180),
    user=st.none()
    | st.builds(
        KeptUser,
        id=SHORT,
        username=WORDS,
        email=WORDS,
        name=WORDS,
        profile=st.none() | WORDS,
        is_active=st.booleans(),
        user_type=SHORT,
        last_login=st.none() | TIMES,
    ),
    sessions=st.none()
    | st.lists(
        st.builds(
            OpenSession, id=SHORT, session_type=st.none() | SHORT, source_ip=st.none() | SHORT
        ),
        max_size=3,
    ).map(tuple),
    sessions_cut=st.booleans(),
    grants=st.none()
    | st.lists(
        st.builds(KeptGrant, app=st.none() | WORDS, last_used=st.none() | TIMES, uses=_COUNTS),
        max_size=3,
    ).map(tuple),
    logins=st.none()
    | st.lists(
        st.builds(
            Login,
            time=TIMES,
            application=st.none() | WORDS,
            login_type=st.none() | SHORT,
            source_ip=st.none() | SHORT,
            status=st.none() | SHORT,
        ),
        max_size=5,
    ).map(tuple),
    logins_cut=st.booleans(),
    lock=st.none()
    | st.builds(AccountLock, is_frozen=st.booleans(), is_password_locked=st.booleans()),
    needs=st.none() | WORDS,
)
