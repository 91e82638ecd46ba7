"""What can go wrong at Salesforce, in our own words.

No text from outside (URL, body, header) ever enters one of these; the edges raise them `from None`.
"""


class SalesforceError(Exception):
    """Any trouble with Salesforce; `code` is a short cause that is safe to log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Unavailable(SalesforceError):
    """Down, slow, a 5xx or a locked row: nothing was changed by us.

    `retry_after` is in seconds, where Salesforce named one.
    """

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class LimitReached(Unavailable):
    """The org has used up its API requests: `REQUEST_LIMIT_EXCEEDED`."""


class NotPermitted(SalesforceError):
    """Our user lacks a permission; `needs` names it in plain words ("Manage Users")."""

    def __init__(self, code: str, *, needs: str = "") -> None:
        super().__init__(code)
        self.needs = needs


class LoginRefused(SalesforceError):
    """The assertion was not exchanged for a session, or the session was refused twice."""


class NotFound(SalesforceError):
    """There is no such record, or our user can't see it."""


class Unexpected(SalesforceError):
    """An answer that makes no sense, before any effect."""


class PageRefused(SalesforceError):
    """The reset page can't be used. Raised before the submit only: nothing has changed."""


class OutcomeUnknown(SalesforceError):
    """A request that changes something has left, and what became of it isn't known."""
