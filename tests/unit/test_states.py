import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.resets.states import (
    FINISHED,
    FIRST,
    TRANSITIONS,
    WAITING,
    WITH_EFFECT,
    IllegalMoveError,
    Move,
    State,
    after,
)


@given(st.sampled_from(State), st.sampled_from(Move))
def test_a_move_that_the_table_lacks_cannot_happen(state: State, move: Move) -> None:
    if (state, move) in TRANSITIONS:
        assert after(state, move) is TRANSITIONS[state, move]
    else:
        with pytest.raises(IllegalMoveError):
            after(state, move)


def test_every_state_can_be_reached() -> None:
    reached = {FIRST}
    while True:
        further = {to for (state, _), to in TRANSITIONS.items() if state in reached}
        if further <= reached:
            break
        reached |= further
    assert reached == set(State)


@given(st.lists(st.sampled_from(Move), max_size=40))
def test_nothing_leaves_a_finished_state(moves: list[Move]) -> None:
    state, finished = FIRST, None
    for move in moves:
        if (state, move) not in TRANSITIONS:
            continue
        state = after(state, move)
        if finished is not None:
            assert state is finished
        if state in FINISHED:
            finished = state


def test_every_unfinished_state_has_a_way_to_an_end() -> None:
    for start in set(State) - FINISHED:
        reached = {start}
        for _ in State:
            reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
        assert reached & FINISHED


def test_whoever_waits_for_a_person_can_expire_and_be_cancelled() -> None:
    for state in WAITING:
        assert after(state, Move.EXPIRE) is State.EXPIRED
        assert after(state, Move.CANCEL) is State.CANCELLED


def test_nothing_is_cancelled_or_expired_once_the_effect_may_run() -> None:
    for state in {State.QUEUED, State.RUNNING} | WITH_EFFECT:
        for move in (Move.CANCEL, Move.EXPIRE, Move.REFUSE):
            assert (state, move) not in TRANSITIONS


def test_an_intent_ends_only_in_an_outcome() -> None:
    """From `running`, nothing goes back to a state from which it would be run again."""
    ends = {to for (state, _), to in TRANSITIONS.items() if state is State.RUNNING}
    assert State.QUEUED not in ends
    assert State.PREPARING not in ends
