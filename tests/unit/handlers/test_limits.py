"""Whatever is in a reset, every message is one that Slack takes, and mentions only whom it may."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import (
    ask_it_messages,
    impact_modal,
    next_steps_messages,
    no_email_messages,
    not_me_messages,
    overview_messages,
    permission_messages,
    reset_messages,
    token_leak_messages,
)
from handlers.impact_wording import MOST_SHOWN
from handlers.message import Message
from services.impact.model import (
    MOST_LISTED,
    Address,
    FailedLately,
    Integration,
    Note,
    Sureness,
    SurvivingGrant,
    Verdict,
    Why,
)
from services.resets.model import Reset
from services.resets.policy import Answer, AnswerCode
from services.resets.states import State
from tests.unit.handlers.examples import (
    APPROVERS,
    IMPACT,
    IT_CHANNEL,
    LINK,
    LOADER,
    NOW,
    QUESTION,
    a_reset,
    read,
    strings,
)
from tests.unit.handlers.limits import check_message, check_text, check_view, mrkdwn
from tests.unit.handlers.strategies import HOSTILE, TEXTS, TIMES, USER_IDS, resets

OUTCOMES = (State.DONE, State.UNKNOWN, State.REPORTED, State.FAILED)
LINKS = st.none() | st.just(LINK) | TEXTS.map("https://acme.example/".__add__) | TEXTS

ABOUT_ANY: dict[str, Callable[[Reset], Message]] = {
    "choose": reset_messages.choose,
    "warning": lambda reset: reset_messages.warning(reset, reset.created_at, LINK),
    "working": reset_messages.working,
    "guided": lambda reset: reset_messages.guided(reset, LINK),
    "cancelled": reset_messages.cancelled,
    "expired": reset_messages.expired,
    "unanswered": reset_messages.unanswered,
    "refused": lambda reset: reset_messages.refused(reset, IT_CHANNEL),
    "next_steps": lambda reset: next_steps_messages.next_steps(reset, None, reset.created_at),
    "no_email": lambda reset: no_email_messages.no_email(
        reset, reset.created_at, reset.available_at or reset.created_at
    ),
    "offer_again": no_email_messages.offer_again,
    "not_me_told": lambda reset: not_me_messages.not_me_told(reset, IT_CHANNEL),
    "not_me_failed": not_me_messages.not_me_failed,
    "sent": lambda reset: ask_it_messages.sent(reset, IT_CHANNEL),
    "card": lambda reset: ask_it_messages.card(reset, APPROVERS),
    "card_answered": ask_it_messages.card_answered,
    "card_closed": ask_it_messages.card_closed,
    "reminder": lambda reset: ask_it_messages.reminder(reset, APPROVERS),
    "please_wait": ask_it_messages.please_wait,
}

many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _known(reset: Reset) -> set[str]:
    question = reset.question
    return {
        *APPROVERS,
        reset.requester.user_id,
        (question.answered_by if question else None) or "",
    }


def check_mentions(message: Message, reset: Reset) -> None:
    texts = [message.text, *(one["text"] for one in mrkdwn(list(message.blocks)))]
    for text in texts:
        mentioned = re.findall(r"<(?:@|!subteam\^)([A-Z0-9]+)>", text)
        assert set(mentioned) <= _known(reset)
        assert "<!channel" not in text
        assert "<!here" not in text


@pytest.mark.parametrize("name", ABOUT_ANY)
@many
@given(reset=resets())
def test_a_message_about_any_reset_is_one_that_slack_takes(name: str, reset: Reset) -> None:
    message = ABOUT_ANY[name](reset)
    check_message(message)
    check_mentions(message, reset)


@many
@given(reset=resets(), link=LINKS)
def test_any_link_makes_a_message_that_slack_takes(reset: Reset, link: str | None) -> None:
    check_message(reset_messages.warning(reset, NOW, link))
    check_message(reset_messages.guided(reset, link))


@pytest.mark.parametrize("state", OUTCOMES)
@many
@given(data=st.data(), now=TIMES, link=LINKS, refused=st.booleans())
def test_an_outcome_of_any_reset_is_one_that_slack_takes(
    state: State, data: st.DataObject, now: datetime, link: str | None, refused: bool
) -> None:
    reset = data.draw(resets(state))
    message = reset_messages.outcome(reset, now, dm_refused=refused, link=link)
    check_message(message)
    check_mentions(message, reset)


@many
@given(listed=st.lists(resets(), max_size=25), now=TIMES)
def test_the_status_of_any_resets_is_one_that_slack_takes(
    listed: Sequence[Reset], now: datetime
) -> None:
    check_message(overview_messages.status(listed, now))


ANSWERS = st.builds(
    Answer,
    code=st.sampled_from(AnswerCode),
    state=st.none() | st.sampled_from(State),
    at=st.none() | TIMES,
    by=st.none() | USER_IDS,
    detail=st.none() | TEXTS,
)


@many
@given(answer=ANSWERS, channel=st.just(IT_CHANNEL) | HOSTILE)
def test_any_answer_is_one_that_slack_takes(answer: Answer, channel: str) -> None:
    check_message(reset_messages.answer(answer, channel))
    check_view(ask_it_messages.refused_view(answer, channel))


@many
@given(text=TEXTS, orgs=st.lists(TEXTS, max_size=60))
def test_words_typed_and_settings_are_made_harmless(text: str, orgs: list[str]) -> None:
    for message in (
        reset_messages.unknown_org(text, orgs),
        reset_messages.paused(text),
        overview_messages.help_text(orgs, text),
    ):
        check_message(message)
    check_text(reset_messages.checking(text))


def test_the_fixed_messages_and_forms_are_ones_that_slack_takes() -> None:
    check_text(reset_messages.checking(None))
    check_message(reset_messages.store_down())
    check_message(token_leak_messages.leaked("a" * 32))
    check_view(ask_it_messages.form("a" * 32))
    check_view(ask_it_messages.wait_form("a" * 32))
    check_view(ask_it_messages.loading_view())


WORST = "&*`<>_~|"
"""Characters that grow, mean something or end a code span, as part of every text from outside."""


def _worst(number: int, verdict: Verdict) -> Integration:
    # The number comes after 4 letters, so that no cut takes it.
    return LOADER.model_copy(
        update={
            "name": f"{number:03}:" + WORST * 10,
            "client_version": WORST * 20,
            "api_type": "\N{FAMILY}" * 80,
            "verdict": verdict,
            "why": Why.TRUSTED_NETWORK,
            "sureness": Sureness.DOCUMENTED,
            "logins": 10**9,
            "at_least": True,
            "failures": 10**9,
            "addresses": (
                *(Address(ip=f"2001:db8:100:200:300:400:500:60{n}", trusted=False) for n in "123"),
                Address(ip="&" * 64, trusted=False),
                Address(ip="`" * 64, trusted=True),
            ),
            "more_addresses": 10**9,
        }
    )


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("count", [10, MOST_LISTED])
def test_as_many_of_the_longest_integrations_as_are_kept_fit(verdict: Verdict, count: int) -> None:
    impact = IMPACT.model_copy(
        update={
            "integrations": tuple(_worst(number, verdict) for number in range(count)),
            "more": 10**9,
            "grants": (SurvivingGrant(app=WORST * 10, last_used=NOW, uses=10**9),) * 10,
            "more_grants": 10**9,
            "notes": tuple(Note),
            "failed_lately": FailedLately(
                count=10**9, last_at=NOW, application=WORST * 10, address="&" * 64
            ),
        }
    )
    reset = a_reset(State.AWAITING_IT, impact=impact, question=QUESTION)
    for message in (
        reset_messages.warning(reset, NOW),
        ask_it_messages.card(reset, APPROVERS),
        ask_it_messages.card_answered(reset),
    ):
        check_message(message)
        assert [read(message).count(f"• *{n:03}:") for n in range(count)] == [
            int(n < MOST_SHOWN) for n in range(count)
        ]
    view = impact_modal.everything(reset)
    check_view(view)
    shown = " ".join(strings(view["blocks"]))
    listed = shown.count("• *0") + shown.count("• *1")
    assert listed == count or listed > 100
    assert [shown.count(f"• *{n:03}:") for n in range(count)] == [
        int(n < listed) for n in range(count)
    ]


@many
@given(reset=resets())
def test_the_list_of_any_reset_is_one_that_slack_takes(reset: Reset) -> None:
    check_view(impact_modal.everything(reset))


@many
@given(org=TEXTS, needs=TEXTS)
def test_any_missing_permission_makes_a_message_that_slack_takes(org: str, needs: str) -> None:
    check_message(permission_messages.missing_permission(org, needs))


def test_a_hundred_approvers_fit() -> None:
    crowd = [f"U{number:09}" for number in range(100)]
    check_message(ask_it_messages.card(a_reset(State.AWAITING_IT), crowd))


@pytest.mark.parametrize("name", ABOUT_ANY)
def test_every_button_carries_the_id_of_the_reset_and_nothing_else(name: str) -> None:
    reset = a_reset()
    message = ABOUT_ANY[name](reset)
    rows: list[Any] = [block for block in message.blocks if block["type"] == "actions"]
    buttons = [one for row in rows for one in row["elements"] if one["type"] == "button"]
    assert {one["value"] for one in buttons} <= {reset.id}


@pytest.mark.parametrize("name", ABOUT_ANY)
def test_nothing_is_shouted_and_nothing_is_vague(name: str) -> None:
    message = ABOUT_ANY[name](a_reset())
    said = f"{message.text} {read(message)}".casefold()
    said = re.sub(r"<!(date|subteam)", "<", said)
    for unwanted in ("something went wrong", "oops", "please note", "!", ":warning:"):
        assert unwanted not in said
