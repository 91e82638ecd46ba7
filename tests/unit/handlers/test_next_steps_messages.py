from datetime import timedelta
from typing import Any

import pytest

from handlers import next_steps_messages
from handlers.token_places import IN_PLACE
from handlers.where_it_goes import NONE_SEEN
from services.follow_ups.model import FollowUp
from services.impact.model import Place
from services.orgs import ResetMethod
from services.resets.model import Reason
from services.resets.states import State
from tests.unit.handlers.examples import (
    IMPACT,
    LOADER,
    NOTHING_SEEN,
    NOW,
    UNREADABLE,
    a_reset,
    an_account,
    elements,
    read,
)
from tests.unit.handlers.follow_up_examples import OPEN, a_follow_up, an_item

SUBJECT = "“Your new Salesforce security token”"
OUTCOMES = (State.DONE, State.UNKNOWN, State.REPORTED)
FOLLOWED = a_follow_up(OPEN)


def steps(
    state: State = State.DONE, follow_up: FollowUp | None = FOLLOWED, **fields: object
) -> str:
    return read(next_steps_messages.next_steps(a_reset(state, **fields), follow_up, NOW))


@pytest.mark.parametrize("state", OUTCOMES)
@pytest.mark.parametrize("method", [ResetMethod.TOKEN, ResetMethod.PASSWORD, ResetMethod.GUIDED])
def test_the_dm_says_all_that_it_has_to(state: State, method: ResetMethod) -> None:
    text = steps(state, method=method)
    assert SUBJECT in text
    assert "`a…@acme.example`" in text
    assert "spam folder" in text
    assert "with nothing between" in text
    assert "*Data Loader* 61.0" in text
    assert "Any other program" in text
    assert "an authenticator code in place of the token" in text
    assert "*App Registration: Salesforce Authenticator*" in text
    assert "a login from a trusted network" in text
    assert "JWT bearer token or client credentials" in text
    assert "Summer '27" in text
    assert "Never paste a token or a password into Slack" in text


@pytest.mark.parametrize("state", OUTCOMES)
def test_the_dm_has_its_two_buttons(state: State) -> None:
    buttons = elements(next_steps_messages.next_steps(a_reset(state), FOLLOWED, NOW))
    assert buttons["reset.no_email"]["text"]["text"] == "No email yet?"
    assert buttons["reset.not_me"]["text"]["text"] == "This wasn't me"
    assert buttons["reset.not_me"]["style"] == "danger"
    assert "confirm" in buttons["reset.not_me"]


def test_the_steps_come_in_order() -> None:
    text = steps()
    order = ["1. Find the mail", "2. Put the token right after", "3. Do that in", "4. Start"]
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)


def test_under_password_the_password_is_set_before_the_token_comes() -> None:
    text = steps(method=ResetMethod.PASSWORD)
    order = ["with a link to choose a new password", "set a new password", SUBJECT, "nothing betw"]
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)
    assert "right after your new password" in text
    assert "trusted network need no token, but they do need the new password" in text


def test_unknown_claims_no_new_token() -> None:
    later = NOW + timedelta(minutes=10)
    message = next_steps_messages.next_steps(
        a_reset(State.UNKNOWN, available_at=later, intent_at=NOW), FOLLOWED, NOW
    )
    text = read(message)
    assert message.text.startswith("Find out whether")
    assert "I don't know" in text
    assert "|14:15 UTC>: type `/reset-token`" in text
    assert "Done" not in text


def test_reported_claims_no_new_token_and_does_not_date_its_mail() -> None:
    reset = a_reset(State.REPORTED, intent_at=NOW)
    message = next_steps_messages.next_steps(reset, FOLLOWED, NOW)
    assert message.text == "Next steps, if you pressed the button in Salesforce (Production)"
    assert "or later" not in read(message)
    assert "or later" in steps(State.DONE, intent_at=NOW)


