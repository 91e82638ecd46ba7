import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.states import (
    ENDED,
    FIRST,
    OPEN,
    TRANSITIONS,
    CaseMove,
    CaseState,
    IllegalCaseMoveError,
    after,
)

DECISIONS = {
    CaseMove.APPROVE,
    CaseMove.DENY,
    CaseMove.DENY_REST,
    CaseMove.OVERRIDE,
}
"""What somebody of IT has to press."""

STEPPING = {
    CaseMove.BEGIN_STEP,
    CaseMove.END_STEP,
    CaseMove.CONFIRM_ADDRESS,
    CaseMove.RETRY,
    CaseMove.UNFREEZE,
    CaseMove.FINISH,
}
HAS_STEPS = {CaseState.AWAITING_APPROVAL, CaseState.APPROVED, CaseState.CONTAINED}


def reached_from(start: CaseState) -> set[CaseState]:
    reached = {start}
    for _ in CaseState:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
    return reached


@given(st.sampled_from(CaseState), st.sampled_from(CaseMove))
def test_a_move_that_the_table_lacks_cannot_happen(state: CaseState, move: CaseMove) -> None:
    if (state, move) in TRANSITIONS:
        assert after(state, move) is TRANSITIONS[state, move]
    else:
        with pytest.raises(IllegalCaseMoveError):
            after(state, move)


def test_every_state_can_be_reached() -> None:
    assert reached_from(FIRST) == set(CaseState)


def test_every_move_is_in_the_table_but_the_one_that_makes_a_case() -> None:
    assert {move for _, move in TRANSITIONS} == set(CaseMove) - {CaseMove.REPORT}


def test_nothing_leaves_an_ended_state() -> None:
    assert not {state for state, _ in TRANSITIONS} & ENDED


def test_every_other_state_has_a_way_to_an_end() -> None:
    for start in set(CaseState) - ENDED:
        assert reached_from(start) & ENDED


def test_only_a_decision_leaves_a_case_that_waits_for_one() -> None:
    """But for what is found out about it later.

    It is about an account whose case is open already, or was asked for by nobody who may.
    """
    leaving = {
        move
        for (state, move), to in TRANSITIONS.items()
        if state is CaseState.AWAITING_APPROVAL and to is not state
    }
    assert leaving == DECISIONS | {CaseMove.MERGE, CaseMove.REFUSE}


def test_no_decision_is_made_where_none_is_waited_for() -> None:
    deciding = DECISIONS | {CaseMove.FIRST_APPROVE, CaseMove.OVERRIDE_PART}
    assert {state for state, move in TRANSITIONS if move in deciding} == {
        CaseState.AWAITING_APPROVAL
    }


def test_steps_move_only_where_a_case_may_have_some() -> None:
    assert {state for state, move in TRANSITIONS if move in STEPPING} == HAS_STEPS
    running = {state for state, move in TRANSITIONS if move is CaseMove.BEGIN_STEP}
    assert running == {CaseState.AWAITING_APPROVAL, CaseState.APPROVED}


def test_nothing_is_approved_before_it_stands_before_it() -> None:
    assert {to for (state, _), to in TRANSITIONS.items() if state is CaseState.PREPARING} == {
        CaseState.AWAITING_APPROVAL,
        CaseState.MERGED,
        CaseState.REFUSED,
    }


def test_what_was_approved_ends_only_by_being_closed() -> None:
    for state in (CaseState.APPROVED, CaseState.CONTAINED):
        assert reached_from(state) & ENDED == {CaseState.CLOSED}


def test_it_has_still_to_decide_until_a_decision_or_an_end() -> None:
    assert {FIRST, CaseState.AWAITING_APPROVAL} == OPEN
    assert not OPEN & ENDED
