from datetime import timedelta

import pytest

from handlers import containment_messages, step_outcomes
from services.cases.model import Case, Truth
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.unit.handlers.case_examples import (
    CASE_ID,
    CLOSING,
    DENIAL,
    HELD,
    OVERRIDE,
    UNFROZEN,
    a_case,
    a_contained_case,
    a_done_step,
    a_finished_plan,
    a_step,
)
from tests.unit.handlers.examples import NOW, elements, read


def shown(case: Case) -> str:
    return read(containment_messages.progress(case))


def line(kind: StepKind, state: StepState, **fields: object) -> str:
    step = a_step(kind, state, **fields)
    return step_outcomes.line(a_contained_case(step), step)


def test_while_it_runs_each_step_says_how_it_stands() -> None:
    text = shown(HELD)
    assert "▰▱▱▱▱▱ 1 of 6 steps have ended, 1 waiting for somebody" in text
    assert "✅ *Keep evidence:* kept: 412 rows." in text
    assert "⏳ *Freeze the user:* running since <!date^" in text
    assert "how it ends isn't known yet" in text
    assert "⏳ *End open sessions:* about to begin." in text
    assert "⏸ *Reset password and token:* waits until an approver has confirmed `a…@" in text
    assert "*What is true now*" not in text
    assert "Approved by <@U0IVAN>, <!date^" in text
    assert "“Spoke to her manager.”" in text


def test_the_address_is_confirmed_below_the_step_that_waits_for_it() -> None:
    buttons = elements(containment_messages.progress(HELD))
    assert buttons["breach.address"]["value"] == CASE_ID
    assert "breach.address" not in elements(containment_messages.progress(a_contained_case()))


def test_when_all_have_ended_it_says_what_was_read_back_and_when() -> None:
    message = containment_messages.progress(a_contained_case())
    text = read(message)
    assert "▰▰▰▰▰▰ 6 of 6 steps have ended" in text
    assert "the user is frozen: Salesforce refuses new logins. Read back at <!date^" in text
    assert "3 sessions ended. Read back: none left." in text
    assert "2 OAuth grants revoked. Read back: none left." in text
    assert "the old ones no longer work since <!date^" in text
    assert "*What is true now*, as Salesforce showed it <!date^" in text
    assert "• The user is frozen\n• No open session\n• No OAuth grant" in text
    buttons = elements(message)
    assert buttons["breach.evidence"]["value"] == CASE_ID
    assert "breach.retry" not in buttons


def test_what_could_not_be_read_back_is_unknown() -> None:
    blind = Truth(at=NOW, needs="Manage Users")
    text = shown(a_contained_case(truth=blind))
    assert "Whether the user is frozen couldn't be read" in text
    assert "Open sessions couldn't be read" in text
    assert "I lack the permission *Manage Users*." in text
    assert "*What is true now* isn't known" in shown(a_contained_case(truth=None))


def test_a_full_bar_does_not_pass_for_a_good_end() -> None:
    case = a_contained_case(
        a_step(StepKind.FREEZE, StepState.FAILED, code="last_admin"),
        a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout"),
    )
    assert containment_messages.progress(case).text.endswith(
        ": 6 of 6 steps have ended, 1 not done, 1 unknown."
    )


CLAIMS = {
    StepKind.EVIDENCE: ("kept",),
    StepKind.FREEZE: ("is frozen", "refuses new logins"),
    StepKind.SESSIONS: ("sessions ended", "none left"),
    StepKind.GRANTS: ("grants revoked", "none left"),
    StepKind.PASSWORD: ("no longer work", "mails a link for a new"),
    StepKind.UNFREEZE: ("can log in again",),
    StepKind.RENEW_PASSWORD: ("no longer work", "mails a link for a new"),
    StepKind.CHECK: ("What it shows",),
}


@pytest.mark.parametrize("state", sorted(set(StepState) - {StepState.DONE}))
@pytest.mark.parametrize("kind", StepKind)
def test_nothing_is_called_done_that_is_not(kind: StepKind, state: StepState) -> None:
    text = line(kind, state, code="read_timeout")
    for claim in CLAIMS[kind]:
        assert claim not in text
    assert "✅" not in text


