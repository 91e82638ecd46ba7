from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from handlers import follow_up_messages
from handlers.failing_wording import lasting, meaning
from handlers.fitting import MOST_CHARACTERS, size
from handlers.follow_up import WORTH_TELLING, due_alerts
from handlers.message import Message
from handlers.next_steps_messages import next_steps
from handlers.token_places import IN_PLACE
from services.follow_ups.model import (
    HANDED_OVER,
    Alert,
    AlertKind,
    Ended,
    FollowUp,
    Item,
    ItemState,
)
from services.impact.model import Place, Way
from services.orgs import ResetMethod
from services.resets.model import Reset
from services.resets.states import State
from tests.unit.handlers.examples import APPROVERS, NOW, a_reset, read
from tests.unit.handlers.follow_up_examples import (
    ASIDE,
    FAILS,
    FOLLOW_UPS,
    OPEN,
    REFUSED,
    SOON,
    WORKS,
    a_follow_up,
    an_alert,
    an_item,
    ended,
)
from tests.unit.handlers.limits import check_message
from tests.unit.handlers.strategies import TIMES, resets

DONE = a_reset(State.DONE, intent_at=NOW)
NAMED = an_item("Robot", state=ItemState.FAILS, failing=(REFUSED,))
LOCKED = a_follow_up(OPEN, FAILS, locked_since=NOW)

ABOUT_ANY: dict[str, Callable[[Reset, FollowUp, datetime], Message]] = {
    "next_steps": next_steps,
    "failing_alert": lambda reset, follow_up, _: follow_up_messages.failing_alert(reset, follow_up),
    "locked_alert": follow_up_messages.locked_alert,
    "locked_card": follow_up_messages.locked_card,
}


@pytest.mark.parametrize("name", ABOUT_ANY)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(reset=resets(), follow_up=FOLLOW_UPS, now=TIMES)
def test_a_message_about_any_follow_up_is_one_that_slack_takes(
    name: str, reset: Reset, follow_up: FollowUp, now: datetime
) -> None:
    message = ABOUT_ANY[name](reset, follow_up, now)
    check_message(message)
    assert size(message.blocks) <= MOST_CHARACTERS
    assert "<!channel" not in f"{message.text} {read(message)}"
    assert "U0BOSS>" not in f"{message.text} {read(message)}".replace(
        f"<@{reset.requester.user_id}>", ""
    )


@pytest.mark.parametrize("name", ABOUT_ANY)
@pytest.mark.parametrize("state", ItemState)
@pytest.mark.parametrize("letter", ["&", "x", '"', "\N{PILE OF POO}"])
def test_the_most_and_longest_programs_fit(name: str, state: ItemState, letter: str) -> None:
    failing = tuple(
        REFUSED.model_copy(update={"status": letter * 80, "address": f"{n:02}" + letter * 62})
        for n in range(50)
    )
    items = [
        an_item(
            letter * 77 + f"{n:03}",
            client_version=letter * 80,
            state=state,
            place=list(Place)[n % len(Place)],
            failing=failing,
            more_failing=9,
            id=f"{n:032}",
        )
        for n in range(40)
    ]
    message = ABOUT_ANY[name](DONE, a_follow_up(*items, locked_since=NOW), SOON)
    check_message(message)
    assert size(message.blocks) <= MOST_CHARACTERS


def test_what_is_short_is_told_in_full() -> None:
    assert "`203.0.113.7`" in read(follow_up_messages.failing_alert(DONE, a_follow_up(FAILS)))


def test_a_failing_program_is_told_with_what_to_do() -> None:
    message = follow_up_messages.failing_alert(DONE, a_follow_up(OPEN, FAILS, WORKS))
    text = read(message)
    assert message.text == "Nightly sync fails to log in to Production"
    assert "*Nightly sync*: 3 failed logins from `203.0.113.7`, last seen <!date^" in text
    assert "Salesforce says “Invalid Password”." in text
    assert "It probably still sends the old token; a mistyped password looks the same." in text
    assert f"Where it goes: {IN_PLACE[Place.API_CLIENT]}" in text
    assert "put the new token into what fails, or pause it" in text
    assert "lock a user out after 3, 5 or 10 failed logins. I can't see which" in text
    assert "Data Loader" not in text
    assert "Workbench" not in text


def test_several_failing_programs_are_counted_and_the_first_five_named() -> None:
    failing = [an_item(f"Job {n}", state=ItemState.FAILS, failing=(REFUSED,)) for n in range(7)]
    message = follow_up_messages.failing_alert(DONE, a_follow_up(*failing))
    assert message.text == "7 programs fail to log in to Production"
    assert [f"*Job {n}*" in read(message) for n in range(7)] == [True] * 5 + [False] * 2
    assert "And 2 more." in read(message)


