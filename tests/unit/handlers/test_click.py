"""What listeners read from a payload: whatever was sent, reading a form never fails."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.click import Shortcut, option_chosen, options_chosen, person_chosen, typed
from services.resets.model import SlackUser

SHORTCUT: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "a.shortcut",
    "trigger_id": "1.2.abc",
    "user": {"id": "U0ADA00001", "name": "ada", "team_id": "T0OTHER0001"},
    "team": {"id": "T0ACME00001", "domain": "acme"},
    "channel": {"id": "C0GENERAL01", "name": "general"},
    "message_ts": "1700000000.000100",
    "message": {"user": "U0EVE00001", "ts": "1700000000.000100", "text": "the password is x"},
    "response_url": "https://hooks.slack.com/app/T1/1/x",
}
KEYS = ("value", "selected_user", "selected_option", "selected_options")
LEAVES = st.sampled_from([None, True, 7, "", "x", "x" * 200])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)


def around(inner: st.SearchStrategy[Any], *keys: str) -> st.SearchStrategy[Any]:
    """Something that may hold these keys, or be anything else."""
    return ANYTHING | st.fixed_dictionaries({}, optional=dict.fromkeys(keys, inner))


FIELDS = around(around(ANYTHING, *KEYS), "text", "user", "choice", "many")
STATES = around(around(FIELDS, "b"), "values")
VIEWS = st.fixed_dictionaries({}, optional={"state": STATES})


def view(action_id: str, held: object) -> dict[str, Any]:
    return {"state": {"values": {"b": {action_id: held}}}}


def test_a_shortcut_says_who_where_and_whose_but_not_what() -> None:
    shortcut = Shortcut.of(SHORTCUT)
    assert shortcut == Shortcut(
        person=SlackUser(user_id="U0ADA00001", team_id="T0OTHER0001"),
        callback_id="a.shortcut",
        trigger_id="1.2.abc",
        channel="C0GENERAL01",
        message_ts="1700000000.000100",
        author="U0EVE00001",
        response_url="https://hooks.slack.com/app/T1/1/x",
        team_domain="acme",
    )
    assert "password" not in repr(shortcut)


def test_a_shortcut_may_lack_author_team_and_response_url() -> None:
    body = SHORTCUT | {"team": None, "message": {"ts": "1.2", "bot_id": "B1"}}
    del body["response_url"]
    shortcut = Shortcut.of(body)
    assert (shortcut.author, shortcut.team_domain, shortcut.response_url) == (None, None, None)


def test_what_was_chosen_is_read() -> None:
    options = [{"value": "a"}, {"value": "b"}]
    assert person_chosen(view("user", {"selected_user": "U0EVE00001"}), "b") == "U0EVE00001"
    assert option_chosen(view("choice", {"selected_option": options[0]}), "b") == "a"
    assert options_chosen(view("many", {"selected_options": options}), "b") == ("a", "b")
    assert typed(view("text", {"value": "  leaked \n"}), "b", "text") == "leaked"


@pytest.mark.parametrize(
    "empty",
    [
        {},
        {"state": None},
        view("text", None),
        view("user", {"selected_user": None}),
        view("choice", {"selected_option": None}),
        view("many", {"selected_options": []}),
    ],
)
def test_what_was_left_empty_is_read_as_empty(empty: dict[str, Any]) -> None:
    assert person_chosen(empty, "b") is None
    assert option_chosen(empty, "b") == ""
    assert options_chosen(empty, "b") == ()
    assert typed(empty, "b", "text") == ""


def test_what_slack_would_not_let_through_is_left_out() -> None:
    assert person_chosen(view("user", {"selected_user": "U" * 65}), "b") is None
    assert option_chosen(view("choice", {"selected_option": {"value": "v" * 151}}), "b") == ""
    options = [{"value": "v" * 150}, {"value": "v" * 151}, {"value": 7}, "x", None, {}]
    assert options_chosen(view("many", {"selected_options": options}), "b") == ("v" * 150,)


@given(VIEWS)
def test_no_form_is_too_odd_to_be_read(odd: dict[str, Any]) -> None:
    read = [
        person_chosen(odd, "b") or "",
        option_chosen(odd, "b"),
        *options_chosen(odd, "b"),
        typed(odd, "b", "text"),
    ]
    assert {type(one) for one in read} == {str}