@pytest.mark.parametrize("kind", StepKind)
def test_what_is_done_is_said_plainly(kind: StepKind) -> None:
    step = a_done_step(kind)
    text = step_outcomes.line(a_case(CaseState.CONTAINED, steps=(step,)), step)
    assert text.startswith("✅ ")
    assert any(claim in text for claim in CLAIMS[kind])


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (
            StepKind.FREEZE,
            {"code": "last_admin"},
            "not done: this is the last active admin that I can see",
        ),
        (
            StepKind.FREEZE,
            {"code": "not_frozen"},
            "read back, the user is not frozen",
        ),
        (
            StepKind.SESSIONS,
            {"code": "still_open", "count": 2, "left": 1},
            "not all of it done: read back afterwards, some are still there. 2 ended, 1 still",
        ),
        (
            StepKind.SESSIONS,
            {"code": "read_timeout", "count": 2},
            "(`read_timeout`). 2 ended. How many are left isn't known.",
        ),
        (
            StepKind.GRANTS,
            {"code": "INSUFFICIENT_ACCESS", "needs": "Customize Application"},
            (
                "my Salesforce user lacks a permission: *Customize Application* "
                "(`INSUFFICIENT_ACCESS`). None was revoked. Grant it, then try again."
            ),
        ),
        (
            StepKind.PASSWORD,
            {"code": "REQUEST_LIMIT_EXCEEDED"},
            (
                "has used up its Salesforce requests for now (`REQUEST_LIMIT_EXCEEDED`). "
                "Nothing was changed by it."
            ),
        ),
        (StepKind.PASSWORD, {"code": "http_502"}, "Salesforce didn't answer, or not in full"),
        (
            StepKind.PASSWORD,
            {"code": "brand_new_code"},
            "Salesforce gave an answer that I don't understand (`brand_new_code`). Nothing was",
        ),
        (StepKind.PASSWORD, {"code": "own_user"}, "I never touch it. Nothing was changed by it."),
        (StepKind.CHECK, {}, "not done."),
    ],
)
def test_a_failed_step_says_why_and_whether_anything_changed(
    kind: StepKind, fields: dict[str, object], said: str
) -> None:
    text = line(kind, StepState.FAILED, **fields)
    assert text.startswith("❌ ")
    assert said in text


def test_a_request_that_was_taken_but_shows_nothing_does_not_claim_that_nothing_changed() -> None:
    for code in ("not_frozen", "still_frozen"):
        assert "Nothing was changed" not in line(StepKind.FREEZE, StepState.FAILED, code=code)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"code": "read_timeout", "proof": "not_seen"},
            (
                "The request left, then: Salesforce didn't answer, or not in full "
                "(`read_timeout`). *Against it:* I looked in Salesforce right afterwards and saw "
                "no sign of it. *For it:* the request did leave"
            ),
        ),
        (
            {"code": "interrupted", "proof": "unreadable"},
            (
                "unknown whether it was done: I was stopped in the middle of it. "
                "*For or against it:* nothing. I couldn't read back."
            ),
        ),
        ({"code": "gave_up"}, "I tried several times and stopped. I haven't found out more."),
    ],
)
def test_an_unknown_step_shows_what_speaks_for_it_and_against(
    fields: dict[str, object], said: str
) -> None:
    step = a_step(StepKind.FREEZE, StepState.UNKNOWN, **fields)
    text = step_outcomes.line(a_contained_case(step, truth=None), step)
    assert text.startswith("❓ ")
    assert said in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (NOW + timedelta(seconds=1), "*For it:* Salesforce shows a password change <!date^"),
        (NOW - timedelta(days=9), "*Against it:* the last password change that Salesforce shows"),
    ],
)
def test_a_password_change_read_back_is_evidence(changed: object, said: str) -> None:
    step = a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout", proof="not_seen")
    truth = Truth.model_validate(
        {"at": NOW + timedelta(minutes=1), "last_password_change": changed}
    )
    assert said in step_outcomes.line(a_contained_case(step, truth=truth), step)


@pytest.mark.parametrize(
    ("kind", "is_frozen", "side"),
    [
        (StepKind.FREEZE, True, "*For it:* Salesforce shows the user frozen"),
        (StepKind.FREEZE, False, "*Against it:* Salesforce shows the user not frozen"),
        (StepKind.UNFREEZE, False, "*For it:* Salesforce shows the user not frozen"),
        (StepKind.UNFREEZE, True, "*Against it:* Salesforce shows the user frozen"),
    ],
)
def test_whether_the_user_is_frozen_now_is_evidence(
    kind: StepKind, is_frozen: bool, side: str
) -> None:
    step = a_step(kind, StepState.UNKNOWN, code="interrupted", proof="unreadable")
    truth = Truth(at=NOW + timedelta(minutes=1), is_frozen=is_frozen)
    assert side in step_outcomes.line(a_contained_case(step, truth=truth), step)