def test_after_the_password_method_both_are_put_in() -> None:
    reset = a_reset(State.DONE, method=ResetMethod.PASSWORD)
    text = read(follow_up_messages.failing_alert(reset, a_follow_up(FAILS)))
    assert "put the new password and token into what fails" in text
    assert "the old password or the old token" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Failed: API security token required", "It probably sent no token, or the old one."),
        ("LOGIN_MUST_USE_SECURITY_TOKEN", "It probably sent no token, or the old one."),
        ("Invalid Password", "probably still sends the old token"),
        ("invalid_grant", "probably still sends the old token"),
        ("Password Lockout", "probably locked out"),
        ("Restricted IP", "I can't tell whether the token is why."),
        ("Login blocked", "I can't tell whether the token is why."),
        ("", "I can't tell whether the token is why."),
    ],
)
def test_what_salesforce_says_is_explained_and_no_more_is_claimed(status: str, words: str) -> None:
    failing = REFUSED.model_copy(update={"status": status})
    assert words in meaning(FAILS.model_copy(update={"failing": (failing,)}), password=False)


def many_addresses(count: int, more: int = 0) -> Item:
    failing = [REFUSED.model_copy(update={"address": f"192.0.2.{n}"}) for n in range(count)]
    return FAILS.model_copy(update={"failing": tuple(failing), "more_failing": more})


def test_the_newest_five_addresses_are_named_and_the_rest_counted() -> None:
    text = read(follow_up_messages.failing_alert(DONE, a_follow_up(many_addresses(8))))
    assert [f"`192.0.2.{n}`" in text for n in range(8)] == [True] * 5 + [False] * 3
    assert "It fails from 3 more addresses too." in text
    one = read(follow_up_messages.failing_alert(DONE, a_follow_up(many_addresses(6))))
    assert "It fails from 1 more address too." in one


def test_the_dm_names_two_addresses() -> None:
    text = read(next_steps(DONE, a_follow_up(many_addresses(5)), SOON))
    assert [f"`192.0.2.{n}`" in text for n in range(5)] == [True] * 2 + [False] * 3
    assert "It fails from 3 more addresses too." in text


def test_addresses_that_arent_kept_make_the_count_a_least_one() -> None:
    text = read(follow_up_messages.failing_alert(DONE, a_follow_up(many_addresses(50, more=2))))
    assert "It fails from at least 47 more addresses too." in text


def test_an_alert_says_once_where_the_token_goes_for_a_kind_of_program() -> None:
    other = FAILS.model_copy(update={"name": "Other sync"})
    text = read(follow_up_messages.failing_alert(DONE, a_follow_up(FAILS, other)))
    assert text.count(IN_PLACE[Place.API_CLIENT]) == 1
    assert "Where it goes: as with *Nightly sync*." in text


@pytest.mark.parametrize("how", [Ended.TIME_IS_UP, Ended.ALL_DONE])
def test_an_alert_of_what_is_over_promises_nothing(how: Ended) -> None:
    going_on = read(follow_up_messages.failing_alert(DONE, a_follow_up(FAILS)))
    assert "I tick it off" in going_on
    assert "choose *Not mine*" in going_on
    over = read(follow_up_messages.failing_alert(DONE, ended(a_follow_up(FAILS), how)))
    assert "put the new token into what fails" in over
    assert "I've stopped looking" in over
    assert "tick" not in over
    assert "Not mine" not in over


def test_a_failure_without_an_address_is_told_as_that() -> None:
    item = FAILS.model_copy(update={"failing": (REFUSED.model_copy(update={"address": None}),)})
    text = read(follow_up_messages.failing_alert(DONE, a_follow_up(item)))
    assert "from an unknown address" in text
    assert "None" not in text


def test_a_lock_is_told_with_its_age_and_what_opens_it() -> None:
    text = read(follow_up_messages.locked_alert(DONE, LOCKED, NOW + timedelta(minutes=25)))
    assert "(25 minutes when I wrote this, at <!date^" in text
    order = ["1. Stop what fails first", "2. Ask an admin to unlock", "3. Put the new token into"]
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)
    assert "*Nightly sync*: 3 failed logins from `203.0.113.7`" in text
    assert "*Setup* → *Users* → your user → *Unlock*" in text
    assert "A reset of the password probably unlocks it too." in text
    assert "It may also unlock by itself" in text
    assert "may go on; I can't see that" in text


def test_a_lock_that_cant_be_read_is_not_said_to_last() -> None:
    inferred = LOCKED.model_copy(update={"lock_inferred": True})
    for message in (
        follow_up_messages.locked_alert(DONE, inferred, SOON),
        follow_up_messages.locked_card(DONE, inferred, SOON),
    ):
        assert message.text.endswith("was locked out")
        text = read(message)
        assert "At <!date^" in text
        assert "; I can't see whether it still is." in text
        assert "is locked out" not in text
        assert "when I wrote this" not in text


def test_a_lock_by_nobody_knows_whom_blames_nobody() -> None:
    follow_up = a_follow_up(OPEN, locked_since=NOW)
    for text in (
        read(follow_up_messages.locked_alert(DONE, follow_up, SOON)),
        read(follow_up_messages.locked_card(DONE, follow_up, SOON)),
    ):
        assert "I saw no program that I follow fail since the reset" in text
        assert "Data Loader" not in text


