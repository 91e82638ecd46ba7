"""Resets with anything in them that Salesforce, Slack or a person could have put there."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from services.impact.model import (
    Address,
    FailedLately,
    Impact,
    Integration,
    Note,
    Place,
    Sureness,
    SurvivingGrant,
    Verdict,
    Way,
    Why,
)
from services.orgs import ResetMethod
from services.resets.model import Account, Choice, Question, Reason, Reset, SlackUser
from services.resets.states import State

HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<@U0BOSS>",
        "<https://evil.example|here>",
        "*bold* _slanted_ ~gone~ `code`",
        "&" * 2000,
        "&lt;!here&gt;",
        "> quoted\n>>> all of it",
        "\u202egnp.exe\u202c\x00\u200b",
        "a|b>c",
        ":x: :100:",
        " \n ",
        "",
    ]
)
# Drawn letter by letter, long ones would take most of a test's time.
LONG = st.builds(
    lambda text, length: (text * length)[:length],
    st.text(min_size=1, max_size=40),
    st.integers(900, 1500),
)
TEXTS = HOSTILE | st.text(max_size=60) | LONG
SHORT = HOSTILE | st.text(max_size=20)
IDS = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)
TIMES = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001  the strategy wants it without a zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
USER_IDS = st.from_regex(r"[UW][A-Z0-9]{5,10}", fullmatch=True) | HOSTILE
PEOPLE = st.builds(SlackUser, user_id=USER_IDS, team_id=st.none() | TEXTS)


def _sorted(integrations: list[Integration]) -> tuple[Integration, ...]:
    order = list(Verdict)
    return tuple(sorted(integrations, key=lambda one: order.index(one.verdict)))


ADDRESSES = st.builds(
    Address,
    ip=st.sampled_from(["203.0.113.7", "2001:db8:100::9"]) | SHORT,
    trusted=st.none() | st.booleans(),
)
INTEGRATIONS = st.builds(
    Integration,
    name=SHORT,
    way=st.sampled_from(Way),
    client_version=st.none() | SHORT,
    api_type=st.none() | SHORT,
    verdict=st.sampled_from(Verdict),
    why=st.sampled_from(Why),
    sureness=st.sampled_from(Sureness),
    place=st.sampled_from(Place),
    logins=st.integers(1, 10**7),
    at_least=st.booleans(),
    read=st.integers(0, 2000),
    failures=st.integers(0, 2000),
    last_login=TIMES,
    addresses=st.lists(ADDRESSES, max_size=2).map(tuple),
    more_addresses=st.integers(0, 5000),
)
GRANTS = st.builds(
    SurvivingGrant,
    app=SHORT,
    last_used=st.none() | TIMES,
    uses=st.integers(0, 10**7),
)
IMPACTS = st.builds(
    Impact,
    readable=st.booleans(),
    needs=st.none() | SHORT,
    integrations=st.lists(INTEGRATIONS, max_size=12).map(_sorted),
    more=st.integers(0, 500),
    grants=st.lists(GRANTS, max_size=7).map(tuple),
    more_grants=st.integers(0, 500),
    notes=st.lists(st.sampled_from(Note), unique=True).map(tuple),
    failed_lately=st.none()
    | st.builds(
        FailedLately,
        count=st.integers(2, 2000),
        last_at=TIMES,
        application=SHORT,
        address=st.none() | SHORT,
    ),
    days=st.integers(1, 180),
    read_at=TIMES,
    read_back_to=st.none() | TIMES,
    details_back_to=st.none() | TIMES,
)
ACCOUNTS = st.builds(
    Account,
    org=TEXTS,
    user_id=TEXTS,
    username=TEXTS,
    mailed_to=TEXTS,
    address_differs=st.booleans(),
    proven=st.booleans(),
    password_changed_at=st.none() | TIMES,
)
CHOICES = st.builds(Choice, id=IDS, org=TEXTS, user_id=TEXTS, username=TEXTS)
QUESTIONS = st.builds(
    Question,
    text=TEXTS,
    answered_by=st.none() | USER_IDS,
    answered_at=st.none() | TIMES,
    wait=st.none() | TEXTS,
)


def resets(state: State | None = None) -> st.SearchStrategy[Reset]:
    return st.builds(
        Reset,
        id=IDS,
        state=st.just(state) if state else st.sampled_from(State),
        requester=PEOPLE,
        channel=TEXTS,
        in_dm=st.booleans(),
        created_at=TIMES,
        deadline=st.none() | TIMES,
        org=st.none() | TEXTS,
        choices=st.lists(CHOICES, max_size=5).map(tuple),
        chosen=st.none() | CHOICES,
        account=st.none() | ACCOUNTS,
        method=st.none() | st.sampled_from(ResetMethod),
        guided_because=st.none() | st.sampled_from(Reason),
        impact=st.none() | IMPACTS,
        question=st.none() | QUESTIONS,
        reason=st.none() | st.sampled_from(Reason),
        detail=st.none() | TEXTS | st.sampled_from(State),
        available_at=st.none() | TIMES,
        intent_at=st.none() | TIMES,
        finished_at=st.none() | TIMES,
        seen_in_audit_trail=st.booleans(),
        not_me_at=st.none() | TIMES,
        leaked=st.booleans(),
    )
