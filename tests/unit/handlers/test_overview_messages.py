from datetime import timedelta

import pytest

from handlers import overview_messages, token_leak_messages
from services.resets.model import Reason
from services.resets.states import State
from tests.unit.handlers.examples import IT_CHANNEL, NOW, a_reset, elements, read

LIVE_OR_HARMLESS = (
    State.PREPARING,
    State.AWAITING_CHOICE,
    State.AWAITING_USER,
    State.AWAITING_IT,
    State.FAILED,
    State.CANCELLED,
    State.EXPIRED,
)


def test_help_names_every_command_and_it() -> None:
    text = read(overview_messages.help_text(["production"], IT_CHANNEL))
    for command in (
        "`/reset-token`",
        "`/reset-token status`",
        "`/reset-token help`",
        "`/reset-token breach @person what happened`",
        "`/reset-token breach`",
    ):
        assert command in text
    assert "If it's urgent, phone IT as well." in text
    assert "ask IT (<#C0IT>)" in text
    assert "Never paste one into Slack." in text
    assert "/reset-token production" not in text


def test_help_names_the_orgs_when_there_are_several() -> None:
    text = read(overview_messages.help_text(["production", "partner"], IT_CHANNEL))
    assert "`/reset-token production`" in text
    assert "`/reset-token partner`" in text


def test_status_without_a_reset() -> None:
    assert "You have no resets that I know of." in overview_messages.status([], NOW).text


def test_status_lists_the_newest_first_with_times() -> None:
    old = a_reset(State.DONE, created_at=NOW - timedelta(days=2), finished_at=NOW, org="partner")
    new = a_reset(State.AWAITING_USER, created_at=NOW, deadline=NOW + timedelta(minutes=25))
    text = read(overview_messages.status([old, new], NOW))
    assert text.index("waits for you to decide until <!date^") < text.index("done, your token was")
    assert "ended <!date^" in text


@pytest.mark.parametrize("state", State)
def test_status_says_where_each_stands(state: State) -> None:
    text = read(overview_messages.status([a_reset(state)], NOW))
    assert ("nothing has changed" in text) is (state in LIVE_OR_HARMLESS)
    assert ("done, your token was reset" in text) is (state is State.DONE)


def test_status_does_not_deny_a_press_in_salesforce() -> None:
    reset = a_reset(State.CANCELLED, detail=State.AWAITING_PRESS)
    text = read(overview_messages.status([reset], NOW))
    assert "nothing has changed, unless you pressed the button in Salesforce" in text


def test_status_says_why_one_failed_and_whose_it_wasnt() -> None:
    failed = a_reset(State.FAILED, reason=Reason.SALESFORCE_UNAVAILABLE)
    done = a_reset(State.DONE, not_me_at=NOW)
    text = read(overview_messages.status([failed, done], NOW))
    assert "not done (Salesforce didn't answer); nothing has changed." in text
    assert "You told me that it wasn't you." in text


def test_status_names_no_deadline_that_has_passed() -> None:
    reset = a_reset(State.AWAITING_USER, deadline=NOW - timedelta(seconds=1))
    assert "until" not in read(overview_messages.status([reset], NOW))


def test_a_token_in_the_dm_is_answered_at_once_with_an_offer() -> None:
    message = token_leak_messages.leaked("n" * 32)
    assert message.text == (
        "That looks like a security token. I can't delete it; please do. "
        "Change your password too if it was in there."
    )
    assert elements(message)["reset.start"]["value"] == "n" * 32