@pytest.mark.parametrize("state", [ItemState.NOT_MINE, ItemState.DISMISSED])
def test_a_lock_names_what_was_taken_off_the_list_and_fails(state: ItemState) -> None:
    aside = FAILS.model_copy(update={"state": state})
    follow_up = a_follow_up(aside, NAMED, locked_since=NOW)
    for text in (
        read(follow_up_messages.locked_alert(DONE, follow_up, SOON)),
        read(follow_up_messages.locked_card(DONE, follow_up, SOON)),
    ):
        assert "• *Nightly sync* (taken off the list): 3 failed logins" in text
        assert text.index("• *Robot*: 3 failed logins") < text.index("• *Nightly sync*")
        assert "I saw no program" not in text


def test_what_was_taken_off_the_list_and_is_quiet_is_no_culprit() -> None:
    follow_up = a_follow_up(ASIDE, locked_since=NOW)
    text = read(follow_up_messages.locked_card(DONE, follow_up, SOON))
    assert "I saw no program that I follow fail" in text
    assert "Old connector" not in text


def test_a_lock_while_the_logins_cant_be_read_claims_no_look_at_them() -> None:
    follow_up = a_follow_up(OPEN, locked_since=NOW, unreadable_since=NOW)
    text = read(follow_up_messages.locked_card(DONE, follow_up, SOON))
    assert "I can't read the logins since <!date^" in text
    assert "I saw no program" not in text


def test_its_card_names_person_user_org_reset_and_what_fails() -> None:
    message = follow_up_messages.locked_card(DONE, LOCKED, SOON)
    text = read(message)
    assert message.text == "The Salesforce user of <@U0ADA> in Production is locked out"
    for fact in (
        "<@U0ADA>",
        "Production",
        "`ada@acme.example`, id `005000000000001AAA`",
        "(15 minutes when I wrote this",
        "token only, through Salesforce's own page",
        f"`{DONE.id}`",
        "• *Nightly sync*: 3 failed logins from `203.0.113.7`",
        "*Setup* → *Users* → this user → *Unlock*",
        "`a…@acme.example`",
    ):
        assert fact in text


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_an_age_is_rounded_down(gone: timedelta, words: str) -> None:
    assert lasting(NOW, NOW + gone) == words


def due(follow_up: FollowUp, *alerts: Alert, at: datetime = SOON) -> list[int]:
    told = follow_up.model_copy(update={"alerts": alerts})
    return [alert.number for alert in due_alerts(told, at)]


def test_an_alert_is_told_while_it_is_true_and_new() -> None:
    failing, works = a_follow_up(FAILS), a_follow_up(WORKS)
    alert = an_alert(at=SOON)
    assert due(failing, alert) == [1]
    assert due(failing, alert, at=SOON + WORTH_TELLING) == [1]
    assert due(failing, alert, at=SOON + WORTH_TELLING + timedelta(seconds=1)) == []
    assert due(works, alert) == []


def test_a_lock_that_is_over_is_not_told() -> None:
    lock = an_alert(AlertKind.LOCKED)
    assert due(LOCKED, lock) == [1]
    assert due(a_follow_up(FAILS), lock) == []


def test_a_lock_speaks_for_what_fails_too() -> None:
    assert due(LOCKED, an_alert(), an_alert(AlertKind.LOCKED, 2)) == [2]


def test_only_the_newest_of_a_kind_is_told() -> None:
    assert due(a_follow_up(FAILS), an_alert(), an_alert(number=2)) == [2]


@pytest.mark.parametrize("why", sorted(HANDED_OVER))
@pytest.mark.parametrize("item", [FAILS, WORKS])
def test_a_newer_reset_speaks_for_itself_and_so_does_it(item: Item, why: Ended) -> None:
    over = ended(a_follow_up(item, locked_since=NOW), why)
    assert due(over, an_alert(), an_alert(AlertKind.LOCKED, 2)) == []


def test_a_person_who_mistypes_in_the_browser_is_told_of_a_lock_only() -> None:
    person = an_item("Browser", way=Way.BROWSER, state=ItemState.FAILS, failing=(REFUSED,))
    assert due(a_follow_up(person), an_alert()) == []
    assert "Browser" not in read(follow_up_messages.failing_alert(DONE, a_follow_up(person, FAILS)))
    locked = a_follow_up(person, locked_since=NOW)
    assert "• *Browser*: 3 failed logins" in read(
        follow_up_messages.locked_alert(DONE, locked, SOON)
    )


def test_the_card_calls_those_who_may_unlock() -> None:
    follow_up = a_follow_up(FAILS, locked_since=NOW)
    message = follow_up_messages.locked_card(DONE, follow_up, SOON, APPROVERS)
    assert message.text.startswith("<@U0ANN> <!subteam^S0HELPDESK> ")
    assert read(message).startswith("<@U0ANN> <!subteam^S0HELPDESK>\n*Locked out:*")
