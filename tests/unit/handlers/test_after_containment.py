from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from handlers import containment_messages
from handlers.case_wording import Told
from handlers.message import Message
from services.cases import policy
from services.cases.model import Case, CaseKind, Truth
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.unit.handlers.case_examples import (
    ALL_STEPS,
    CASE_ID,
    CLOSING,
    HELD,
    OVERRIDE,
    UNFROZEN,
    a_case,
    a_contained_case,
    a_done_step,
    a_finished_plan,
    a_step,
    a_target,
)
from tests.unit.handlers.case_strategies import cases
from tests.unit.handlers.examples import NOW, elements, read

LATER = NOW + timedelta(hours=1)


def next_steps(case: Case, told: Told = Told.BY_DM) -> Message:
    return containment_messages.next_steps(case, told)


def test_what_was_denied_is_not_promised_with_unfreezing() -> None:
    case = a_contained_case().model_copy(update={"denial": CLOSING})
    message = next_steps(case)
    (unfreeze,) = [one for one in elements(message).values() if one["text"]["text"] == "Unfreeze…"]
    assert unfreeze["confirm"]["text"]["text"].endswith("I unfreeze the user, and reset nothing.")
    assert "No reset goes with it" in read(message)
    assert "fresh reset" not in read(message)


def test_its_own_next_steps_say_what_a_reset_does_not_do() -> None:
    message = next_steps(a_contained_case())
    text = read(message)
    assert "I told <@U0ADA> (Ada Lovelace, `ada@acme.example`) in a direct message" in text
    assert "*Verify the person* in a way that an attacker can't answer" in text
    for leftover in ("OAuth apps", "a changed mail address", "forwarding rules"):
        assert leftover in text
    assert "*Find out what was taken.* I can't see that" in text
    assert "`docs/breach.md`" in text
    buttons = elements(message)
    assert {name: one["value"] for name, one in buttons.items()} == {
        "breach.unfreeze": CASE_ID,
        "breach.close": CASE_ID,
    }
    assert (
        "Only once you know by phone or in person"
        in (buttons["breach.unfreeze"]["confirm"]["text"]["text"])
    )
    assert "The user may still be frozen" in buttons["breach.close"]["confirm"]["text"]["text"]


def test_only_what_may_be_frozen_can_be_unfrozen() -> None:
    message = next_steps(UNFROZEN)
    assert set(elements(message)) == {"breach.close"}
    assert "Unfreeze" not in read(message)


def test_while_something_waits_the_next_steps_say_for_whom_and_close_nothing() -> None:
    message = next_steps(HELD)
    assert not elements(message)
    assert "press *Confirm the address…*" in read(message)
    assert "The buttons to go on come here once every step has ended." in read(message)
    waiting = a_case(
        target=a_target(is_admin=True),
        approvals=(OVERRIDE,),
        steps=(
            a_done_step(StepKind.FREEZE),
            a_step(StepKind.GRANTS, StepState.WAITING),
        ),
    )
    assert "*Get another approver* to the card: revoke OAuth grants." in read(next_steps(waiting))


def test_sso_has_to_be_ended_at_the_identity_provider() -> None:
    text = read(next_steps(a_contained_case(target=a_target(is_sso=True))))
    assert "a reset may not apply. Disable them at your identity provider." in text


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told.SLACK_SUSPECTED, "their Slack account may be in other hands too. Phone them"),
        (Told.NOT_IN_SLACK, "I couldn't find"),
        (Told.DM_REFUSED, "so they don't know yet. Phone them"),
    ],
)
def test_who_was_not_told_in_slack_is_told_another_way_with_this_text(told: Told, why: str) -> None:
    text = read(next_steps(a_contained_case(), told))
    assert why in text
    assert "I told <@U0ADA>" not in text
    assert "&gt; *Your Salesforce account in Production may be in other hands. Phone IT.*" in text
    assert "&gt; 1. Phone IT" in text


def test_who_was_told_needs_no_text() -> None:
    assert "&gt;" not in read(next_steps(a_contained_case()))


def person(case: Case) -> str:
    return read(containment_messages.told_person(case))


def test_the_person_is_told_what_happened_what_is_true_and_what_to_do() -> None:
    text = person(a_contained_case())
    assert "It was reported that somebody else may be using `ada@acme.example`" in text
    assert "IT decided to secure it." in text
    assert "• You can't log in to Salesforce: your user is frozen" in text
    assert "• You and your programs were logged out" in text
    assert "• Your password and your security token no longer work." in text
    assert "`a…@acme.example`" in text
    assert "1. Phone IT, on the number that you always use." in text
    assert "it may not work while you're frozen" in text
    assert "IT doesn't need your password or your token." in text


def test_a_password_that_waits_is_not_called_dead() -> None:
    text = person(HELD)
    assert "Your password has not been reset yet. IT first makes sure with you" in text
    assert "no longer work" not in text
    assert "frozen" not in text, "the freeze still runs"


def test_what_a_worker_that_died_may_have_ended_is_told_as_that() -> None:
    case = a_contained_case(
        a_step(StepKind.SESSIONS, StepState.FAILED, code="read_timeout", taken_over=True),
        a_step(StepKind.GRANTS, StepState.DONE, count=0, left=0, taken_over=True),
    )
    assert "• You and your programs may have been logged out of Salesforce." in person(case)
    assert "• Apps that you had approved may have to be approved again." in person(case)
    assert not policy.came_to_nothing(case)


