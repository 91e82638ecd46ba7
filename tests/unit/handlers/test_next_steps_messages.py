from datetime import timedelta

import pytest

from handlers import next_steps_messages
from handlers.token_places import IN_PLACE
from handlers.where_it_goes import NONE_SEEN
from services.follow_ups.model import Ended, FollowUp
from services.impact.model import Place
from services.orgs import ResetMethod
from services.resets.states import State
from tests.unit.handlers.examples import (
    IMPACT,
    LOADER,
    NOTHING_SEEN,
    NOW,
    UNREADABLE,
    a_reset,
    elements,
    read,
)
from tests.unit.handlers.follow_up_examples import OPEN, WORKS, a_follow_up, an_item, ended

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
    assert "any other that asks for it" in text
    assert "A login from a trusted network needs no token" in text
    assert "with an authenticator code in its place" in text
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
    assert "Each needs the new password all the same." in text
    assert "Each needs the new password" not in steps()


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


@pytest.mark.parametrize("state", OUTCOMES)
def test_once_all_is_done_a_mail_is_claimed_only_where_a_reset_is_known(state: State) -> None:
    over = ended(a_follow_up(WORKS), Ended.ALL_DONE)
    text = steps(state, over, intent_at=NOW)
    is_known = state is State.DONE
    assert ("it is only in the mail" in text) is is_known
    assert ("If none came, the old one probably still holds." in text) is not is_known


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
    assert "in every program below" in steps()
    assert "in every program below" in steps(follow_up=None)
    assert "in every program below" not in steps(follow_up=a_follow_up())
    assert "in every program below" not in steps(follow_up=None, impact=NOTHING_SEEN)


def test_without_a_program_seen_it_watches_for_any_that_fails() -> None:
    text = steps(follow_up=a_follow_up())
    assert "I saw no program in the login history that may need the token." in text
    assert "I watch for any that fails." in text
    assert "Do that in every program that asks for it." in text
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


def test_where_it_goes_is_said_once_for_each_kind_of_program() -> None:
    followed = a_follow_up(
        an_item("Loader A"), an_item("Robot", place=Place.API_CLIENT), an_item("Loader B")
    )
    text = steps(follow_up=followed)
    assert text.count(IN_PLACE[Place.DATA_LOADER]) == 1
    assert text.count(IN_PLACE[Place.API_CLIENT]) == 1
    assert "▫️ *Loader B*: not seen yet\nWhere it goes: as with *Loader A*." in text
