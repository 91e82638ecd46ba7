"""The integration user's session: fetched once, shared by all threads, renewed when refused."""

import copy
import threading
from collections.abc import Callable

from services.salesforce.assertion import Grant
from services.salesforce.errors import SalesforceError


class IntegrationSession:
    """Holds one grant; at most one exchange is under way at a time."""

    def __init__(self, exchange: Callable[[], Grant]) -> None:
        self._exchange = exchange
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._attempts = 0
        self._failure: SalesforceError | None = None

    def current(self) -> Grant:
        """Return the cached grant, or log in. Raises as `Signer.exchange` does."""
        return self._grant or self._log_in(None)

    def renew(self, stale: Grant) -> Grant:
        """Return a grant other than `stale`, which Salesforce refused."""
        return self._log_in(stale)

    def _log_in(self, stale: Grant | None) -> Grant:
        attempts = self._attempts
        with self._lock:
            if self._grant is not None and self._grant is not stale:
                return self._grant
            # One slow login must not be repeated by everyone who waited for it, in turn.
            if self._attempts != attempts and self._failure is not None:
                raise copy.copy(self._failure) from None
            self._grant = None
            self._attempts += 1
            try:
                self._grant = self._exchange()
            except SalesforceError as error:
                self._failure = copy.copy(error)
                raise
            self._failure = None
            return self._grant