def test_what_failed_or_is_unknown_is_told_as_that() -> None:
    case = a_contained_case(
        a_step(StepKind.FREEZE, StepState.FAILED, code="last_admin"),
        a_step(StepKind.SESSIONS, StepState.FAILED, code="http_403"),
        a_step(StepKind.GRANTS, StepState.FAILED, code="still_open", count=1, left=1),
        a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout"),
        truth=Truth(at=NOW, is_frozen=False),
    )
    text = person(case)
    assert "frozen" not in text
    assert "logged out" not in text
    assert "• Some apps that you had approved have to be approved again." in text
    assert "• I don't know whether your password was reset." in text
    assert "If a link from Salesforce came, follow it only once IT says so." in text
    failed = a_contained_case(
        *(a_step(kind, StepState.FAILED, code="http_403") for kind in ALL_STEPS),
        truth=None,
    )
    assert "• Your password was not reset." in person(failed)
    unknown = a_contained_case(
        a_step(StepKind.FREEZE, StepState.UNKNOWN, code="interrupted"), truth=None
    )
    assert "• Your user may be frozen, so you may not be able to log in." in person(unknown)


def test_a_second_reset_that_failed_does_not_undo_the_first() -> None:
    case = a_contained_case(a_step(StepKind.RENEW_PASSWORD, StepState.FAILED, code="http_403"))
    assert "• Your password and your security token no longer work." in person(case)
    assert "was not reset" not in person(case)


def test_after_unfreezing_the_person_can_log_in_again() -> None:
    text = person(UNFROZEN)
    assert "• Your user is no longer frozen: you can log in again with a new password." in text
    assert "You can't log in" not in text
    assert "*Your Salesforce user in Production is no longer frozen.*" in text
    assert "Follow Salesforce's link: only the newest one counts." in text
    assert "Phone IT" not in text
    undone = UNFROZEN.model_copy(update={"truth": Truth(at=LATER, is_frozen=True)})
    assert "may be in other hands. Phone IT.*" in person(undone)


def test_where_nothing_was_ended_the_person_is_told_of_nothing_ended() -> None:
    case = a_contained_case()
    assert "were logged out" in person(case)
    assert "have to be approved again" in person(case)
    none = tuple(one.model_copy(update={"count": 0}) for one in case.steps)
    text = person(case.model_copy(update={"steps": none}))
    assert "logged out" not in text
    assert "approved again" not in text


def test_where_every_step_failed_it_is_told_that_nothing_was_contained() -> None:
    case = a_case(
        CaseState.CONTAINED,
        approvals=(OVERRIDE,),
        steps=(
            a_step(StepKind.FREEZE, StepState.FAILED, code="http_403"),
            a_step(StepKind.SESSIONS, StepState.FAILED, code="http_403"),
        ),
    )
    text = read(next_steps(case, Told.NOTHING_DONE))
    assert "because nothing was done to their account" in text
    assert "*Nothing was contained:* nobody is kept out yet." in text
    assert "*Not done:* freeze the user, end open sessions. Press *Try again*" in text
    assert "&gt;" not in text
    partly = case.model_copy(update={"steps": (a_done_step(StepKind.GRANTS), *case.steps)})
    assert "Nothing was contained" not in read(next_steps(partly))
    assert "*Not done:* freeze the user" in read(next_steps(partly))


def test_before_anything_is_done_nothing_is_claimed() -> None:
    assert "• Nothing has been changed yet." in person(a_case())


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases(kind=CaseKind.BREACH))
def test_nobody_is_named_to_the_person(case: Case) -> None:
    message = containment_messages.told_person(case)
    assert "<@" not in f"{message.text}{read(message)}"


def test_the_reasons_of_a_report_are_not_for_the_person() -> None:
    text = person(a_contained_case())
    assert "Oslo" not in text
    assert "Spoke to her manager" not in text


def owner(case: Case) -> str:
    return read(containment_messages.told_owner(case))


def test_the_owner_is_told_what_is_dead_where_the_link_goes_and_what_breaks() -> None:
    text = owner(a_finished_plan(StepState.DONE))
    assert "*Password and token of `sync@acme.example` in Production no longer work, since" in text
    assert "IT planned this: “The yearly change of the secret.”" in text
    assert "`o…@acme.example`" in text
    assert "• *Data Loader*: with username and password" in text
    assert "pause the programs" in text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (StepState.FAILED, "were not reset."),
        (StepState.QUEUED, "have not been reset yet, as far as I know."),
        (StepState.UNKNOWN, "I don't know whether password and token"),
    ],
)
def test_the_owner_is_told_no_reset_that_nobody_knows_of(state: StepState, said: str) -> None:
    text = owner(a_finished_plan(state, code="read_timeout"))
    assert said in text
    assert "no longer work" not in text


def test_an_owner_who_was_not_told_is_phoned_with_this_text() -> None:
    text = read(next_steps(a_finished_plan(StepState.DONE), Told.DM_REFUSED))
    assert "Slack didn't take my message to the owner <@U0OLGA>, so they don't know yet" in text
    assert "&gt; *Password and token of `sync@acme.example`" in text
    assert "Verify the person" not in text
    assert set(elements(next_steps(a_finished_plan(StepState.DONE)))) == {"breach.close"}


def test_closing_is_somebodys_word_and_a_freeze_outlives_it() -> None:
    text = read(containment_messages.closed(a_contained_case(closed=CLOSING)))
    assert "*Closed* by <@U0IRIS>, <!date^" in text
    assert "They say that the person is verified and the account safe." in text
    assert "The user may still be frozen: unfreeze it in Salesforce." in text
    done = UNFROZEN.model_copy(update={"closed": CLOSING})
    assert "still be frozen" not in read(containment_messages.closed(done))
    plan = a_finished_plan(StepState.DONE).model_copy(update={"closed": CLOSING})
    assert "The planned reset is finished." in read(containment_messages.closed(plan))