@pytest.mark.parametrize("place", Place)
def test_each_kind_of_program_is_told_where_its_token_goes(place: Place) -> None:
    followed = a_follow_up(an_item("Some job", place=place))
    assert f"▫️ *Some job*: not seen yet\nWhere it goes: {IN_PLACE[place]}" in steps(
        follow_up=followed
    )
    program = LOADER.model_copy(update={"name": "Some job", "place": place})
    impact = IMPACT.model_copy(update={"integrations": (program,)})
    assert f"• *Some job*: {IN_PLACE[place]}" in steps(follow_up=None, impact=impact)


def test_what_needs_no_token_is_not_listed() -> None:
    assert "Browser" not in steps(follow_up=None)


def test_a_list_of_programs_is_pointed_to() -> None:
    assert "in the order below" in steps()
    assert "in the order below" in steps(follow_up=None)
    assert "in the order below" not in steps(follow_up=a_follow_up())
    assert "in the order below" not in steps(follow_up=None, impact=NOTHING_SEEN)


def test_without_a_program_seen_it_watches_for_any_that_fails() -> None:
    text = steps(follow_up=a_follow_up())
    assert "I saw no program in the login history that may need the token." in text
    assert "I watch for any that fails." in text
    assert f"• Any other program that asks for a token: {IN_PLACE[Place.OTHER]}" in text
    assert NONE_SEEN in steps(follow_up=None, impact=NOTHING_SEEN)


@pytest.mark.parametrize(
    "text",
    [
        steps(follow_up=a_follow_up(history_known=False)),
        steps(follow_up=None, impact=UNREADABLE),
        steps(follow_up=None, impact=None),
    ],
)
def test_without_a_history_it_says_so(text: str) -> None:
    assert "I have no login history to name your programs." in text
    assert "I saw no program" not in text


def test_the_edit_needs_nothing_of_the_warning_which_is_no_longer_kept() -> None:
    assert steps(impact=None) == steps()


def test_no_email_says_what_to_check() -> None:
    text = read(next_steps_messages.no_email(a_reset(State.DONE), NOW, NOW))
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
    early = next_steps_messages.no_email(reset, NOW, NOW + timedelta(minutes=10))
    assert "Another reset is possible from <!date^" in read(early)
    assert "|14:15 UTC>" in read(early)
    assert not elements(early)
    late = next_steps_messages.no_email(reset, NOW, NOW)
    assert set(elements(late)) == {"reset.again"}


def test_no_email_promises_no_reset_while_it_looks_into_this_one() -> None:
    open_alert = a_reset(State.DONE, not_me_at=NOW)
    message = next_steps_messages.no_email(open_alert, NOW, NOW)
    assert "IT is looking at this account first" in read(message)
    assert "reset again" not in read(message)
    assert not elements(message)
    closed = open_alert.model_copy(update={"alert_closed_by": "U0ANN"})
    assert elements(next_steps_messages.no_email(closed, NOW, NOW))


def test_no_email_under_password_looks_for_the_link_first() -> None:
    reset = a_reset(State.DONE, method=ResetMethod.PASSWORD)
    text = read(next_steps_messages.no_email(reset, NOW, NOW))
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
    assert words in read(next_steps_messages.no_email(reset, NOW, NOW))
    assert words not in read(next_steps_messages.no_email(a_reset(State.DONE), NOW, NOW))


@pytest.mark.parametrize(
    ("method", "cost"),
    [
        (ResetMethod.TOKEN, "It makes any token mailed before useless."),
        (ResetMethod.PASSWORD, "It makes the password you have now and any token"),
    ],
)
def test_the_later_offer_says_what_another_reset_costs(method: ResetMethod, cost: str) -> None:
    message = next_steps_messages.offer_again(a_reset(State.DONE, method=method))
    assert cost in read(message)
    assert "If the mail has come, you need do nothing." in read(message)
    assert set(elements(message)) == {"reset.again"}