def test_an_address_that_has_changed_since_is_said_to() -> None:
    text = line(StepKind.PASSWORD, StepState.HELD, code="address_changed")
    assert "It isn't the address that was there when the card was written." in text
    assert "It isn't the address" not in line(StepKind.PASSWORD, StepState.HELD)


def test_a_reading_from_before_the_request_is_no_evidence() -> None:
    step = a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout", proof="not_seen")
    old = Truth(at=NOW - timedelta(minutes=1), last_password_change=NOW - timedelta(days=9))
    text = step_outcomes.line(a_contained_case(step, truth=old), step)
    assert "*Against it:* I looked in Salesforce right afterwards" in text


def test_each_step_that_may_be_tried_again_has_its_own_button() -> None:
    failed = a_step(StepKind.SESSIONS, StepState.FAILED, code="still_open", count=2, left=1)
    unknown = a_step(StepKind.PASSWORD, StepState.UNKNOWN, code="read_timeout")
    message = containment_messages.progress(a_contained_case(failed, unknown))
    buttons = [
        one
        for block in message.blocks
        if block["type"] == "actions"
        for one in block["elements"]  # type: ignore[attr-defined]  # blocks are plain JSON
        if one["action_id"] == "breach.retry"
    ]
    assert [one["value"] for one in buttons] == [failed.id, unknown.id]
    assert all("confirm" in one for one in buttons)
    assert "second link" in buttons[1]["confirm"]["text"]["text"]


def test_what_is_over_has_no_button_to_try_again() -> None:
    failed = a_step(StepKind.SESSIONS, StepState.FAILED, code="still_open")
    case = a_contained_case(failed).model_copy(update={"state": CaseState.CLOSED})
    assert "breach.retry" not in elements(containment_messages.progress(case))


@pytest.mark.parametrize(
    ("state", "fields", "said"),
    [
        (
            StepState.DONE,
            {"count": 0, "left": 0},
            "ended; how many I can't say, as I was stopped in the middle of it. Read back: none",
        ),
        (
            StepState.FAILED,
            {"count": 2, "left": 1, "code": "still_open"},
            "so how many were ended I can't say. 1 still there.",
        ),
        (StepState.FAILED, {"code": "read_timeout"}, "so how many were ended I can't say."),
    ],
)
def test_nothing_is_counted_where_a_worker_died_in_the_middle(
    state: StepState, fields: dict[str, object], said: str
) -> None:
    text = line(StepKind.SESSIONS, state, taken_over=True, **fields)
    assert said in text
    for untrue in ("there was none", "None was ended", "2 ended", ": not done"):
        assert untrue not in text


def test_evidence_that_was_kept_in_part_is_not_called_whole() -> None:
    text = line(StepKind.EVIDENCE, StepState.DONE, code="partly", count=3, needs="Manage Users")
    assert "kept in part: 3 rows; the rest couldn't be read. I lack *Manage Users*." in text


def test_a_freeze_that_was_not_read_back_is_not_claimed() -> None:
    text = line(StepKind.FREEZE, StepState.DONE, proof="unreadable")
    assert "Salesforce took the request. I couldn't read back whether the user is frozen" in text


def test_after_unfreezing_the_freeze_is_past() -> None:
    text = shown(UNFROZEN)
    assert "✅ *Freeze the user:* the user was frozen" in text
    assert "the user is frozen" not in text
    assert "the user is no longer frozen and can log in again. Read back" in text


def test_an_override_and_what_was_denied_stand_in_the_thread() -> None:
    case = a_case(
        CaseState.APPROVED,
        approvals=(OVERRIDE,),
        denial=DENIAL,
        address_confirmed=CLOSING,
        steps=(a_step(StepKind.FREEZE), a_step(StepKind.PASSWORD, StepState.SKIPPED)),
    )
    text = shown(case)
    assert "*Emergency override* by <@U0BEN>" in text
    assert "The rest denied by <@U0IRIS>" in text
    assert "Address confirmed by <@U0IRIS>" in text
    assert "\u2013 *Reset password and token:* left out." in text
    assert "▱ 0 of 1 steps have ended" in text


def test_a_planned_reset_contains_nothing() -> None:
    text = shown(a_finished_plan(StepState.DONE))
    assert "*Planned reset* of `sync@acme.example` in Production" in text
    assert "Containment" not in text
