from datetime import timedelta

import pytest

from handlers.fitting import MOST_CHARACTERS, size
from handlers.next_steps_messages import next_steps
from handlers.where_it_goes import NONE_SEEN
from services.follow_ups.model import Ended, FollowUp, Item, ItemState
from services.impact.model import Verdict
from services.orgs import ResetMethod
from services.resets.states import State
from tests.unit.handlers.examples import NOW, a_reset, elements, read
from tests.unit.handlers.follow_up_examples import (
    ASIDE,
    FAILS,
    OPEN,
    SOON,
    WORKS,
    a_follow_up,
    an_item,
    ended,
    menus,
)

FOUR = a_follow_up(ASIDE, WORKS, OPEN, FAILS)


def steps(follow_up: FollowUp, method: ResetMethod = ResetMethod.TOKEN) -> str:
    return read(next_steps(a_reset(State.DONE, method=method), follow_up, NOW))


def test_each_program_is_shown_with_its_standing_what_hurts_first() -> None:
    text = steps(FOUR)
    lines = [
        "❌ *Nightly sync*: fails. 3 failed logins from `203.0.113.7`, last seen <!date^",
        "▫️ *Data Loader* 61.0: not seen yet",
        "✅ *Workbench*: logged in <!date^",
        "\u2013 *Old connector*: not yours",
    ]
    assert [text.index(line) for line in lines] == sorted(text.index(line) for line in lines)
    assert "Salesforce says “Invalid Password”.\nIt probably still sends the old token" in text


def test_what_isnt_settled_has_a_menu_with_ids_and_nothing_else() -> None:
    found = menus(next_steps(a_reset(State.DONE), FOUR, NOW))
    assert set(found) == {"❌ *Nightly sync*", "▫️ *Data Loader* 61.0"}
    for menu, item in zip(found.values(), (FAILS, OPEN), strict=True):
        assert menu["type"] == "overflow"
        assert menu["action_id"] == "follow.item"
        assert [(one["text"]["text"], one["value"]) for one in menu["options"]] == [
            ("Not mine", item.id),
            ("Don't follow this", item.dismiss_id),
        ]


def test_what_isnt_followed_is_shown_as_that() -> None:
    assert "\u2013 *Data Loader* 61.0: not followed" in steps(
        a_follow_up(OPEN.model_copy(update={"state": ItemState.DISMISSED}))
    )


def test_as_many_are_listed_as_fit_and_the_rest_is_counted() -> None:
    many = [an_item(f"Job {n:02}.") for n in range(20)]
    message = next_steps(a_reset(State.DONE), a_follow_up(WORKS, FAILS, *many, more=3), NOW)
    text = read(message)
    listed = text.count("▫️ *Job ")
    assert 8 <= listed <= 14
    assert f"And {21 - listed} more: {20 - listed} not seen yet, 1 working." in text
    assert "Not on this list: at least 3 more that may need the token." in text
    assert size(message.blocks) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.CANT_TELL, "I can't tell whether this reset touches it."),
        (Verdict.NOT_AFFECTED, "I saw it on trusted networks only."),
    ],
)
def test_a_doubt_is_told_beside_the_program(verdict: Verdict, words: str) -> None:
    assert words in steps(a_follow_up(an_item(verdict=verdict)))
    assert words not in steps(a_follow_up(an_item(verdict=Verdict.BREAKS)))


def test_that_a_trusted_network_needs_none_is_said_once() -> None:
    two = [an_item(name, verdict=Verdict.BREAKS_UNLESS_TRUSTED) for name in ("One", "Two")]
    assert steps(a_follow_up(*two)).casefold().count("trusted network") == 1


def test_a_program_that_the_warning_didnt_name_is_told_as_that() -> None:
    surprise = FAILS.model_copy(update={"surprise": True})
    assert "It wasn't in the warning." in steps(a_follow_up(surprise))
    assert "It wasn't in the warning." not in steps(a_follow_up(FAILS))


@pytest.mark.parametrize("version", [None, "", " ", "N/A", "Unknown"])
def test_a_version_that_isnt_known_is_left_out(version: str | None) -> None:
    assert "▫️ *Data Loader*: not seen yet" in steps(a_follow_up(an_item(client_version=version)))


def test_it_says_how_long_it_looks_and_names_no_next_time() -> None:
    followed = FOUR.model_copy(update={"until": NOW + timedelta(days=7)})
    assert "then less often, until <!date^" in steps(followed)
    assert "|10 June 2026>. I write to you when a program fails" in steps(followed)
    assert "then less often. I write to you" in steps(FOUR)
    later = followed.model_copy(update={"next_at": NOW + timedelta(days=2), "round": 5})
    assert steps(later) == steps(followed)


def test_logins_that_cant_be_read_are_told_with_what_it_has_to_grant() -> None:
    lost = FOUR.model_copy(update={"unreadable_since": NOW, "needs": "Manage Users"})
    assert "I can't read the logins, so I tick nothing off. I keep trying." in steps(lost)
    assert "For IT: my Salesforce user lacks the permission Manage Users." in steps(lost)
    assert "lacks the permission" not in steps(lost.model_copy(update={"needs": None}))


def test_a_lock_comes_first() -> None:
    text = steps(FOUR.model_copy(update={"locked_since": NOW}))
    assert text.startswith("*This Salesforce user is locked out*, since about <!date^")
    assert "ask an admin to unlock the user" in text.split("\n", 1)[0]


