"""What goes wrong at a read, for every kind of read alike."""

from sandbox.salesforce import faults
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    SalesforceError,
    Unavailable,
    Unexpected,
)

LASTING: list[tuple[faults.Fault, type[SalesforceError]]] = [
    (faults.status(503), Unavailable),
    (faults.status(429, retry_after=0), Unavailable),
    (faults.hang(), Unavailable),
    (faults.drop(), Unavailable),
    (faults.cut_off(), Unavailable),
    (faults.locked_row(), Unavailable),
    (faults.request_limit(), LimitReached),
    (faults.expired_session(), LoginRefused),
    (faults.html_unauthorized(), LoginRefused),
    (faults.odd_unauthorized(), LoginRefused),
    (faults.truncated(), Unexpected),
    (faults.to_login(), Unexpected),
]
"""Trouble that stays, and what it is called."""

PASSING = [
    faults.status(503),
    faults.status(429, retry_after=0),
    faults.drop(),
    faults.cut_off(),
    faults.html_unauthorized(),
    faults.odd_unauthorized(),
    faults.expired_session(),
    faults.late(0.2),
]
"""Trouble that is over at the next try."""
