"""The states of a reset and the one table of the moves between them."""

from enum import StrEnum


class State(StrEnum):
    """Where a reset stands."""

    PREPARING = "preparing"
    AWAITING_CHOICE = "awaiting_choice"
    AWAITING_USER = "awaiting_user"
    AWAITING_IT = "awaiting_it"
    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_PRESS = "awaiting_press"
    DONE = "done"
    REPORTED = "reported"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Move(StrEnum):
    """What can happen to a reset. Each is one audit row."""

    START = "start"
    ASK_CHOICE = "ask_choice"
    CHOOSE = "choose"
    OFFER = "offer"
    REFUSE = "refuse"
    ASK_IT = "ask_it"
    GO_AHEAD = "go_ahead"
    ASK_TO_WAIT = "ask_to_wait"
    CONFIRM = "confirm"
    OPEN_SALESFORCE = "open_salesforce"
    PRESSED = "pressed"
    CANCEL = "cancel"
    EXPIRE = "expire"
    RUN = "run"
    INTEND = "intend"
    FALL_BACK = "fall_back"
    SUCCEED = "succeed"
    FAIL = "fail"
    LOSE_SIGHT = "lose_sight"
    TELL = "tell"
    NO_EMAIL = "no_email"
    NOT_ME = "not_me"


class IllegalMoveError(Exception):
    """The table has no such move from this state."""


_S, _M = State, Move

TRANSITIONS: dict[tuple[State, Move], State] = {
    (_S.PREPARING, _M.ASK_CHOICE): _S.AWAITING_CHOICE,
    (_S.PREPARING, _M.OFFER): _S.AWAITING_USER,
    (_S.PREPARING, _M.REFUSE): _S.FAILED,
    (_S.PREPARING, _M.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_CHOICE, _M.CHOOSE): _S.PREPARING,
    (_S.AWAITING_CHOICE, _M.CANCEL): _S.CANCELLED,
    (_S.AWAITING_CHOICE, _M.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_USER, _M.ASK_IT): _S.AWAITING_IT,
    (_S.AWAITING_USER, _M.CONFIRM): _S.QUEUED,
    (_S.AWAITING_USER, _M.OPEN_SALESFORCE): _S.AWAITING_PRESS,
    (_S.AWAITING_USER, _M.CANCEL): _S.CANCELLED,
    (_S.AWAITING_USER, _M.EXPIRE): _S.EXPIRED,
    # IT's go-ahead reads everything afresh: hours may have passed since the warning.
    (_S.AWAITING_IT, _M.GO_AHEAD): _S.PREPARING,
    (_S.AWAITING_IT, _M.ASK_TO_WAIT): _S.AWAITING_IT,
    (_S.AWAITING_IT, _M.CANCEL): _S.CANCELLED,
    (_S.AWAITING_IT, _M.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_IT, _M.FAIL): _S.FAILED,
    (_S.QUEUED, _M.RUN): _S.RUNNING,
    (_S.RUNNING, _M.INTEND): _S.RUNNING,
    (_S.RUNNING, _M.FALL_BACK): _S.AWAITING_PRESS,
    (_S.RUNNING, _M.SUCCEED): _S.DONE,
    (_S.RUNNING, _M.FAIL): _S.FAILED,
    (_S.RUNNING, _M.LOSE_SIGHT): _S.UNKNOWN,
    (_S.AWAITING_PRESS, _M.PRESSED): _S.REPORTED,
    (_S.AWAITING_PRESS, _M.CANCEL): _S.CANCELLED,
    (_S.AWAITING_PRESS, _M.EXPIRE): _S.EXPIRED,
    **{
        (state, move): state
        for state in (_S.DONE, _S.REPORTED, _S.UNKNOWN)
        for move in (_M.TELL, _M.NO_EMAIL, _M.NOT_ME)
    },
}

FIRST = State.PREPARING
"""Where `Move.START` puts a new reset."""

FINISHED = frozenset(
    {_S.DONE, _S.REPORTED, _S.UNKNOWN, _S.FAILED, _S.CANCELLED, _S.EXPIRED},
)
"""No effect can follow from these."""

WITH_EFFECT = frozenset({_S.DONE, _S.REPORTED, _S.UNKNOWN})
"""The token has changed, or may have."""

WAITING = frozenset({_S.AWAITING_CHOICE, _S.AWAITING_USER, _S.AWAITING_IT, _S.AWAITING_PRESS})
"""The states with a deadline: somebody has to press something."""


def after(state: State, move: Move) -> State:
    """Where `move` leads from `state`.

    Raises:
        IllegalMoveError: the table has no such move.
    """
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise IllegalMoveError(f"{move} is no move from {state}") from None