def test_a_lock_that_cant_be_read_is_not_said_to_last() -> None:
    text = steps(FOUR.model_copy(update={"locked_since": NOW, "lock_inferred": True}))
    assert text.startswith("*This Salesforce user was locked out* at <!date^")
    first = text.split("\n", 1)[0]
    assert "; I can't see whether it still is." in first
    assert "is locked out" not in first


def test_what_couldnt_be_listed_is_not_called_none() -> None:
    text = steps(a_follow_up(more=2))
    assert "I couldn't list any program by name. I watch for any that fails." in text
    assert "Not on this list: at least 2 more that may need the token." in text
    assert NONE_SEEN not in text
    assert NONE_SEEN in steps(a_follow_up())


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ((WORKS, WORKS), "Every program on the list works again. I've stopped looking."),
        ((WORKS, ASIDE), "Every program that I followed works again. I've stopped looking."),
    ],
)
def test_all_done_is_a_last_word_without_steps_or_menus(
    items: tuple[Item, ...], words: str
) -> None:
    message = next_steps(a_reset(State.DONE), ended(a_follow_up(*items), Ended.ALL_DONE), SOON)
    assert message.text == f"Production: {words}"
    assert read(message).startswith(f"*{words}*")
    assert "✅ *Workbench*" in read(message)
    assert "1. Find the mail" not in read(message)
    assert "I look within" not in read(message)
    assert menus(message) == {}
    assert set(elements(message)) == {"reset.no_email", "reset.not_me"}


def test_a_list_that_was_emptied_keeps_its_steps() -> None:
    text = steps(ended(a_follow_up(ASIDE), Ended.ALL_DONE))
    assert text.startswith("You took every program off the list, so I've stopped looking.")
    assert "1. Find the mail" in text
    assert "works again" not in text


def test_time_is_up_names_what_was_never_seen_and_what_still_fails() -> None:
    over = ended(FOUR, Ended.TIME_IS_UP)
    message = next_steps(a_reset(State.DONE), over, SOON + timedelta(days=9))
    first = read(message).split("\n", 1)[0]
    assert first.startswith("I stopped looking on <!date^")
    assert "Still failing then: Nightly sync." in first
    assert "Not seen since the reset: Data Loader. Try out each." in first
    assert "Workbench" not in first
    assert "locked out" not in first
    assert menus(message) == {}
    assert "I look within" not in read(message)


def test_time_is_up_while_locked_says_so() -> None:
    over = ended(FOUR.model_copy(update={"locked_since": NOW}), Ended.TIME_IS_UP)
    assert "The user was locked out then." in steps(over)


def test_time_is_up_knows_no_end_of_a_lock_that_cant_be_read() -> None:
    lock = {"locked_since": NOW, "lock_inferred": True}
    text = steps(ended(FOUR.model_copy(update=lock), Ended.TIME_IS_UP))
    assert "The user was locked out at <!date^" in text
    assert "I can't see whether it still is." in text
    assert "locked out then" not in text


def test_time_is_up_claims_nothing_of_what_it_couldnt_read() -> None:
    blind = FOUR.model_copy(
        update={"locked_since": NOW, "unreadable_since": NOW, "needs": "Manage Users"}
    )
    first = steps(ended(blind, Ended.TIME_IS_UP)).split("\n", 1)[0]
    assert "Since <!date^" in first
    assert "I couldn't read the logins, so I don't know what came after." in first
    assert "my Salesforce user lacks the permission Manage Users." in first
    assert "The user was locked out when I last could see it." in first
    assert "Still failing when I could last read: Nightly sync." in first
    assert "Not seen by then: Data Loader. Try out each." in first
    assert "since the reset" not in first
    assert " then." not in first


def test_all_done_claims_no_more_than_it_could_read() -> None:
    blind = a_follow_up(WORKS, ASIDE, unreadable_since=NOW)
    first = steps(ended(blind, Ended.ALL_DONE)).split("\n", 1)[0]
    assert "Every program that I followed worked when I could last read." in first
    assert "so I don't know what came after." in first
    assert "works again" not in first


def test_without_programs_time_is_up_promises_no_more() -> None:
    text = steps(ended(a_follow_up(), Ended.TIME_IS_UP))
    assert "the time for it was up." in text
    assert "I watch" not in text


def test_taken_over_points_to_the_newer_message_and_leads_nowhere_else() -> None:
    message = next_steps(a_reset(State.DONE), ended(FOUR, Ended.TAKEN_OVER), SOON)
    assert "Follow the newer message" in read(message)
    assert "1. Find the mail" not in read(message)
    assert "Nightly sync" not in read(message)
    assert menus(message) == {}
    assert set(elements(message)) == {"reset.not_me"}


def test_what_it_did_leaves_no_advice_that_may_be_wrong() -> None:
    message = next_steps(a_reset(State.DONE), ended(FOUR, Ended.IT_ACTED), SOON)
    assert "IT has acted on this Salesforce user since" in read(message)
    assert "may no longer hold" in read(message)
    assert "ask IT how to go on" in read(message)
    assert "1. Find the mail" not in read(message)
    assert "Nightly sync" not in read(message)
    assert menus(message) == {}
    assert set(elements(message)) == {"reset.not_me"}
