"""The states of a case and the one table of the moves between them."""

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands. The decision is here; each step has a state of its own."""

    PREPARING = "preparing"
    """Reported; whose account it is and what depends on it is being read."""
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    """Its steps run, or wait for something."""
    CONTAINED = "contained"
    """Every step has ended, well or not: each says how."""
    CLOSED = "closed"
    """Somebody of IT says that the person is verified and the account safe."""
    DENIED = "denied"
    REFUSED = "refused"
    """It could not become a case at all; whoever asked was told why."""
    MERGED = "merged"
    """Its report joined another case of the same account."""


class CaseMove(StrEnum):
    """What can happen to a case. Each is one audit row."""

    REPORT = "breach_report"
    REFUSE = "breach_refuse"
    PRESENT = "breach_present"
    MERGE = "breach_merge"
    JOIN = "breach_join"
    RENEW = "breach_renew"
    LOOK_UP = "breach_look_up"
    FIRST_APPROVE = "breach_first_approve"
    APPROVE = "breach_approve"
    DENY = "breach_deny"
    DENY_REST = "breach_deny_rest"
    OVERRIDE = "breach_override"
    OVERRIDE_PART = "breach_override_part"
    BEGIN_STEP = "breach_begin_step"
    END_STEP = "breach_end_step"
    CONFIRM_ADDRESS = "breach_confirm_address"
    RETRY = "breach_retry"
    UNFREEZE = "breach_unfreeze"
    FINISH = "breach_finish"
    CLOSE = "breach_close"


class IllegalCaseMoveError(Exception):
    """The table has no such move from this state."""


_S, _M = CaseState, CaseMove

_STEPPING = (_M.BEGIN_STEP, _M.END_STEP, _M.CONFIRM_ADDRESS, _M.RETRY, _M.JOIN)

TRANSITIONS: dict[tuple[CaseState, CaseMove], CaseState] = {
    (_S.PREPARING, _M.PRESENT): _S.AWAITING_APPROVAL,
    (_S.PREPARING, _M.MERGE): _S.MERGED,
    (_S.PREPARING, _M.REFUSE): _S.REFUSED,
    # What couldn't be read at first is presented again once it can.
    (_S.AWAITING_APPROVAL, _M.PRESENT): _S.AWAITING_APPROVAL,
    (_S.AWAITING_APPROVAL, _M.MERGE): _S.MERGED,
    # A planned reset that couldn't be read at first, and may not be asked for by now.
    (_S.AWAITING_APPROVAL, _M.REFUSE): _S.REFUSED,
    (_S.AWAITING_APPROVAL, _M.RENEW): _S.AWAITING_APPROVAL,
    **{(state, _M.LOOK_UP): state for state in (_S.AWAITING_APPROVAL, _S.APPROVED, _S.CONTAINED)},
    (_S.AWAITING_APPROVAL, _M.FIRST_APPROVE): _S.AWAITING_APPROVAL,
    (_S.AWAITING_APPROVAL, _M.APPROVE): _S.APPROVED,
    (_S.AWAITING_APPROVAL, _M.DENY): _S.DENIED,
    (_S.AWAITING_APPROVAL, _M.OVERRIDE): _S.APPROVED,
    # On an admin: what was begun alone runs while the rest still waits for somebody else.
    (_S.AWAITING_APPROVAL, _M.OVERRIDE_PART): _S.AWAITING_APPROVAL,
    (_S.AWAITING_APPROVAL, _M.DENY_REST): _S.APPROVED,
    **{(_S.AWAITING_APPROVAL, move): _S.AWAITING_APPROVAL for move in _STEPPING},
    **{(_S.APPROVED, move): _S.APPROVED for move in _STEPPING},
    (_S.APPROVED, _M.FINISH): _S.CONTAINED,
    (_S.CONTAINED, _M.RETRY): _S.APPROVED,
    (_S.CONTAINED, _M.UNFREEZE): _S.APPROVED,
    (_S.CONTAINED, _M.CLOSE): _S.CLOSED,
}

FIRST = CaseState.PREPARING
"""Where `CaseMove.REPORT` puts a new case."""

OPEN = frozenset({_S.PREPARING, _S.AWAITING_APPROVAL})
"""IT has still to decide."""

ENDED = frozenset({_S.CLOSED, _S.DENIED, _S.REFUSED, _S.MERGED})
"""Nothing more can happen to these."""


def after(state: CaseState, move: CaseMove) -> CaseState:
    """Where `move` leads from `state`.

    Raises:
        IllegalCaseMoveError: the table has no such move.
    """
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise IllegalCaseMoveError(f"{move} is no move from {state}") from None
