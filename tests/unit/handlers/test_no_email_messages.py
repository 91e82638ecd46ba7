from datetime import timedelta
from typing import Any

import pytest

from handlers import no_email_messages
from services.orgs import ResetMethod
from services.resets.model import Reason
from services.resets.states import State
from tests.unit.handlers.examples import NOW, a_reset, an_account, elements, read

SUBJECT = "“Your new Salesforce security token”"


def test_no_email_says_what_to_check() -> None:
    text = read(no_email_messages.no_email(a_reset(State.DONE), NOW, NOW))
    for check in (
        "spam or junk folder",
        "mail rule",
        "`a…@acme.example`",
        SUBJECT,
        "Search by the subject, not by sender.",
        "If it isn't there in 10 minutes, ask IT",
    ):
        assert check in text


def test_no_email_offers_another_reset_only_after_the_cool_down() -> None:
    reset = a_reset(State.DONE)
    early = no_email_messages.no_email(reset, NOW, NOW + timedelta(minutes=10))
    assert "Another reset is possible from <!date^" in read(early)
    assert "|14:15 UTC>" in read(early)
    assert not elements(early)
    late = no_email_messages.no_email(reset, NOW, NOW)
    assert set(elements(late)) == {"reset.again"}


def test_no_email_promises_no_reset_where_it_has_to_look_into_this_one_first() -> None:
    message = no_email_messages.no_email(a_reset(State.DONE, not_me_at=NOW), NOW, NOW)
    assert "until IT has closed that report" in read(message)
    assert "Once they have, `/reset-token` starts another reset" in read(message)
    assert not elements(message)


def test_no_email_under_password_looks_for_the_link_first() -> None:
    reset = a_reset(State.DONE, method=ResetMethod.PASSWORD)
    text = read(no_email_messages.no_email(reset, NOW, NOW))
    assert "link to choose a new password comes first" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": State.UNKNOWN, "reason": Reason.OUTCOME_UNKNOWN}, "If not, no mail comes"),
        ({"state": State.REPORTED}, "only once *Reset Security Token* is pressed"),
        ({"account": an_account(address_differs=True)}, "isn't the address Slack has for you"),
    ],
)
def test_no_email_names_what_may_be_the_cause(fields: dict[str, Any], words: str) -> None:
    reset = a_reset(**({"state": State.DONE} | fields))
    assert words in read(no_email_messages.no_email(reset, NOW, NOW))
    assert words not in read(no_email_messages.no_email(a_reset(State.DONE), NOW, NOW))


@pytest.mark.parametrize(
    ("method", "cost"),
    [
        (ResetMethod.TOKEN, "It makes any token mailed before useless."),
        (ResetMethod.PASSWORD, "It makes the password you have now and any token"),
    ],
)
def test_the_later_offer_says_what_another_reset_costs(method: ResetMethod, cost: str) -> None:
    message = no_email_messages.offer_again(a_reset(State.DONE, method=method))
    assert cost in read(message)
    assert "If the mail has come, you need do nothing." in read(message)
    assert set(elements(message)) == {"reset.again"}
