"""Whatever is in a case, every message is one that Slack takes, and mentions only whom it may."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import (
    breach_card_messages,
    breach_decision_messages,
    breach_report_messages,
)
from handlers.case_wording import ALL_ZERO
from services.cases.model import Case
from services.cases.states import CaseState
from services.salesforce.records import Evidence
from tests.unit.handlers.about_any_case import ABOUT_ANY, CALLING, FORMS, check, known_in, uncalled
from tests.unit.handlers.case_examples import (
    CARD,
    a_case,
    a_contained_case,
    a_planned_case,
)
from tests.unit.handlers.case_strategies import EVIDENCE, cases
from tests.unit.handlers.examples import APPROVERS, IT_CHANNEL, read
from tests.unit.handlers.limits import check_view
from tests.unit.handlers.strategies import HOSTILE, IDS, TEXTS, TIMES

many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", ABOUT_ANY)
@many
@given(case=cases())
def test_a_message_about_any_case_is_one_that_slack_takes(name: str, case: Case) -> None:
    check(ABOUT_ANY[name](case), known_in(case))


@pytest.mark.parametrize("name", CALLING)
@many
@given(case=cases())
def test_everybody_is_called_once_and_by_no_one_elses_words(name: str, case: Case) -> None:
    check(uncalled(CALLING[name](case)), known_in(case))


@many
@given(case=cases(CaseState.AWAITING_APPROVAL), group=st.just("S0HELPDESK") | HOSTILE)
def test_an_escalation_to_a_group_calls_that_group_alone(case: Case, group: str) -> None:
    check(breach_card_messages.escalation(case, group), known_in(case) | {"S0HELPDESK"})


@pytest.mark.parametrize("name", FORMS)
@many
@given(case=cases())
def test_a_form_about_any_case_is_one_that_slack_takes(name: str, case: Case) -> None:
    check_view(FORMS[name](case))


@many
@given(evidence=EVIDENCE)
def test_any_evidence_is_shown(evidence: Evidence) -> None:
    check_view(breach_decision_messages.evidence_view(a_case(), evidence))


@many
@given(case=cases(), address=TEXTS, slack_address=st.none() | TEXTS)
def test_any_address_is_shown(case: Case, address: str, slack_address: str | None) -> None:
    check_view(breach_decision_messages.address_form(case, address, slack_address))


@many
@given(
    orgs=st.lists(st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True), unique=True, max_size=120),
    person=st.none() | st.just("U0ADA"),
    username=st.none() | TEXTS,
    reason=st.none() | TEXTS | st.just("x" * 10_000),
)
def test_what_was_typed_already_stands_in_the_form(
    orgs: Sequence[str], person: str | None, username: str | None, reason: str | None
) -> None:
    check_view(
        breach_report_messages.report_form(
            orgs, person=person, username=username, reason=reason, metadata="{}"
        )
    )
    check_view(breach_report_messages.planned_form(orgs))


@many
@given(case_id=IDS | TEXTS, it_channel=st.just(IT_CHANNEL) | HOSTILE, until=TIMES)
def test_what_is_said_without_a_case_is_one_that_slack_takes(
    case_id: str, it_channel: str, until: datetime
) -> None:
    for message in (
        breach_report_messages.reported(case_id, it_channel),
        breach_report_messages.planned_reported(case_id, it_channel),
        breach_report_messages.too_many(until),
        breach_report_messages.usage(it_channel),
        breach_card_messages.summary_over(3),
        breach_card_messages.summary_over(0),
        breach_card_messages.summary_reminder(12, APPROVERS),
        breach_card_messages.summary_escalation(12, "S0HELPDESK"),
    ):
        check(message, set(APPROVERS))
    check_view(breach_decision_messages.looking_view("Confirm the address"))


IN_ORDER = (a_case(), a_planned_case(), a_contained_case())


@pytest.mark.parametrize("name", [*ABOUT_ANY, *CALLING])
@pytest.mark.parametrize("case", IN_ORDER, ids=["breach", "planned", "contained"])
def test_a_buttons_value_is_one_opaque_id_and_nothing_else(name: str, case: Case) -> None:
    message = (ABOUT_ANY | CALLING)[name](case)
    rows: list[Any] = [block for block in message.blocks if block["type"] == "actions"]
    values = {one["value"] for row in rows for one in row["elements"]}
    assert values <= {case.id, CARD.id, ALL_ZERO, *(step.id for step in case.steps)}
    assert all(re.fullmatch(r"[0-9a-f]{32}", value) for value in values)


@pytest.mark.parametrize("name", [*ABOUT_ANY, *CALLING])
@pytest.mark.parametrize("case", IN_ORDER, ids=["breach", "planned", "contained"])
def test_nothing_is_shouted_and_nothing_is_vague(name: str, case: Case) -> None:
    message = (ABOUT_ANY | CALLING)[name](case)
    said = f"{message.text} {read(message)}".casefold()
    said = re.sub(r"<!(date|subteam|channel)", "<", said)
    for unwanted in ("something went wrong", "oops", "please note", "!", ":warning:"):
        assert unwanted not in said
