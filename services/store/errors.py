"""What can go wrong when something is saved. Holds no text from Redis: it may quote a value."""

from datetime import datetime
from enum import StrEnum


class StoreUnavailableError(Exception):
    """Redis didn't answer, or refused to write. Whether it wrote is not known."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        """The name of the client's exception class, for the log."""


class NewerVersionError(Exception):
    """What is stored can't be read by this version: a newer one wrote it, or it is damaged.

    A job leaves it to a worker that can, and whoever pressed is asked to press again later.
    """


class StaleError(Exception):
    """Somebody else moved this reset first; read it again."""


class Hindrance(StrEnum):
    """What about the Salesforce user forbids a reset now."""

    BUSY = "busy"
    COOLING_DOWN = "cooling_down"
    UNDER_INVESTIGATION = "under_investigation"


class AccountHinderedError(Exception):
    """The Salesforce user can't be claimed."""

    def __init__(self, hindrance: Hindrance, until: datetime | None = None) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance
        self.until = until


class KnownError(Exception):
    """What was to be saved anew is there already; `item_id` names it."""

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class AccountTakenError(Exception):
    """Another case about the same Salesforce user is open; `case_id` names it."""

    def __init__(self, case_id: str) -> None:
        super().__init__(case_id)
        self.case_id = case_id


class QuotaError(Exception):
    """It was done too often lately; `until` is when once more is possible."""

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until
