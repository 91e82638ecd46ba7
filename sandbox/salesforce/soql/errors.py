"""Why a query is refused."""

from __future__ import annotations


class SoqlError(Exception):
    """A query that Salesforce would refuse, with its error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def malformed(message: str) -> SoqlError:
    """The query breaks the grammar, or a rule about aggregates."""
    return SoqlError("MALFORMED_QUERY", message)


def invalid_field(message: str) -> SoqlError:
    """A field doesn't exist, or can't be used so."""
    return SoqlError("INVALID_FIELD", message)
